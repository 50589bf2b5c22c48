"""The profile builder without script: every step is a form that was sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.deid.profile import Profile
from philae.deid.profile_file import load_profile
from philae.deid.profile_rules import CODENAMES
from philae.web.gateway import Gateway
from tests.support.datasets import part10
from tests.support.documents import document, node, to_folder
from tests.support.images import GREY, dataset, pixels
from tests.support.web import signed_in, web_gateway

WHOLE = """\
name: Whole
version: "2"
profileElements:
- {name: shifted, codename: action.on.dates, option: shift, arguments: {days: 3, seconds: 2}, tags: [StudyDate]}
- {name: kept, codename: action.on.specific.tags, action: K, tags: ["(0010,00XX)"], excludedTags: [PatientName]}
- {name: asked, codename: action.replace.api, arguments: {url: "https://a.example", responsePath: ""}, tags: [PatientID]}
- {name: told, codename: action.add.tag, arguments: {value: ""}, tags: [PatientComments], condition: "tagIsPresent(#Tag.Modality)"}
- name: written
  codename: expression.on.tags
  arguments:
    expr: |-
      stringValue == null ? Keep()
        : Replace('x')
  tags: [StudyDescription]
- {name: pixels, codename: clean.pixel.data}
- name: basic
  codename: basic.dicom.profile
  arguments: {options: [retain-uids, clean-descriptors]}
masks:
- {stationName: "*", color: ff0000, rectangles: [1 2 3 4], keep: [5 6 7 8]}
"""

Sent = list[tuple[str, str]]


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("builder")
    with web_gateway(folder, document(node(to_folder(folder / "out")))) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def sent(page: str, act: str, **typed: str) -> dict[str, list[str]]:
    """The builder's controls as a browser sends them, one of them changed, one button pressed."""
    form = re.search(r'<form id="builder".*?</form>', page, re.DOTALL)
    assert form is not None
    found: Sent = []
    for control in re.findall(r"<input[^>]*>|<textarea.*?</textarea>|<select.*?</select>", form[0], re.DOTALL):
        name = re.search(r'name="([^"]+)"', control)
        if name is None or 'type="file"' in control or ('type="checkbox"' in control and " checked" not in control):
            continue
        value = re.search(r'value="([^"]*)" selected' if control.startswith("<select") else r'value="([^"]*)"', control)
        area = re.search(r"<textarea[^>]*>(.*?)</textarea>", control, re.DOTALL)
        text = area[1] if area else value[1] if value else "on" if "checkbox" in control else ""
        found.append((name[1], unescape(text)))
    values: dict[str, list[str]] = {}
    for key, text in found:
        values.setdefault(key, []).append(text)
    return values | {key.replace("__", "."): [text] for key, text in typed.items()} | {"act": [act]}


def pressed(browser: TestClient, page: str, act: str, **typed: str) -> str:
    answer = browser.post("/profile/build", data=sent(page, act, **typed))
    assert answer.status_code in (200, 303), answer.text
    return answer.text


def written(page: str) -> str:
    """The YAML that the builder shows."""
    pre = re.search(r'<pre class="code numbered.*?</pre>', page, re.DOTALL)
    assert pre is not None
    return unescape(re.sub(r"<[^>]+>", "", pre[0]))


def opened(browser: TestClient, text: str = WHOLE) -> str:
    return browser.post("/profile/build", data={"act": "open", "text": text}).text


def stored(gateway: Gateway, name: str) -> Profile:
    profile = gateway.configurations.current().profile(name)
    assert profile is not None
    return load_profile(profile.text)


def names(page: str) -> list[str]:
    return [element.name for element in load_profile(written(page)).elements]


def test_a_profile_that_is_saved_as_it_was_opened_is_the_same(gateway: Gateway, anna: TestClient) -> None:
    pressed(anna, opened(anna), "save")

    assert stored(gateway, "Whole") == load_profile(WHOLE)


@pytest.mark.parametrize("codename", CODENAMES)
def test_every_codename_is_offered_and_has_a_form(anna: TestClient, codename: str) -> None:
    bare = opened(anna, "name: A\nprofileElements:\n- {name: k, codename: action.on.privatetags, action: K}\n")
    assert f'<option value="{codename}">' in bare

    page = pressed(anna, bare, "add:profileElements", codename=codename)

    assert f"codename: {codename}" in written(page)
    assert 'id="profileElements.1.name"' in page


def test_elements_move_are_copied_and_deleted(anna: TestClient) -> None:
    page = opened(anna)

    up = pressed(anna, page, "up:profileElements.1")
    copied = pressed(anna, page, "copy:profileElements.6")
    deleted = pressed(anna, page, "delete:profileElements.0")
    unmoved = pressed(anna, page, "up:profileElements.0")

    assert names(up)[:2] == ["kept", "shifted"]
    assert names(copied)[-2:] == ["basic", "basic"]
    assert names(deleted) == ["kept", "asked", "told", "written", "pixels", "basic"]
    assert names(unmoved) == names(page)


def test_the_order_of_the_form_is_the_order_of_the_profile(gateway: Gateway, anna: TestClient) -> None:
    values = sent(opened(anna), "save")
    values["profileElements"] = list(reversed(values["profileElements"]))

    anna.post("/profile/build", data=values)

    assert stored(gateway, "Whole").elements[0].name == "basic"


def test_a_new_element_comes_before_the_basic_profile_and_stands_open(anna: TestClient) -> None:
    page = pressed(anna, opened(anna), "add:profileElements", codename="replace.uid")

    assert names(page)[-2:] == ["Replace UIDs", "basic"]
    assert re.search(r'<details data-opened="profileElements\.6\.open" open>', page)


def test_faults_stand_at_their_fields_and_nothing_is_saved(gateway: Gateway, anna: TestClient) -> None:
    before = gateway.configurations.current().version
    typed = {"profileElements__0__arguments__days": "three", "profileElements__1__tags": "(0010,0010)\nnonsense"}

    answer = anna.post("/profile/build", data=sent(opened(anna), "save", **typed))

    assert answer.status_code == 422
    assert re.search(r'id="profileElements\.0\.arguments\.days-hint">[^<]*is no integer', answer.text)
    assert re.search(r'id="profileElements\.1\.tags-hint">[^<]*nonsense', answer.text)
    assert "nonsense</textarea>" in answer.text
    assert gateway.configurations.current().version == before


def test_the_yaml_follows_what_is_typed(anna: TestClient) -> None:
    fragment = anna.post("/profile/build/check", data=sent(opened(anna), "", profile_name="Other")).text

    assert load_profile(written(fragment)).name == "Other"
    assert "<html" not in fragment


def test_the_built_in_profile_is_the_beginning_of_one_s_own(anna: TestClient) -> None:
    page = anna.get("/profile/build", params={"name": "Dicom Basic Profile"}).text

    assert 'name="profile_name" type="text" value=""' in page
    assert "basic.dicom.profile" in written(page)


def test_a_mask_knows_the_equipment_of_the_sample(anna: TestClient) -> None:
    image = part10(dataset(GREY, pixels(GREY)))

    shown = anna.post("/profile/build/sample", files={"file": ("a.dcm", image)}).text
    told = dict(re.findall(r'name="(sample\.\w+)" value="([^"]*)"', shown))
    page = pressed(anna, opened(anna), "add:masks", **{key.replace(".", "__"): text for key, text in told.items()})

    assert "data:image/png;base64," in shown
    assert told["sample.stationName"] == "STATION"
    assert re.search(r"stationName: STATION\s+imageWidth: '62'\s+imageHeight: '48'", written(page))


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7", bytes(128) + b"DICM"])
def test_a_sample_that_is_no_image_is_refused_by_its_content(anna: TestClient, content: bytes) -> None:
    page = anna.post("/profile/build/sample", files={"file": ("a.dcm", content)}).text

    assert 'role="alert"' in page
    assert "base64" not in page


@pytest.mark.parametrize(
    "query,found",
    [
        ({"q": "birth date"}, "PatientBirthDate"),
        ({"q": "PatientNam"}, "(0010,0010)"),
        ({"q": "0010,0020"}, "PatientID"),
        ({"q": "60xx3000"}, "OverlayData"),
        ({"q": "(0009,1010)"}, "(0009,1010)"),
        ({"module": "patient-study"}, "PatientWeight"),
        ({"q": "Patient Comments", "module": "patient"}, "PatientComments"),
    ],
)
def test_tags_are_found_by_keyword_name_number_and_module(anna: TestClient, query: dict[str, str], found: str) -> None:
    assert found in anna.get("/profile/tags", params=query, headers={"hx-request": "true"}).text


def test_retired_attributes_are_found_by_those_who_ask(anna: TestClient) -> None:
    assert "OtherPatientIDs<" not in anna.get("/profile/tags?q=OtherPatientIDs").text
    assert "OtherPatientIDs<" in anna.get("/profile/tags?q=OtherPatientIDs&retired=true").text

"""One file before and after a profile, in a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin import before_after
from philae.admin.users import Role
from philae.web.gateway import Gateway
from tests.support.datasets import part10
from tests.support.documents import document, node, to_folder
from tests.support.images import GREY, dataset, pixels
from tests.support.web import signed_in, web_gateway

PATIENT = "HOSP-4711"
RENAMING = """
name: Renaming
profileElements:
- name: one
  codename: expression.on.tags
  arguments: {expr: "Replace('RESEARCH')"}
  tags: ["(0010,0020)"]
"""
EXCLUDING = """
name: Excluding
profileElements:
- name: nobody
  codename: expression.on.tags
  arguments: {expr: ExcludeInstance()}
  tags: [Modality]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("looking")


@pytest.fixture(scope="module")
def gateway(folder: Path) -> Iterator[Gateway]:
    with web_gateway(folder, document(node(to_folder(folder / "out")))) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


@pytest.fixture(scope="module")
def instance() -> bytes:
    made = dataset(GREY, pixels(GREY))
    made.PatientID, made.PatientName = PATIENT, "Muster^Anna"
    return part10(made)


def keep(browser: TestClient, gateway: Gateway, profile: str) -> None:
    version = str(gateway.configurations.current().version)
    answer = browser.post("/profile/save", data={"version": version, "text": profile})
    assert answer.status_code == 303, answer.text


def shown(browser: TestClient, content: bytes, **values: str) -> str:
    answer = browser.post("/profile/try", data={"project": "Trial", **values}, files={"file": ("a.dcm", content)})
    assert answer.status_code == 200, answer.text
    return re.sub(r"\s+", " ", answer.text)


def test_both_headers_stand_side_by_side_with_action_and_rule(anna: TestClient, instance: bytes) -> None:
    page = shown(anna, instance, pseudonym="ANON-1")

    (row,) = re.findall(r'<tr class="row-changed"><th scope="row"><span class="uid">\(0010,0020\).*?</tr>', page)
    assert f"<del>{PATIENT}</del>" in row
    assert "<ins>" in row
    assert "<strong>D</strong>" in row
    assert "PatientID" in row
    assert 'class="row-kept"' in page
    assert "ANON-1" in page


def test_the_image_is_shown_before_and_after(anna: TestClient, instance: bytes) -> None:
    page = shown(anna, instance)

    assert 'src="data:image/png;base64,iVBOR' in page


def test_a_frame_that_is_not_there_is_told_and_the_header_is_shown(anna: TestClient, instance: bytes) -> None:
    page = shown(anna, instance, frame="7")

    assert "there is no frame 7; the image has 1" in page
    assert PATIENT in page


def test_a_profile_is_tried_without_a_project(anna: TestClient, instance: bytes) -> None:
    page = shown(anna, instance, project="", profile="Basic")

    assert f"<del>{PATIENT}</del>" in page


def test_tag_morphing_applies_the_profile_and_nothing_else(gateway: Gateway, anna: TestClient, instance: bytes) -> None:
    keep(anna, gateway, RENAMING)

    page = shown(anna, instance, project="", profile="Renaming", way="morph")

    changed = re.findall(r'<tr class="row-(?!kept)(\w+)"><th scope="row"><span class="uid">(\S+?)</span>', page)
    assert changed == [("changed", "(0010,0020)")]
    assert "<ins>RESEARCH</ins>" in page
    assert "tag morphing leaves the pixels as they are" in page
    assert "original identifier would be left" not in page


def test_a_deflated_file_is_not_inflated_beyond_what_a_look_is_worth(
    anna: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(before_after, "LARGEST_PICTURE", 1000)
    deflated = part10(dataset(GREY, pixels(GREY)), "1.2.840.10008.1.2.1.99")

    answer = anna.post("/profile/try", data={"project": "Trial"}, files={"file": ("a.dcm", deflated)})

    assert answer.status_code == 422
    assert "it inflates to more than 1000 bytes" in answer.text


def test_an_instance_that_goes_nowhere_says_so(gateway: Gateway, anna: TestClient, instance: bytes) -> None:
    keep(anna, gateway, EXCLUDING)

    page = shown(anna, instance, profile="Excluding")

    assert "The instance goes nowhere." in page
    assert PATIENT not in page


@pytest.mark.parametrize(
    "content,words",
    [
        (b"", "choose a DICOM file"),
        (b"%PDF-1.7 report.dcm", "this is no DICOM file"),
        (bytes(128) + b"DICM", "this is no DICOM file"),
        (bytes(128) + b"DICM\x02\0\x10\0UI\x14\x001.2.840.10008.1.2.1\0" + b"\x08\0\x18\0UI\xff\xff1.2", "cannot be read"),
    ],
)  # fmt: skip
def test_what_is_no_instance_is_refused_by_its_content(anna: TestClient, content: bytes, words: str) -> None:
    answer = anna.post("/profile/try", data={"project": "Trial"}, files={"file": ("a.dcm", content)})

    assert answer.status_code == 422
    assert words in answer.text
    assert 'value="Trial" selected' in answer.text


@pytest.mark.parametrize("values", [{"project": ""}, {"project": "Nobody"}, {"project": "Trial", "frame": "0"}])
def test_what_cannot_be_chosen_is_told(anna: TestClient, instance: bytes, values: dict[str, str]) -> None:
    answer = anna.post("/profile/try", data=values, files={"file": ("a.dcm", instance)})

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


def test_nothing_is_kept_but_that_somebody_looked(
    gateway: Gateway, anna: TestClient, instance: bytes, folder: Path
) -> None:
    shown(anna, instance)

    _, event = gateway.audit.events(before=None, limit=1)[0]
    assert (event.actor, event.action, event.subject) == ("user anna", "before_after.shown", "Trial")
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept
    assert [path for path in kept if PATIENT.encode() in path.read_bytes()] == []


def test_only_who_may_configure_may_look(gateway: Gateway, instance: bytes) -> None:
    signed_in(gateway, Role.ADMIN, name="keeper")
    guest = signed_in(gateway, Role.USER, name="guest")

    assert guest.post("/profile/try", data={"project": "Trial"}, files={"file": ("a.dcm", instance)}).status_code == 403

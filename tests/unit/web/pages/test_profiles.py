"""Profiles in a browser: uploaded, described, compared with what they were."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from philae.config.built_in import BUILT_IN
from philae.config.configuration import Configuration
from philae.web.gateway import Gateway
from tests.support.documents import PROFILE, document, node, to_folder
from tests.support.web import signed_in, web_gateway

COMMENTED = "# ours\nname: Ours  # and nobody else's\nversion: '1'\nprofileElements:\n- {name: a, codename: basic.dicom.profile}\n"
FAULTY = """\
name: Mine
profileElements:
- name: fine
  codename: basic.dicom.profile
- name: "the 'second'"
  codename: action.on.specific.tags
  tags: [nonsense]
masks:
- rectangles: [1 2 3]
"""


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out")))) as gateway:
        yield gateway


@pytest.fixture
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


def current(gateway: Gateway) -> Configuration:
    return gateway.configurations.current()


def uploaded(browser: TestClient, content: bytes, version: int = 1) -> tuple[int, str]:
    answer = browser.post("/profile/save", data={"version": str(version)}, files={"file": ("a.yml", content)})
    return answer.status_code, answer.text


def test_a_dropped_file_becomes_a_profile_as_it_was_written(gateway: Gateway, anna: TestClient) -> None:
    status, _ = uploaded(anna, b"\xef\xbb\xbf" + COMMENTED.encode())

    assert status == 303
    profile = current(gateway).profile("Ours")
    assert profile is not None
    assert profile.text == COMMENTED


def test_every_fault_stands_at_its_element_and_line(gateway: Gateway, anna: TestClient) -> None:
    status, page = uploaded(anna, FAULTY.encode())

    assert status == 422
    first, second, mask = (part.split("</li>\n")[0] for part in page.split('<li class="list-group-item">')[1:])
    assert "in order" in first
    assert all(words in second for words in ("faulty", "<code>action</code>", "<code>tags[0]</code>", "Line 7"))
    assert "<code>stationName</code>" in mask
    assert "<code>rectangles[0]</code>" in mask
    assert current(gateway).version == 1


@pytest.mark.parametrize("content", [b"\xff\xfe\x00binary", b"%PDF-1.7", b"- a list", b"name: [", b"\x89PNG\r\n"])
def test_a_file_that_is_no_profile_is_refused_by_its_content(
    gateway: Gateway, anna: TestClient, content: bytes
) -> None:
    status, page = uploaded(anna, content)

    assert status == 422
    assert "Nothing was changed" in page
    assert current(gateway).version == 1


def test_a_new_name_and_version_leave_the_rest_as_written_and_projects_follow(
    gateway: Gateway, anna: TestClient
) -> None:
    sent = {"version": "1", "name": 'Re"search: 2', "profile_version": "3", "minimumKarnakVersion": "1.0.0"}

    answer = anna.post("/profile/describe?name=Basic", data=sent)

    assert answer.status_code == 303, answer.text
    assert [each.profile for each in current(gateway).projects] == ['Re"search: 2']
    (stored,) = current(gateway).profiles
    assert stored.name == 'Re"search: 2'
    assert 'version: "3"' in stored.text
    assert stored.text.endswith(PROFILE[PROFILE.index("profileElements") :])


def test_a_name_that_another_profile_has_is_refused(gateway: Gateway, anna: TestClient) -> None:
    uploaded(anna, COMMENTED.encode())

    answer = anna.post("/profile/describe?name=Ours", data={"version": "2", "name": "Basic", "profile_version": "1"})

    assert answer.status_code == 409
    assert "there is a profile &#39;Basic&#39; already" in answer.text


def test_the_built_in_profile_is_there_and_stays(gateway: Gateway, anna: TestClient) -> None:
    assert f">{BUILT_IN.name}</a>" in anna.get("/profiles").text
    assert anna.get("/profile/download", params={"name": BUILT_IN.name}).text == BUILT_IN.text

    deleted = anna.post("/profile/delete", params={"name": BUILT_IN.name}, data={"version": "1"})
    overwritten, _ = uploaded(anna, COMMENTED.replace("Ours", BUILT_IN.name).encode())

    assert (deleted.status_code, overwritten) == (409, 409)
    assert "it cannot be deleted" in deleted.text
    assert current(gateway).version == 1


def test_a_project_uses_the_built_in_profile(gateway: Gateway, anna: TestClient) -> None:
    assert f'<option value="{BUILT_IN.name}">' in anna.get("/project/new").text

    made = anna.post("/project/new", data={"version": "1", "name": "Second", "profile": BUILT_IN.name})

    assert made.status_code == 303, made.text
    assert "Second" in anna.get("/profile", params={"name": BUILT_IN.name}).text


def test_what_a_profile_said_before_is_listed_and_opens_again(gateway: Gateway, anna: TestClient) -> None:
    uploaded(anna, COMMENTED.encode())
    uploaded(anna, COMMENTED.replace("'1'", "'2'").encode(), version=2)

    page = anna.get("/profile/history?name=Ours").text

    assert page.index("<strong>2</strong>") < page.index("<strong>1</strong>")
    assert '<span class="diff-add">+version: &#39;2&#39;</span>' in page
    assert "nobody else&#39;s" in anna.post("/profile/new", data={"text": COMMENTED}).text

"""Conditions of destinations, and SOP classes to choose from."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from tests.support.datasets import make_dataset, new_uid, part10
from tests.support.web import signed_in, web_gateway

PART = {"hx-request": "true"}
IS_CT = "tagValueIsPresent(#Tag.Modality, 'CT')"


@pytest.fixture(scope="module")
def anna(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with web_gateway(tmp_path_factory.mktemp("conditions")) as gateway:
        yield signed_in(gateway, Role.ADMIN)


def tried(browser: TestClient, condition: str, content: bytes) -> str:
    sent = {"data": {"condition": condition}, "files": {"file": ("a.dcm", content)}}
    return browser.post("/destination/condition", headers=PART, **sent).text  # type: ignore[arg-type]


def test_a_fault_is_told_with_its_place_and_what_would_be_right(anna: TestClient) -> None:
    said = anna.get(
        "/destination/condition", params={"condition": "tagValueContans(#Tag.Modality, 'CT')"}, headers=PART
    )

    assert "Line 1, column 1" in said.text
    assert "did you mean tagValueContains()?" in said.text


def test_the_place_of_a_fault_is_pointed_at(anna: TestClient) -> None:
    said = anna.get("/destination/condition", params={"condition": "true and\nfalse or)"}, headers=PART).text

    assert "Line 2, column 9" in said
    assert "false or)\n        ^</pre>" in said


def test_what_can_be_understood_is_said_to_be(anna: TestClient) -> None:
    assert "can be understood" in anna.get("/destination/condition", params={"condition": IS_CT}, headers=PART).text
    assert anna.get("/destination/condition", headers=PART).text.strip() == ""


@pytest.mark.parametrize("modality,words", [("CT", "would be sent"), ("MR", "would be excluded")])
def test_a_file_tells_whether_it_would_be_sent(anna: TestClient, modality: str, words: str) -> None:
    assert words in tried(anna, IS_CT, part10(make_dataset(new_uid(), Modality=modality)))


@pytest.mark.parametrize("content", [b"", b"no DICOM at all", bytes(128) + b"DICM"])
def test_a_file_that_is_no_instance_is_refused_by_its_content(anna: TestClient, content: bytes) -> None:
    said = tried(anna, IS_CT, content)

    assert "invalid-feedback" in said
    assert "would be" not in said


def test_without_script_the_page_says_the_same(anna: TestClient) -> None:
    page = anna.get("/destination/condition", params={"condition": "true and"}).text

    assert "<h1" in page
    assert "ends too early" in page


@pytest.mark.parametrize(
    "meant,words", [("condition", "would be sent"), ("kheops_albums.1.condition", "not be shared")]
)
def test_of_several_conditions_in_a_form_the_one_beside_the_button_is_tried(
    anna: TestClient, meant: str, words: str
) -> None:
    conditions = {"condition": IS_CT, "kheops_albums.1.condition": IS_CT}
    images = {"condition": "CT", "kheops_albums.0.condition": "US", "kheops_albums.1.condition": "MR"}
    files = {f"{name}.file": ("a.dcm", part10(make_dataset(new_uid(), Modality=each))) for name, each in images.items()}

    said = anna.post("/destination/condition", headers=PART, data={**conditions, "try": meant}, files=files).text

    assert words in said


def test_the_condition_of_an_album_is_checked_while_it_is_written(anna: TestClient) -> None:
    said = anna.get("/destination/condition", params={"kheops_albums.0.condition": "true and"}, headers=PART).text

    assert "ends too early" in said


@pytest.mark.parametrize("query", ["ct image", "1.2.840.10008.5.1.4.1.1.2", "image CT"])
def test_sop_classes_are_found_by_words_of_their_name_and_by_uid(anna: TestClient, query: str) -> None:
    assert 'data-add-line="CT Image Storage"' in anna.get("/destination/sop-classes", params={"q": query}).text


def test_every_sop_class_that_is_offered_is_taken_by_a_destination(anna: TestClient) -> None:
    import re
    from html import unescape

    from philae.config.destination import _sop_class

    offered = re.findall(r'data-add-line="([^"]+)"', anna.get("/destination/sop-classes").text)

    assert len(offered) > 150
    assert all(_sop_class(unescape(name)).startswith("1.2.840.10008.") for name in offered)

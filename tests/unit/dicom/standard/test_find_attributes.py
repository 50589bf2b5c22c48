from __future__ import annotations

import pytest

from philae.dicom.standard.find_attributes import find_attributes
from philae.dicom.standard.iod import module_names, tags_of_module


def found(text: str, module: str = "", **more: bool) -> list[str]:
    return [each.keyword for each in find_attributes(text, module, most=20, **more)]


def test_what_begins_so_comes_first() -> None:
    assert found("PatientI")[0] == "PatientID"
    assert "PatientIdentityRemoved" in found("patienti")
    assert "IssuerOfPatientID" in found("PatientI")


@pytest.mark.parametrize(
    "text", ["date of birth", "birth date", "PatientBirthDate", "(0010,0030)", "00100030", "0010, 0030"]
)
def test_an_attribute_is_found_by_name_keyword_and_number(text: str) -> None:
    assert "PatientBirthDate" in found(text)


def test_repeating_groups_have_an_x_for_each_digit_that_differs() -> None:
    (overlay,) = find_attributes("60XX3000", most=5)

    assert (overlay.pattern, overlay.keyword, overlay.tag) == ("(60XX,3000)", "OverlayData", None)


def test_retired_attributes_are_only_shown_to_those_who_ask() -> None:
    assert "OtherPatientIDs" not in found("OtherPatientIDs")
    assert "OtherPatientIDs" in found("OtherPatientIDs", retired=True)


def test_a_module_lists_its_own_attributes() -> None:
    assert "PatientName" in found("", "patient")
    assert found("StudyDate", "patient") == []
    assert found("", "no-such-module") == []


def test_every_module_of_an_iod_has_attributes() -> None:
    assert len(module_names()) > 300
    assert 0x00100010 in tags_of_module("patient")


def test_no_command_or_file_meta_element_is_offered() -> None:
    assert found("AffectedSOPClassUID") == []
    assert "TransferSyntaxUID" not in found("TransferSyntaxUID")

from __future__ import annotations

import pytest

from philae.deid.errors import Fault, ProfileFaults
from philae.deid.profile_file import load_profile
from philae.web.forms.profile_faults import Place, parts_of, place_of

FAULTY = """\
profileElements:
- name: "it's [2] 'quoted' \\"twice\\""
  codename: action.on.dates
  option: shift
  arguments: {days: x, seconds: 1}
- {name: fine, codename: basic.dicom.profile}
masks: [{stationName: CT, rectangles: [nonsense]}]
"""


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ProfileFaults) as refused:
        load_profile(text)
    return refused.value.faults


def test_a_fault_leads_to_its_key_whatever_the_element_is_called() -> None:
    places = {place_of(fault) for fault in faults_of(FAULTY)}

    assert places == {
        Place(key="name"),
        Place("profileElements", 0, "arguments.days"),
        Place("masks", 0, "rectangles[0]"),
    }


def test_every_item_is_told_with_its_own_lines_and_faults() -> None:
    parts, general = parts_of(FAULTY, faults_of(FAULTY))

    assert [(part.line, [key for key, _ in part.faults]) for part in parts] == [
        (2, ["arguments.days"]),
        (6, []),
        (7, ["rectangles[0]"]),
    ]
    assert parts[0].text.splitlines()[-1] == "  arguments: {days: x, seconds: 1}"
    assert [fault.message for fault in general] == ["missing"]


@pytest.mark.parametrize("text", ["", "- a\n- list", "name: [", "profileElements: text", "\x00"])
def test_what_has_no_items_has_faults_all_the_same(text: str) -> None:
    parts, general = parts_of(text, faults_of(text))

    assert parts == ()
    assert general

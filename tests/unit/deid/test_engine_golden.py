"""Karnak's own vectors: equal with the compatibility switch, and else different only where it was decided so."""

from datetime import UTC, datetime
from typing import Any

import pytest

from philae.deid.elements import CATALOGUE
from philae.deid.engine import compile_profile
from philae.deid.errors import DeidError
from philae.deid.keys import parse_secret
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.splice import joined, splice
from philae.dicom.tags import parse_tag_pattern
from tests.support.golden import golden
from tests.support.trees import encoded, from_golden, parse, to_golden

NOW = datetime(2026, 7, 1, 12, 30, 15, 123456, tzinfo=UTC)
BUILT = {element.codename for element in CATALOGUE}
CREATION = ("00080012", "00080013")  # removed from the outputs of the vectors


def _profile(name: str, elements: list[dict[str, Any]]) -> Profile:
    return Profile(name, elements=tuple(_spec(element) for element in elements))


def _spec(element: dict[str, Any]) -> ElementSpec:
    return ElementSpec(
        name=element.get("name", "n"),
        codename=element["codename"],
        condition=element.get("condition"),
        action=element.get("action"),
        option=element.get("option"),
        arguments=tuple(element.get("arguments", {}).items()),
        tags=tuple(map(parse_tag_pattern, element.get("tags", ()))),
        excluded_tags=tuple(map(parse_tag_pattern, element.get("excludedTags", ()))),
    )


REFUSED = "add_private_no_vr"  # Karnak logs that nothing was added; here the profile does not compile
EXCLUDED = "exclude_instance"
UNREADABLE_DATE = "invalid_dt"  # Karnak's instance fails, spec Q8

MORPHS = golden("unit_test", "datasets")
SCENARIOS = [
    case for case in golden("running", "scenarios") if case["scenario"] not in (REFUSED, EXCLUDED, UNREADABLE_DATE)
]


def _morphed(case: dict[str, Any], *, compat_karnak: bool) -> list[list[Any]]:
    project = Project("PROJECT", parse_secret(case.get("key", "0" * 32)), compat_karnak=compat_karnak)
    instance = encoded(from_golden(case["input"]))
    plan = compile_profile(_profile("Profile", case["profile"]), project).morph(instance)
    return to_golden(parse(joined(instance.source, splice(instance, plan.edits))))


def _deidentified(case: dict[str, Any], *, compat_karnak: bool) -> list[list[Any]]:
    project = Project(case.get("project_name", "P"), parse_secret(case["secret"]), compat_karnak=compat_karnak)
    profile = case["profile"]
    compiled = compile_profile(_profile(profile["name"], profile["profileElements"]), project)
    instance = encoded(from_golden(case["input"]))
    if "pseudonym" not in case:
        plan = compiled.morph(instance)
        return to_golden(parse(joined(instance.source, splice(instance, plan.edits))))
    _, segments = compiled.apply(instance, pseudonym=case["pseudonym"], now=NOW)
    return [row for row in to_golden(parse(joined(instance.source, segments))) if row[0] not in CREATION]


def _ids(case: dict[str, Any]) -> str:
    return str(case.get("scenario") or case.get("name"))


def _scenario(name: str) -> dict[str, Any]:
    return next(case for case in golden("running", "scenarios") if case["scenario"] == name)


def test_every_codename_of_the_vectors_is_built() -> None:
    scenarios = [element for case in SCENARIOS for element in case["profile"]["profileElements"]]
    morphs = [element for case in MORPHS for element in case["profile"]]

    assert {element["codename"] for element in [*scenarios, *morphs]} <= BUILT


@pytest.mark.parametrize("compat_karnak", [True, False])
@pytest.mark.parametrize("case", MORPHS, ids=_ids)
def test_unit_vectors_are_reproduced_in_both_modes(case: dict[str, Any], compat_karnak: bool) -> None:
    assert _morphed(case, compat_karnak=compat_karnak) == to_golden(from_golden(case["output"]))


IN_BOTH_MODES: dict[str, dict[str, Any]] = {
    # spec Q1: Karnak adds to the first instance only
    "add_tags#2": {"00280302": "YES", "00570010": "KARNAK-PRIVATE", "00571000": "sample-project"},
    "add_blocked_by_earlier_element": {"00280302": "YES"},  # spec Q16
}


@pytest.mark.parametrize("case", SCENARIOS, ids=_ids)
def test_runs_of_karnak_are_reproduced_with_the_switch_on(case: dict[str, Any]) -> None:
    ours = _deidentified(case, compat_karnak=True)

    decided = IN_BOTH_MODES.get(_ids(case), {})
    assert [row for row in ours if row[0] not in decided] == to_golden(from_golden(case["output"]))
    assert {row[0]: row[2] for row in ours if row[0] in decided} == decided


RESOLVED_ON_THE_SEQUENCE: dict[str, Any] = {
    "00081110": None,
    "00081140": None,
    "00082112": None,
}  # spec Q4: X/Z and X/Z/U* of type 3
KEPT_CREATOR: dict[str, Any] = {"70530010": "Philips PET Private Group"}  # spec Q12
STRUCTURE_STAYS: dict[str, Any] = {
    "0040A730": [[["0040A040", "CS", "TEXT"], ["0040A160", "UT", "UNKNOWN"]]]
}  # spec Q4: D
OWN_NESTED_DATES: dict[str, Any] = {  # spec Q6
    "00400275": [
        [
            ["00080020", "DA", "20191229"],
            ["0020000D", "UI", "1.2.3.13"],
            ["00400002", "DA", "20191230"],
            ["00400007", "LO", "desc"],
            ["00400009", "SH", "SPS1"],
            ["00401001", "SH", "RP1"],
        ]
    ]
}

DATES_REMOVED = {"00280303": "REMOVED"}  # PS3.15 E.2: the Basic Profile says what became of dates
DATES_MODIFIED = {"00280303": "MODIFIED"}  # PS3.15 E.3.6

DECIDED: dict[str, dict[str, Any]] = {
    "basic_ct": RESOLVED_ON_THE_SEQUENCE | DATES_REMOVED,
    "keep_sequences": dict.fromkeys(("00081110", "00082112")) | DATES_REMOVED,
    "private_keep_patterns": RESOLVED_ON_THE_SEQUENCE | KEPT_CREATOR | DATES_REMOVED,
    "private_excluded": {},
    "specific_tags": RESOLVED_ON_THE_SEQUENCE | DATES_REMOVED,
    "first_match": {},
    "basic_sr": STRUCTURE_STAYS | DATES_REMOVED,
    "tag_morphing": {},
    "dates_shift_range_all": RESOLVED_ON_THE_SEQUENCE | DATES_MODIFIED,
    "add_then_basic": RESOLVED_ON_THE_SEQUENCE | DATES_REMOVED,
    "nested_dates": OWN_NESTED_DATES,
} | IN_BOTH_MODES


@pytest.mark.parametrize("case", SCENARIOS, ids=_ids)
def test_defaults_differ_from_karnak_only_where_it_was_decided(case: dict[str, Any]) -> None:
    ours = {row[0]: row[2] for row in _deidentified(case, compat_karnak=False)}
    theirs = {row[0]: row[2] for row in to_golden(from_golden(case["output"]))}

    different = {tag: ours.get(tag) for tag in {*ours, *theirs} if ours.get(tag) != theirs.get(tag)}

    assert different == DECIDED.get(_ids(case), {})


@pytest.mark.parametrize("compat_karnak", [True, False])
def test_an_excluded_instance_has_a_reason_and_no_output(compat_karnak: bool) -> None:
    case = _scenario(EXCLUDED)
    profile = _profile("Exclude", case["profile"]["profileElements"])
    project = Project("P", parse_secret(case["secret"]), compat_karnak=compat_karnak)

    plan = compile_profile(profile, project).plan(encoded(from_golden(case["input"])), pseudonym="PSEUDO-1", now=NOW)

    assert plan.excluded == case["abort_message"]
    assert plan.edits == ()


def test_a_private_element_without_a_vr_is_refused() -> None:
    case = _scenario(REFUSED)

    with pytest.raises(DeidError, match="argument vr"):
        compile_profile(_profile("No VR", case["profile"]["profileElements"]), Project("P", bytes(16)))


@pytest.mark.parametrize("compat_karnak", [True, False])
def test_a_date_time_that_cannot_be_read_goes_as_the_table_says(compat_karnak: bool) -> None:
    case = _scenario(UNREADABLE_DATE)

    tags = {row[0] for row in _deidentified(case, compat_karnak=compat_karnak)}

    assert "0008002A" in {row[0] for row in case["input"]}
    assert "0008002A" not in tags

"""Karnak's own vectors: equal with the compatibility switch, and else different only where it was decided so."""

from datetime import UTC, datetime
from typing import Any

import pytest

from philae.deid.elements import CATALOGUE
from philae.deid.engine import compile_profile
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
        action=element.get("action"),
        option=element.get("option"),
        arguments=tuple(element.get("arguments", {}).items()),
        tags=tuple(map(parse_tag_pattern, element.get("tags", ()))),
        excluded_tags=tuple(map(parse_tag_pattern, element.get("excludedTags", ()))),
    )


def _is_built(elements: list[dict[str, Any]]) -> bool:
    return all(element["codename"] in BUILT for element in elements)


MORPHS = [case for case in golden("unit_test", "datasets") if _is_built(case["profile"])]
SCENARIOS = [
    case
    for case in golden("running", "scenarios")
    if _is_built(case["profile"]["profileElements"]) and case["output"] is not None
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


def test_enough_vectors_concern_what_is_built() -> None:
    assert len(MORPHS) >= 5
    assert len(SCENARIOS) >= 8


@pytest.mark.parametrize("compat_karnak", [True, False])
@pytest.mark.parametrize("case", MORPHS, ids=_ids)
def test_unit_vectors_are_reproduced_in_both_modes(case: dict[str, Any], compat_karnak: bool) -> None:
    assert _morphed(case, compat_karnak=compat_karnak) == to_golden(from_golden(case["output"]))


@pytest.mark.parametrize("case", SCENARIOS, ids=_ids)
def test_runs_of_karnak_are_reproduced_with_the_switch_on(case: dict[str, Any]) -> None:
    assert _deidentified(case, compat_karnak=True) == to_golden(from_golden(case["output"]))


RESOLVED_ON_THE_SEQUENCE = {"00081110": None, "00081140": None, "00082112": None}  # spec Q4: X/Z and X/Z/U* of type 3
KEPT_CREATOR = {"70530010": "Philips PET Private Group"}  # spec Q12
STRUCTURE_STAYS = {"0040A730": [[["0040A040", "CS", "TEXT"], ["0040A160", "UT", "UNKNOWN"]]]}  # spec Q4: D

DECIDED: dict[str, dict[str, Any]] = {
    "basic_ct": RESOLVED_ON_THE_SEQUENCE,
    "keep_sequences": dict.fromkeys(("00081110", "00082112")),
    "private_keep_patterns": RESOLVED_ON_THE_SEQUENCE | KEPT_CREATOR,
    "private_excluded": {},
    "specific_tags": RESOLVED_ON_THE_SEQUENCE,
    "first_match": {},
    "basic_sr": STRUCTURE_STAYS,
    "tag_morphing": {},
}


@pytest.mark.parametrize("case", SCENARIOS, ids=_ids)
def test_defaults_differ_from_karnak_only_where_it_was_decided(case: dict[str, Any]) -> None:
    ours = {row[0]: row[2] for row in _deidentified(case, compat_karnak=False)}
    theirs = {row[0]: row[2] for row in to_golden(from_golden(case["output"]))}

    different = {tag: ours.get(tag) for tag in {*ours, *theirs} if ours.get(tag) != theirs.get(tag)}

    assert different == DECIDED.get(_ids(case), {})

"""A date and the time that goes with it stay one moment, whatever moves them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from philae.dicom.tags import parse_tag_pattern
from tests.support.engine import BASIC, SECRET, deidentified, instance, on_tags
from tests.support.trees import Element, encode, text

if TYPE_CHECKING:
    from tests.support.trees import Tree

DATE, MOMENT, TIME = 0x00080023, 0x0008002A, 0x00080033  # Content Date, Acquisition DateTime, Content Time
REFERENCED, CALIBRATION_TIME, CALIBRATION_DATE = 0x00081140, 0x0014407C, 0x0014407E
BASIC_TEXT_SR = "1.2.840.10008.5.1.4.1.1.88.11"  # has Content Date and Time of type 1, which get dummies
MODIFIED = ElementSpec(
    "basic", "basic.dicom.profile", arguments=(("options", "retain-longitudinal-modified-dates, retain-uids"),)
)
SHIFTED = ElementSpec(
    "dates", "action.on.dates", option="shift", arguments=(("days", "144"), ("seconds", "34225"))
)  # what the dummies of this patient move by
DUMMIES = on_tags("DDum", "(0008,0023)", "(0008,002A)", "(0008,0033)")
ON_MOMENT, ON_TIME = on_tags("DDum", "(0008,002A)"), on_tags("DDum", "(0008,0033)")
PAIR = [text(DATE, "DA", "20200615"), text(MOMENT, "DT", "20200615000500"), text(TIME, "TM", "000500")]
ALONE = {DATE: "20200123", TIME: "143435.000000"}
TOGETHER = {DATE: "20200122", TIME: "143435.000000"}


def engine(*elements: ElementSpec, **switches: Any) -> CompiledProfile:
    return compile_profile(Profile("Profile", elements=elements), Project("P", SECRET, **switches))


def told(elements: Tree) -> dict[int, str]:
    return {element.tag: element.value.decode().rstrip(" ") for element in elements if isinstance(element.value, bytes)}


def moved(compiled: CompiledProfile, *elements: Element, syntax: TransferSyntax = EXPLICIT_LE) -> dict[int, str]:
    out = deidentified(compiled, instance(*elements, sop_class=BASIC_TEXT_SR), syntax)
    return told([out[element.tag] for element in elements if element.tag in out])


def named(expression: str, *tags: str) -> ElementSpec:
    patterns = tuple(map(parse_tag_pattern, tags))
    return ElementSpec("named", "expression.on.tags", arguments=(("expr", expression),), tags=patterns)


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE], ids=lambda syntax: syntax.name)
@pytest.mark.parametrize(
    "rules",
    [(ON_MOMENT, BASIC), (DUMMIES,), (MODIFIED,), (SHIFTED,), (ON_TIME, SHIFTED), (ON_MOMENT, SHIFTED, BASIC)],
    ids=["Basic Profile", "DDum", "modified dates", "shift", "a rule each", "shift, Basic Profile"],
)
@pytest.mark.parametrize("time", ["000500", "093024", "093026", "2359"])
def test_date_and_time_stay_the_moment_that_a_date_time_tells(
    rules: tuple[ElementSpec, ...], time: str, syntax: TransferSyntax
) -> None:
    pair = [text(DATE, "DA", "20200615"), text(MOMENT, "DT", f"20200615{time}"), text(TIME, "TM", time)]

    out = moved(engine(*rules), *pair, syntax=syntax)

    assert out[DATE] + out[TIME] == out[MOMENT]


@pytest.mark.parametrize("undefined", [False, True])
def test_they_do_so_in_items_each_with_its_own_time(undefined: bool) -> None:
    early, late = PAIR, [text(DATE, "DA", "20200615"), text(TIME, "TM", "120000")]
    tree = instance(*late, Element(REFERENCED, "SQ", [early, late, PAIR[:1]]))

    out = deidentified(engine(DUMMIES), tree, undefined=undefined)

    items = out[REFERENCED].value
    assert isinstance(items, list)
    assert [told(item)[DATE] for item in items] == ["20200122", "20200123", "20200123"]
    assert told([out[DATE]]) == {DATE: "20200123"}


def test_they_do_so_where_a_sequence_says_nothing_any_more_and_in_unknown_bytes() -> None:
    item = [*PAIR, text(0x0040A13A, "DT", "20200615000500")]
    content = encode([Element(0x0040A730, "SQ", [[PAIR[0], PAIR[2]]])], IMPLICIT_LE)[8:]
    tree = instance(Element(0x0040A730, "UN", content), sop_class=BASIC_TEXT_SR)

    whole = deidentified(engine(BASIC), instance(Element(0x0040A730, "SQ", [item]), sop_class=BASIC_TEXT_SR))
    unknown = deidentified(engine(on_tags("DDum", "(0040,A730)")), tree)

    items, raw = whole[0x0040A730].value, unknown[0x0040A730].value
    assert isinstance(items, list)
    out = told(items[0])
    assert out[DATE] + out[TIME] == out[0x0040A13A]
    assert isinstance(raw, bytes)
    assert b"20200122" in raw


def test_they_do_so_where_their_vr_was_not_known() -> None:
    pair = [Element(DATE, "UN", b"20200615"), Element(TIME, "UN", b"000500")]

    assert moved(engine(DUMMIES), *pair) == TOGETHER


def test_a_time_that_comes_before_its_date_takes_it_along() -> None:
    pair = [text(CALIBRATION_TIME, "TM", "000500"), text(CALIBRATION_DATE, "DA", "20200615")]

    out = moved(engine(on_tags("DDum", "(0014,40xx)")), *pair)

    assert out == {CALIBRATION_TIME: "143435.000000", CALIBRATION_DATE: "20200122"}


@pytest.mark.parametrize(
    "first, expected",
    [
        (on_tags("K", "(0008,0033)"), {DATE: "20200123", TIME: "000500"}),
        (on_tags("X", "(0008,0033)"), {DATE: "20200123"}),
        (on_tags("Z", "(0008,0033)"), {DATE: "20200123", TIME: ""}),
        (named("Replace('120000')", "(0008,0033)"), {DATE: "20200123", TIME: "120000"}),
        (named("tagIsPresent(#Tag.Modality) ? Keep() : null", "(0008,0033)"), TOGETHER),
        (named("tagIsPresent(#Tag.PatientID) ? Keep() : null", "(0008,0033)"), {DATE: "20200123", TIME: "000500"}),
    ],
    ids=["kept", "removed", "emptied", "replaced", "left to the next rule", "kept by an expression"],
)
@pytest.mark.parametrize("rule", [DUMMIES, SHIFTED], ids=["DDum", "shift"])
def test_a_date_whose_time_does_not_move_moves_by_whole_days(
    first: ElementSpec, rule: ElementSpec, expected: dict[int, str]
) -> None:
    assert moved(engine(first, rule), PAIR[0], PAIR[2]) == expected


@pytest.mark.parametrize(
    "first, expected",
    [
        (on_tags("K", "(0008,0023)"), "20200615"),
        (on_tags("X", "(0008,0023)"), None),
        (on_tags("Z", "(0008,0023)"), ""),
        (named("Replace('19000101')", "(0008,0023)"), "19000101"),
    ],
    ids=["kept", "removed", "emptied", "replaced"],
)
@pytest.mark.parametrize("rule", [DUMMIES, SHIFTED], ids=["DDum", "shift"])
def test_a_time_whose_date_does_not_move_wraps_within_its_day(
    first: ElementSpec, rule: ElementSpec, expected: str | None
) -> None:
    out = moved(engine(first, rule), PAIR[0], PAIR[2])

    assert out == ({} if expected is None else {DATE: expected}) | {TIME: "143435.000000"}


@pytest.mark.parametrize("rule", [DUMMIES, SHIFTED], ids=["DDum", "shift"])
def test_a_date_or_time_without_the_other_moves_alone(rule: ElementSpec) -> None:
    assert moved(engine(rule), PAIR[0]) == {DATE: "20200123"}
    assert moved(engine(rule), PAIR[2]) == {TIME: "143435.000000"}
    assert moved(engine(DUMMIES), PAIR[0], text(TIME, "TM", "soon")) == {DATE: "20200123", TIME: ""}


@pytest.mark.parametrize("switch", [{"compat_karnak": True}, {"time_shift": "independent"}])
@pytest.mark.parametrize("rule", [DUMMIES, SHIFTED], ids=["DDum", "shift"])
def test_karnaks_times_wrap_without_their_date(rule: ElementSpec, switch: dict[str, Any]) -> None:
    assert moved(engine(rule, **switch), PAIR[0], PAIR[2]) == ALONE


def test_dummies_of_date_times_keep_their_offset() -> None:
    out = moved(engine(DUMMIES), text(MOMENT, "DT", "20200615000500.5+0200"))

    assert out == {MOMENT: "20200122143435.500000+0200"}

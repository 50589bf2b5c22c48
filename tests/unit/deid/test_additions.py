"""What a profile adds to instances that lack it."""

from __future__ import annotations

import pytest

from philae.deid.errors import DeidError
from philae.deid.profile import ElementSpec
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from philae.dicom.tags import parse_tag_pattern
from tests.support.engine import BASIC, CT, NOW, deidentified, engine, instance, morphed, on_private, on_tags
from tests.support.trees import Element, encoded, text

ANNOTATION, COMMENTS = 0x00280301, 0x00104000


def add(tag: str, value: str, *, condition: str | None = None) -> ElementSpec:
    return ElementSpec(
        "Add", "action.add.tag", condition, arguments=(("value", value),), tags=(parse_tag_pattern(tag),)
    )


def add_private(tag: str, value: str, creator: str = "", vr: str = "LO") -> ElementSpec:
    arguments = (("value", value), ("vr", vr), ("privateCreator", creator))
    return ElementSpec("Add", "action.add.private.tag", arguments=arguments, tags=(parse_tag_pattern(tag),))


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE])
def test_attributes_come_where_they_belong_in_any_syntax(syntax: TransferSyntax) -> None:
    compiled = engine(add("PatientComments", "seen"), add("(0028,0301)", "NO"), add("SamplesPerPixel", "3"), BASIC)
    tree = instance(text(0x00080060, "CS", "CT"), Element(0x7FE00010, "OW", b"\1\2"))

    out = deidentified(compiled, tree, syntax)

    assert list(out) == sorted(out)
    assert (out[COMMENTS], out[ANNOTATION]) == (text(COMMENTS, "LT", "seen"), text(ANNOTATION, "CS", "NO"))
    assert out[0x00280002].value == (b"\0\3" if syntax.big_endian else b"\3\0")


def test_every_instance_gets_it() -> None:
    compiled = engine(add("PatientComments", "seen"))

    assert all(COMMENTS in deidentified(compiled, instance()) for _ in range(3))


def test_what_is_there_stays_and_is_treated_as_before() -> None:
    compiled = engine(add("PatientComments", "seen"), on_tags("Z", "PatientComments"))

    out = deidentified(compiled, instance(text(COMMENTS, "LT", "mine")))

    assert out[COMMENTS] == text(COMMENTS, "LT", "")


def test_the_first_of_two_additions_counts() -> None:
    out = deidentified(engine(add("PatientComments", "one"), add("PatientComments", "two")), instance())

    assert out[COMMENTS] == text(COMMENTS, "LT", "one")


@pytest.mark.parametrize("sop_class", [CT, "1.2.3"])
def test_what_the_sop_class_lacks_is_not_added_and_told(sop_class: str) -> None:
    compiled = engine(add("EnergyWindowName", "x"), BASIC)

    plan = compiled.plan(encoded(instance(sop_class=sop_class)), pseudonym="P", now=NOW)

    assert 0x00540018 not in {edit.cause.tag for edit in plan.edits}
    (warning,) = plan.warnings
    assert "(0054,0018)" in warning


def test_a_condition_decides_for_each_instance() -> None:
    compiled = engine(add("PatientComments", "seen", condition="tagIsPresent(#Tag.Modality)"))

    assert COMMENTS in deidentified(compiled, instance(text(0x00080060, "CS", "CT")))
    assert COMMENTS not in deidentified(compiled, instance())


def test_default_attributes_are_never_added_twice() -> None:
    out = deidentified(engine(add("PatientIdentityRemoved", "NO"), add("PatientName", "X")), instance())

    assert out[0x00120062] == text(0x00120062, "CS", "YES")
    assert out[0x00100010] == text(0x00100010, "PN", "PSEUDO-1")


def test_a_value_outside_the_character_set_holds_the_instance() -> None:
    with pytest.raises(DeidError, match="character set"):
        deidentified(engine(add("PatientComments", "été")), instance())


@pytest.mark.parametrize(
    "asked, there, expected",
    [
        ("(0057,1000)", [], {0x00570010: "TRIAL", 0x00571000: "v"}),
        ("(0057,2005)", [], {0x00570010: "TRIAL", 0x00571005: "v"}),
        ("(0057,1005)", [(0x00570011, "TRIAL")], {0x00570011: "TRIAL", 0x00571105: "v"}),
        ("(0057,2005)", [(0x00570010, "OTHER")], {0x00570010: "OTHER", 0x00570011: "TRIAL", 0x00571105: "v"}),
        ("(0057,1005)", [(0x00570010, "OTHER")], {0x00570010: "OTHER"}),
        ("(0057,1005)", [(0x00570010, "TRIAL"), (0x00571005, "mine")], {0x00570010: "TRIAL", 0x00571005: "mine"}),
    ],
)
def test_private_elements_go_to_the_block_of_their_creator(
    asked: str, there: list[tuple[int, str]], expected: dict[int, str]
) -> None:
    tree = instance(*(text(tag, "LO", value) for tag, value in there))

    out = {element.tag: element for element in morphed(engine(add_private(asked, "v", "TRIAL")), tree)}

    private = {tag: element for tag, element in out.items() if tag >> 16 == 0x0057}
    assert private == {tag: text(tag, "LO", value) for tag, value in expected.items()}


def test_without_a_creator_the_element_goes_where_it_is_asked_for() -> None:
    out = {element.tag: element for element in morphed(engine(add_private("(0057,1000)", "v")), instance())}

    assert out[0x00571000] == text(0x00571000, "LO", "v")
    assert 0x00570010 not in out


def test_two_elements_share_the_block_of_their_creator() -> None:
    compiled = engine(add_private("(0057,1000)", "a", "TRIAL"), add_private("(0057,1001)", "7", "TRIAL", "US"), BASIC)

    out = deidentified(compiled, instance())

    assert [tag for tag in out if tag >> 16 == 0x0057] == [0x00570010, 0x00571000, 0x00571001]


def test_the_creator_of_an_added_element_outlives_the_elements_that_go() -> None:
    there = (text(0x00570010, "LO", "TRIAL"), text(0x00571001, "LO", "secret"))

    out = deidentified(engine(add_private("(0057,1000)", "v", "TRIAL"), on_private("X"), BASIC), instance(*there))

    assert [tag for tag in out if tag >> 16 == 0x0057] == [0x00570010, 0x00571000]

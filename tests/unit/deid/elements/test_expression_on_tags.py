"""Expressions that decide, and conditions that decide whether an element acts."""

from __future__ import annotations

import pytest

from philae.deid.errors import DeidError
from philae.deid.expressions import Condition
from philae.deid.instance_attributes import InstanceAttributes
from philae.deid.profile import ElementSpec
from philae.dicom.tags import parse_tag_pattern
from tests.support.engine import BASIC, NOW, deidentified, engine, instance, on_private, on_tags
from tests.support.trees import Element, encoded, text

NAME, AGE, STUDY = 0x00100010, 0x00101010, 0x00081030
MODALITY = text(0x00080060, "CS", "CT")


def expression(expr: str, *tags: str, excluded: tuple[str, ...] = (), condition: str | None = None) -> ElementSpec:
    return ElementSpec(
        "Decide",
        "expression.on.tags",
        condition=condition,
        arguments=(("expr", expr),),
        tags=tuple(map(parse_tag_pattern, tags)),
        excluded_tags=tuple(map(parse_tag_pattern, excluded)),
    )


def when(condition: str, element: ElementSpec) -> ElementSpec:
    return ElementSpec(
        element.name,
        element.codename,
        condition,
        element.action,
        element.option,
        element.arguments,
        element.tags,
        element.excluded_tags,
    )


@pytest.mark.parametrize(
    "expr, expected",
    [
        ("Keep()", "Head"),
        ("Remove()", None),
        ("ReplaceNull()", ""),
        ("Replace('X')", "X"),
        ("Replace(getString(#Tag.Modality))", "CT"),
        ("stringValue == 'Head' ? Replace('Skull') : Keep()", "Skull"),
        ("null", None),  # no answer: the Basic Profile removes it
        ("vr == #VR.PN ? Keep() : null", None),
    ],
)
def test_the_answer_is_carried_out(expr: str, expected: str | None) -> None:
    compiled = engine(expression(expr, "StudyDescription"), BASIC)

    for _ in range(2):
        out = deidentified(compiled, instance(MODALITY, text(STUDY, "LO", "Head")))
        assert out.get(STUDY) == (None if expected is None else text(STUDY, "LO", expected))


def test_answers_follow_the_instance_inside_sequences_too() -> None:
    compiled = engine(expression("Replace(getString(#Tag.Modality))", "StudyDescription"))
    nested = Element(0x00081110, "SQ", [[text(STUDY, "LO", "Head")]])

    for modality in ("CT", "MR", "CT"):
        out = deidentified(compiled, instance(text(0x00080060, "CS", modality), nested))
        assert out[0x00081110].value == [[text(STUDY, "LO", modality)]]


def test_an_instance_can_be_excluded() -> None:
    compiled = engine(expression("stringValue == 'SR' ? ExcludeInstance() : null", "Modality"), BASIC)

    plans = [
        compiled.plan(encoded(instance(text(0x00080060, "CS", modality))), pseudonym="P", now=NOW)
        for modality in ("SR", "CT")
    ]

    assert [plan.excluded for plan in plans] == ["Instance excluded by profile: Decide", None]
    assert plans[0].edits == ()


def test_an_attribute_can_be_added_once_at_the_top_level() -> None:
    compiled = engine(expression("Add(#Tag.PatientComments, 'LT', 'seen')", "StudyDescription", "Modality"), BASIC)
    tree = instance(MODALITY, text(STUDY, "LO", "Head"), Element(0x00081110, "SQ", [[text(STUDY, "LO", "Head")]]))

    out = deidentified(compiled, tree)
    there = deidentified(compiled, instance(MODALITY, text(0x00104000, "LT", "mine")))

    assert out[0x00104000] == text(0x00104000, "LT", "seen")
    assert STUDY not in out
    assert 0x00104000 not in there


def test_excluded_tags_are_not_asked_about() -> None:
    out = deidentified(engine(expression("Remove()", "(xxxx,xxxx)", excluded=("(0008,xxxx)",))), instance(MODALITY))

    assert out[0x00080060] == MODALITY


@pytest.mark.parametrize("modality, is_gone", [("CT", True), ("MR", False)])
def test_every_element_can_have_a_condition(modality: str, is_gone: bool) -> None:
    is_ct = "tagValueIsPresent(#Tag.Modality, 'CT')"
    tree = instance(
        text(0x00080060, "CS", modality),
        text(STUDY, "LO", "Head"),
        text(AGE, "AS", "050Y"),
        Element(0x00081110, "SQ", [[text(STUDY, "LO", "Head")]]),
        Element(0x00081111, "SQ", [[text(STUDY, "LO", "Head")]]),
    )
    elements = (when(is_ct, on_tags("X", "(0008,1110)")), when(is_ct, on_tags("X", "StudyDescription")))
    ages = when(is_ct, expression("Remove()", "PatientAge"))
    compiled = engine(*elements, ages)

    out = deidentified(compiled, tree)

    assert [tag in out for tag in (STUDY, AGE, 0x00081110)] == [not is_gone] * 3
    assert out[0x00081111].value == [[] if is_gone else [text(STUDY, "LO", "Head")]]


def test_conditions_read_the_instance_as_it_came() -> None:
    gone = on_tags("X", "Modality")
    dependent = when("tagIsPresent(#Tag.Modality)", on_tags("Z", "StudyDescription"))

    out = deidentified(engine(gone, dependent), instance(MODALITY, text(STUDY, "LO", "Head")))

    assert (0x00080060 in out, out[STUDY]) == (False, text(STUDY, "LO", ""))


def test_a_condition_is_evaluated_once_for_an_instance(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = engine(when("tagIsPresent(#Tag.Modality)", on_tags("X", "(xxxx,1030)", "(0010,xxxx)")))
    asked: list[Condition] = []

    def holds(condition: Condition, attributes: InstanceAttributes) -> bool:
        asked.append(condition)
        return True

    monkeypatch.setattr(Condition, "holds", holds)

    for _ in range(2):
        deidentified(compiled, instance(MODALITY, text(STUDY, "LO", "Head"), text(AGE, "AS", "050Y")))

    assert len(asked) == 2


def test_a_conditional_basic_profile_leaves_creators_of_what_is_kept() -> None:
    creator, kept, other = text(0x70530010, "LO", "VENDOR"), text(0x70531000, "DS", "1.5"), text(0x00090010, "LO", "V")
    compiled = engine(on_private("K", "(7053,xx00)"), when("tagIsPresent(#Tag.PatientID)", BASIC))

    out = deidentified(compiled, instance(creator, kept, other, text(0x00091001, "LO", "x")))

    assert (out[0x70530010], out[0x70531000]) == (creator, kept)
    assert out.keys() & {0x00090010, 0x00091001} == set()


def test_what_has_no_value_for_an_instance_holds_it() -> None:
    rest = "stringValue == null ? Remove() : Replace(stringValue.substring(9))"
    compiled = engine(expression(rest, "StudyDescription"), BASIC)

    with pytest.raises(DeidError, match="substring"):
        deidentified(compiled, instance(text(STUDY, "LO", "Head")))


def test_a_text_that_the_vr_cannot_hold_empties_the_element() -> None:
    out = deidentified(engine(expression("Replace('many')", "Rows")), instance(Element(0x00280010, "US", b"\1\0")))

    assert out[0x00280010] == Element(0x00280010, "US", b"")


LATIN_1, HOSPITAL = text(0x00080005, "CS", "ISO_IR 100"), Element(0x00080080, "LO", "Hôpital ".encode("latin-1"))


def test_text_of_the_instance_stays_readable_in_its_character_set() -> None:
    compiled = engine(expression("Replace(getString(#Tag.InstitutionName))", "StudyDescription", "PatientComments"))

    out = deidentified(compiled, instance(LATIN_1, HOSPITAL, text(STUDY, "LO", "Head")))
    everything = deidentified(
        engine(
            expression(
                "tag == #Tag.StudyDescription ? Replace(getString(#Tag.InstitutionName)) : Keep()", "(xxxx,xxxx)"
            )
        ),
        instance(LATIN_1, HOSPITAL, text(STUDY, "LO", "Head")),
    )

    assert out[STUDY].value == everything[STUDY].value == HOSPITAL.value


@pytest.mark.parametrize("is_ct", [True, False])
def test_text_that_a_lost_character_set_cannot_tell_is_not_written(is_ct: bool) -> None:
    gone = when("tagValueIsPresent(#Tag.Modality, 'CT')", on_tags("X", "SpecificCharacterSet"))
    compiled = engine(gone, expression("Replace(getString(#Tag.InstitutionName))", "StudyDescription"))
    modality = text(0x00080060, "CS", "CT" if is_ct else "MR")

    for _ in range(2):
        out = deidentified(compiled, instance(LATIN_1, modality, HOSPITAL, text(STUDY, "LO", "Head")))
        assert out[STUDY].value == (b"" if is_ct else HOSPITAL.value)
        assert (0x00080005 in out) is not is_ct


def test_nothing_comes_back_of_an_excluded_instance() -> None:
    compiled = engine(expression("ExcludeInstance()", "Modality"))

    assert compiled.apply(encoded(instance(MODALITY)), pseudonym="P", now=NOW)[1] == []

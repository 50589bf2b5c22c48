from __future__ import annotations

from typing import Any

import pytest

from philae.deid.expressions import (
    Added,
    Decision,
    Emptied,
    Excluded,
    ExpressionError,
    Hashed,
    Kept,
    Removed,
    Replaced,
    WalkedElement,
    compile_condition,
    compile_expression,
)
from philae.dicom.tags import parse_tag_pattern
from tests.support.attributes import attributes, attributes_of
from tests.support.golden import golden
from tests.support.trees import Element, from_golden, text

VECTORS = golden("unit_test", "conditions")
NAME = WalkedElement(0x00100010, "PN")


@pytest.mark.parametrize(
    "case", VECTORS["cases_function_keyword_value_expected"], ids=lambda case: " ".join(map(str, case))
)
def test_conditions_on_one_attribute_equal_karnaks_with_both_forms_of_tags(case: Any) -> None:
    function, keyword, value, expected = case
    tag = f"{parse_tag_pattern(keyword).value:08X}"
    instance = attributes(**VECTORS["dataset"])

    for written in (f"#Tag.{keyword}", f"'({tag[:4]},{tag[4:]})'", f"'{tag[:4]},{tag[4:]}'", f"'{tag}'", f"0x{tag}"):
        assert compile_condition(f"{function}({written}, '{value}')").holds(instance) is expected


@pytest.mark.parametrize("block", ["multi_valued", "string_tags"])
def test_conditions_on_several_values_and_text_tags_equal_karnaks(block: str) -> None:
    instance = attributes(**VECTORS[block]["dataset"])

    for expected in ("true", "false"):
        for expression in VECTORS[block].get(expected, ()):
            assert compile_condition(expression).holds(instance) is (expected == "true"), expression


EXPRESSIONS = [
    case
    for case in golden("unit_test", "datasets")
    if [element["codename"] for element in case["profile"]] == ["expression.on.tags"]
]


@pytest.mark.parametrize("case", EXPRESSIONS, ids=lambda case: case["name"])
def test_decisions_lead_to_the_outputs_of_karnak(case: dict[str, Any]) -> None:
    (element,) = case["profile"]
    expression = compile_expression(element["arguments"]["expr"])
    pattern = parse_tag_pattern(element["tags"][0])
    instance = attributes_of(from_golden(case["input"]))
    output = {row[0]: row[2] for row in case["output"]}

    for tag, vr, value in case["input"]:
        if pattern.matches(int(tag, 16)):
            decision = expression.evaluate(WalkedElement(int(tag, 16), vr), instance)
            assert _applied(decision, value) == output.get(tag)


def _applied(decision: Decision, value: str) -> str | None:
    match decision:
        case Removed():
            return None
        case Replaced(text):
            return text or ""
        case _:
            return value


def test_enough_expressions_of_karnak_are_among_the_vectors() -> None:
    assert len(VECTORS["cases_function_keyword_value_expected"]) == 173
    assert len(EXPRESSIONS) == 4


@pytest.mark.parametrize("vector", golden("running", "compute_patient_age"))
def test_age_of_the_patient_equals_karnaks(vector: dict[str, Any]) -> None:
    instance = attributes(PatientBirthDate=vector["birth_date"], StudyDate=vector["study_date"])

    decision = compile_expression("ComputePatientAge()").evaluate(NAME, instance)

    assert decision == Replaced(vector["age"])


@pytest.mark.parametrize("vector", golden("running", "compute_patient_age_date_priority"))
def test_age_is_that_at_the_first_exam_date_that_can_be_read(vector: dict[str, Any]) -> None:
    dates = [text(int(tag, 16), "DA", value) for tag, value in sorted(vector["dates"].items())]
    instance = attributes_of([*dates, text(0x00100030, "DA", vector["birth_date"])])

    assert compile_expression("ComputePatientAge()").evaluate(NAME, instance) == Replaced(vector["age"])


def test_every_action_is_answered_as_a_plain_value() -> None:
    instance = attributes(PatientName="Doe", PatientID="1")
    answers = {
        "Keep()": Kept(),
        "Remove()": Removed(),
        "ReplaceNull()": Emptied(),
        "UID()": Hashed(),
        "Replace(stringValue + 'X')": Replaced("DoeX"),
        "Replace(getString(#Tag.StudyID))": Replaced(None),
        "Replace(5)": Replaced("5"),
        "ExcludeInstance()": Excluded(),
        "Add(#Tag.PatientComments, #VR.LT, 'x')": Added(0x00104000, "LT", "x"),
        "Add('0010,4000', vr == 'PN' ? 'LT' : 'LO', getString(#Tag.StudyID))": Added(0x00104000, "LT", ""),
        "null": None,
    }

    assert {text: compile_expression(text).evaluate(NAME, instance) for text in answers} == answers


def test_string_value_is_the_first_value_of_the_tag_at_the_root() -> None:
    instance = attributes(ImageType="ORIGINAL\\PRIMARY", PatientName="")
    expression = compile_expression("Replace(stringValue)")

    found = [expression.evaluate(WalkedElement(tag, "CS"), instance) for tag in (0x00080008, 0x00100010, 0x00080060)]

    assert found == [Replaced("ORIGINAL"), Replaced(None), Replaced(None)]


def test_get_string_gives_the_whole_value_or_null() -> None:
    instance = attributes(ImageType="ORIGINAL\\PRIMARY", PatientName="")
    expression = compile_expression("Replace(getString(#Tag.ImageType) + '' + getString('PatientName'))")

    assert expression.evaluate(NAME, instance) == Replaced("ORIGINAL\\PRIMARYnull")


def test_tag_is_present_looks_into_items_for_an_expression_and_at_values_for_a_condition() -> None:
    instance = attributes_of(
        [Element(0x00081032, "SQ", [[text(0x00080100, "SH", "P1")]]), text(0x00100010, "PN", "")],
    )

    for tag in ("'0008,0100'", "'0008,1032'", "#Tag.PatientName"):
        assert compile_expression(f"tagIsPresent({tag}) ? Keep() : null").evaluate(NAME, instance) == Kept()
        assert not compile_condition(f"tagIsPresent({tag})").holds(instance)


FAULTS = {
    "tagIsPresent(#Tag.PatientNam)": "there is no attribute PatientNam; did you mean PatientName",
    "tagIsPresent(#Tga.PatientName)": "there is no constant #Tga; did you mean #Tag",
    "tagIsPresnt(#Tag.PatientName)": r"there is no function tagIsPresnt\(\); did you mean tagIsPresent\(\)",
    "tagispresent(#Tag.PatientName)": "there is no function",
    "tagIsPresent('nonsense')": "the text is no tag",
    "tagIsPresent('0010,00XX')": "a tag pattern is no tag",
    "tagIsPresent(-1)": "a number is no tag",
    "tagIsPresent(0x100000000)": "a number is no tag",
    "tagIsPresent(true)": "true or false is no tag",
    "tagIsPresent(null)": "null is no tag",
    "tagIsPresent()": "tagIsPresent has 0 arguments here; it takes 1",
    "tagValueContains(#Tag.PatientName, null)": "null is no text",
    "tagValueContains(#Tag.PatientName, tagValues(#Tag.PatientName))": "a list is no text",
    "Keep()": r"there is no function Keep\(\)",
    "stringValue == 'a'": "there is no name stringValue",
    "tagIsPresent": r"did you mean tagIsPresent\(\)",
    "#VR.XX == 'a'": "there is no VR XX; there are AE, AS",
}


@pytest.mark.parametrize("expression", FAULTS)
def test_what_a_condition_cannot_ask_is_refused_with_what_it_can(expression: str) -> None:
    with pytest.raises(ExpressionError, match=FAULTS[expression]):
        compile_condition(expression)


@pytest.mark.parametrize(
    "arguments",
    ["#Tag.PatientID, 'L', 'x'", "#Tag.PatientID, 1, 'x'", "'0008,1032', 'SQ', 'x'", "'0002,0010', 'UI', '1.2'",
     "'0010,0000', 'UL', '1'", "#Tag.PatientID, #VR.LO", "'FFXX0010', 'LO', 'x'"],
)  # fmt: skip
def test_what_cannot_be_added_is_refused_when_compiled(arguments: str) -> None:
    with pytest.raises(ExpressionError):
        compile_expression(f"true ? Keep() : Add({arguments})")


def test_value_of_a_condition_may_be_a_number() -> None:
    assert compile_condition("tagValueIsPresent(#Tag.SeriesNumber, 5)").holds(attributes(SeriesNumber="5"))
    assert not compile_condition("tagValueIsPresent(#Tag.SeriesNumber, null)").holds(attributes(SeriesNumber="5"))

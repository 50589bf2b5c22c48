from __future__ import annotations

import pytest

from philae.deid.expressions import ExpressionError, compile_condition
from tests.support.attributes import attributes

TRUE = [
    "'abc'.length() == 3", "''.isEmpty()", "!'a'.isEmpty()", "'abc'.substring(1) == 'bc'",
    "'abc'.substring(1, 2) == 'b'", "'abc'.substring(3) == ''", "'abc'.startsWith('ab')", "'abc'.endsWith('bc')",
    "'abc'.contains('b')", "'abc'.equals('abc')", "!'abc'.equals(null)", "!'1'.equals(1)",
    "'abc'.equalsIgnoreCase('ABC')", "!'abc'.equalsIgnoreCase(null)", "'abc'.toUpperCase() == 'ABC'",
    "'ABC'.toLowerCase() == 'abc'", "'  a '.trim() == 'a'", "'a.b.a'.replace('.', '\\') == 'a\\b\\a'",
    "'abc'.indexOf('c') == 2", "'abc'.indexOf('x') == -1", "'a'.concat('b') == 'ab'", "'a'.concat(1) == 'a1'",
    "'abc'.matches('a.*')", "!'abc'.matches('b')", "'a b'.replace(' ', '').toUpperCase().length() == 2",
    "'abc'[1] == 'b'", "'abc'[3] == null",
    "getString(#Tag.PatientName)?.length() == null", "getString(#Tag.PatientName)?.trim()?.length() == null",
    "tagValues(#Tag.PatientName).isEmpty()", "tagValues(#Tag.PatientName)[0] == null",
]  # fmt: skip


@pytest.mark.parametrize("expression", TRUE)
def test_methods_mean_what_those_of_java_do(expression: str) -> None:
    assert compile_condition(expression).holds(attributes())


FAULTS = {
    "'abc'.substring(2, 1) == ''": "too short",
    "'abc'.substring(4) == ''": "too short",
    "'abc'.substring(-1) == ''": "no position",
    "'abc'.substring('1') == ''": "no position",
    "'abc'['0'] == ''": "no position",
    "1[0] == ''": "has no items",
    "'abc'.contains(null)": "null is no text",
    "null.length() == 1": r"write \?\.length",
    "getString(#Tag.PatientName).length() == 1": r"write \?\.length",
    "getString(#Tag.PatientName)?.trim().length() == 1": r"write \?\.length",
    "1.length() == 1": "a number has no method length",
    "'a'.size() == 1": "a text has no method size",
    "tagValues(#Tag.PatientName).trim() == ''": "a list has no method trim",
    "'a'.length(1) == 1": "it takes 0",
    "'a'.replace('b') == ''": "it takes 2",
    "'a'.matches() == true": "it takes 1",
    "'a'.lenght() == 1": "did you mean length",
    "'a'.matches(getString(#Tag.PatientName))": "not fixed",
}


@pytest.mark.parametrize("expression", FAULTS)
def test_methods_that_cannot_be_called_are_refused_when_compiled(expression: str) -> None:
    with pytest.raises(ExpressionError, match=FAULTS[expression]):
        compile_condition(expression)


def test_values_of_an_attribute_are_reachable_one_by_one() -> None:
    instance = attributes(ImageType="ORIGINAL\\PRIMARY\\AXIAL")

    for expression in (
        "tagValues(#Tag.ImageType)[2] == 'AXIAL'",
        "tagValues('0008,0008').size() == 3",
        "tagValues(#Tag.ImageType).contains('PRIMARY')",
        "tagValues(#Tag.ImageType).indexOf('PRIMARY') == 1",
        "tagValues(#Tag.ImageType).indexOf('SECONDARY') == -1",
        "tagValues(#Tag.ImageType)[3] == null",
    ):
        assert compile_condition(expression).holds(instance)


def test_texts_stay_bounded_however_often_they_are_replaced() -> None:
    condition = compile_condition("'aaaaaaaa'" + ".replace('a', getString(#Tag.PatientName) ?: 'b')" * 40 + " == ''")

    with pytest.raises(ExpressionError, match="longer than"):
        condition.holds(attributes(PatientName="aaaaaaaa"))

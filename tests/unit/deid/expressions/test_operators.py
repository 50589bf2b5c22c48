from __future__ import annotations

import pytest

from philae.deid.expressions import ExpressionError, compile_condition
from tests.support.attributes import attributes

TRUE = [
    "1 == 1", "1 == 1.0", "0x1F == 31", "1 < 2", "2 >= 2", "-1 < 0", "- -1 == +1", "1 + 2 * 3 == 7",
    "(1 + 2) * 3 == 9", "7 / 2 == 3", "-7 / 2 == -3", "7.0 / 2 == 3.5", "-7 % 3 == -1", "-7.5 % 2 == -1.5",
    "7 div 2 == 3", "7 MOD 4 == 3", "10 - 3 - 2 == 5",
    "'it''s' == \"it's\"", "\"a\"\"b\" == 'a\"b'", "'a' < 'b'", "'B' < 'a'", "'a\\b'.length() == 3",
    "1 eq 1", "1 NE 2", "1 lt 2", "1 Le 1", "2 gt 1", "2 ge 2",
    "'1' != 1", "true != 1", "false != 0", "true != 'true'", "null == null", "null != 'a'", "'' != null", "NULL == null",
    "null < 'a'", "null < -5", "null <= null", "!(null > null)",
    "'a' + 1 == 'a1'", "1 + 'a' == '1a'", "'a' + null == 'anull'", "null + 'a' == 'nulla'", "'a' + true == 'atrue'",
    "1 + 2 + 'a' == '3a'", "1.5 + '' == '1.5'",
    "true and true", "true && !false", "false or TRUE", "false || true", "not false", "true || false && false",
    "! false == true", "'yes' && 'ON'", "!'off'", "'1' and not '0'",
    "true ? true : false", "false ? false : 1 == 2 ? false : true", "(null ?: 'a') == 'a'", "('' ?: 'a') == 'a'",
    "('b' ?: 'a') == 'b'", "(0 ?: 'a') == 0",
    "'20200101' matches '2[0-9]{7}'", "!('x20200101' matches '2[0-9]{7}')", "!(null matches 'a')", "12 matches '\\d+'",
    "'JÜRG' matches '\\pL+'", "'a' MATCHES 'a'", "'ab' matches 'a' + 'b'",
]  # fmt: skip


@pytest.mark.parametrize("expression", TRUE)
def test_operators_mean_what_the_language_says(expression: str) -> None:
    assert compile_condition(expression).holds(attributes())


FAULTS = [
    "null + null", "1 + null", "true + 1", "'a' - 'b'", "'a' * 2", "-'a'", "+null", "1 / 0", "1 % 0", "1.0 / 0",
    "1.5 % 0", "'a' < 1", "true < false", "null ? true : false", "null and true", "false or null", "!null",
    "'a' || 'b'", "1 && true", "Keep() + 'a'", "999999999999999999 * 999999999999999999",
]  # fmt: skip


@pytest.mark.parametrize("expression", FAULTS)
def test_operands_that_mean_nothing_are_refused_when_compiled(expression: str) -> None:
    with pytest.raises(ExpressionError):
        compile_condition(f"({expression}) == 1")


@pytest.mark.parametrize("operator", ["and", "or"])
def test_second_operand_is_not_asked_when_the_first_decides(operator: str) -> None:
    broken = "tagValues(#Tag.PatientName)[0].length() > 1"

    condition = compile_condition(f"{'true' if operator == 'or' else 'false'} {operator} {broken}")

    assert condition.holds(attributes()) is (operator == "or")


def test_texts_stay_bounded_however_they_are_joined() -> None:
    condition = compile_condition("'' + " + " + ".join(["getString(#Tag.PatientComments)"] * 300) + " == 'x'")

    with pytest.raises(ExpressionError, match="longer than"):
        condition.holds(attributes(PatientComments="x" * 10_000))

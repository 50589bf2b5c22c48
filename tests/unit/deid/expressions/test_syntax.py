from __future__ import annotations

import pytest

from philae.deid.expressions import (
    ExpressionError,
    Replaced,
    WalkedElement,
    compile_condition,
    compile_expression,
)
from philae.deid.expressions.errors import Position
from philae.deid.expressions.syntax import parse
from tests.support.attributes import attributes

HOSTILE = {
    "T(java.lang.Runtime)": "types cannot be referenced",
    "T(java.lang.Runtime).getRuntime().exec('id')": "types cannot be referenced",
    "T('java.lang.Runtime')": "there is no function T",
    "''.getClass()": "there is no method getClass",
    "''.class": "only methods follow a dot",
    "''.class.forName('java.lang.Runtime')": "only methods follow a dot",
    "''.__class__": "only methods follow a dot",
    "''.__class__()": "there is no method __class__",
    "''?.__class__()": "there is no method __class__",
    "__import__('os')": "there is no function __import__",
    "__builtins__": "there is no name __builtins__",
    "self": "there is no name self",
    "scope": "there is no name scope",
    "new Foo()": "objects cannot be created",
    "new java.io.File('x')": "objects cannot be created",
    "@bean": "beans cannot be referenced",
    "@bean.method()": "beans cannot be referenced",
    "#root": "only #Tag.Keyword and #VR.XX begin with #",
    "#this.x()": "only #Tag.Keyword and #VR.XX begin with #",
    "#root.attributes": "there is no constant #root",
    "tag = 1": "nothing can be assigned",
    "stringValue = 'x'": "nothing can be assigned",
    "{1, 2}": "braces have no meaning",
    "lambda: 1": "makes no sense",
    "'abc": "text is not closed",
    "Keep(": "ends too early",
    "Keep() Remove()": "'Remove' makes no sense",
    "1 == 1 == 1": "'==' makes no sense",
    "": "there is no expression",
    " \n ": "there is no expression",
    "\ud800": "surrogate",
    "Keep()\0": "makes no sense",
    "(" * 2000 + "Keep()" + ")" * 2000: "nested deeper",
    "(" * 2000: "ends too early",
    "!" * 2000 + "true": "nested deeper",
    "-" * 2000 + "1": "nested deeper",
    "true ? " * 2000 + "Keep()" + " : Keep()" * 2000: "characters",
    "stringValue" + "?.trim()" * 2000: "nested deeper",
    "'" + "a" * 1_000_000 + "'": "1000002 characters",
    "stringValue matches 'a{1,30}{1,30}'": "pattern cannot be used",
    "stringValue?.matches('a{1,30}{1,30}')": "pattern cannot be used",
    "12345678901234567890 == 1 ? Keep() : null": "number is too large",
    "1.00000000000000000000 == 1 ? Keep() : null": "number is too long",
}


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: repr(text[:40]))
def test_what_is_no_expression_is_refused_in_clear_words(text: str) -> None:
    with pytest.raises(ExpressionError, match=HOSTILE[text]) as raised:
        compile_expression(text)

    assert len(str(raised.value)) < 600


@pytest.mark.parametrize(
    "text, line, column",
    [
        ("stringValue == 'a' ? Kep() : null", 1, 22),
        ("stringValue == 'a'\n  ? Kep()\n  : null", 2, 5),
        ("tagIsPresent(#Tag.PatientNam) ? Keep() : null", 1, 14),
        ("stringValue.foo() == 1 ? Keep() : null", 1, 13),
        ("stringValue == 'a' ?\nKeep() :", 2, 9),
        ("tag == 1 ? Keep() :\n 1 + null", 2, 2),
        ("stringValue matches '(' ? Keep() : null", 1, 21),
        ("Keep())", 1, 7),
    ],
)
def test_faults_are_told_with_their_line_and_column(text: str, line: int, column: int) -> None:
    with pytest.raises(ExpressionError) as raised:
        compile_expression(text)

    assert (raised.value.line, raised.value.column) == (line, column)
    assert str(raised.value).startswith(f"line {line}, column {column}: ")


def test_faults_in_a_part_of_a_file_are_told_with_their_place_in_the_file() -> None:
    with pytest.raises(ExpressionError) as first:
        parse("a =", Position(7, 11))
    with pytest.raises(ExpressionError) as second:
        parse("a ==\n  =", Position(7, 11))

    assert (first.value.line, first.value.column) == (7, 13)
    assert (second.value.line, second.value.column) == (8, 3)


def test_long_chains_of_alternatives_are_no_nesting() -> None:
    choices = " : ".join(f"stringValue == '{number}' ? Replace('{number + 1}')" for number in range(200))
    conditions = " or ".join(f"tagValueContains(#Tag.StationName, 'CT{number}')" for number in range(200))

    expression, condition = compile_expression(f"{choices} : Keep()"), compile_condition(conditions)

    assert expression.evaluate(WalkedElement(0x00100010, "PN"), attributes(PatientName="150")) == Replaced("151")
    assert condition.holds(attributes(StationName="CT199"))


def test_words_may_begin_with_words_of_the_language() -> None:
    for text in ("notes", "orders", "android", "nullable", "trueness", "equal"):
        with pytest.raises(ExpressionError, match=f"there is no name {text}"):
            compile_expression(text)

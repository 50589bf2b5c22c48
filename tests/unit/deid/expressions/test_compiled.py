from __future__ import annotations

import subprocess
import sys

import pytest

from philae.deid.errors import DeidError, Unreadable
from philae.deid.expressions import ExpressionError, WalkedElement, compile_condition, compile_expression
from philae.deid.instance_attributes import InstanceAttributes
from philae.dicom.scan import Encoded
from philae.dicom.syntax import EXPLICIT_LE
from tests.support.attributes import attributes

NAME = WalkedElement(0x00100010, "PN")


@pytest.mark.parametrize("text", ["5", "getString(#Tag.PatientID)", "'maybe'", "null", "tagValues(#Tag.PatientID)"])
def test_condition_that_is_neither_true_nor_false_is_refused_when_compiled(text: str) -> None:
    with pytest.raises(ExpressionError, match="neither true nor false"):
        compile_condition(text)


@pytest.mark.parametrize("text, expected", [("'Yes'", True), ("'on'", True), ("'1'", True), ("'FALSE'", False)])
def test_words_for_true_and_false_are_a_condition(text: str, expected: bool) -> None:
    assert compile_condition(text).holds(attributes()) is expected


@pytest.mark.parametrize("text", ["5", "'Keep'", "true", "tag", "tagValues(tag)"])
def test_expression_that_answers_with_no_action_is_refused_when_compiled(text: str) -> None:
    with pytest.raises(ExpressionError, match="is no action"):
        compile_expression(text)


def test_expression_that_fails_on_absent_values_is_refused_when_compiled() -> None:
    with pytest.raises(ExpressionError, match="null has no method substring"):
        compile_expression("stringValue.substring(0, 1) == 'A' ? Keep() : Remove()")


def test_expression_without_an_answer_for_an_instance_fails_without_telling_its_values() -> None:
    expression = compile_expression("stringValue != null ? stringValue : Keep()")

    with pytest.raises(ExpressionError, match="a text is no action") as raised:
        expression.evaluate(NAME, attributes(PatientName="Secret"))

    assert "Secret" not in str(raised.value)


def test_condition_without_an_answer_for_an_instance_fails_without_telling_its_values() -> None:
    condition = compile_condition("getString(#Tag.PatientName) ?: 'true'")

    with pytest.raises(ExpressionError, match="neither true nor false") as raised:
        condition.holds(attributes(PatientName="Secret"))

    assert "Secret" not in str(raised.value)
    assert isinstance(raised.value, DeidError)


def test_instance_that_cannot_be_read_is_told_as_such() -> None:
    broken = InstanceAttributes(Encoded(b"\x10\0\x10\0PN\xff\0", 0, 8, EXPLICIT_LE))

    with pytest.raises(Unreadable):
        compile_condition("tagIsPresent(#Tag.PatientName)").holds(broken)


def test_one_compiled_expression_answers_for_each_instance_anew() -> None:
    condition = compile_condition("tagValueIsPresent(#Tag.Modality, 'CT')")

    assert [condition.holds(attributes(Modality=modality)) for modality in ("CT", "MR", "CT")] == [True, False, True]


def test_parser_and_patterns_are_loaded_only_when_an_expression_comes() -> None:
    script = "import sys, philae.deid.expressions; print({'lark', 're2'} & set(sys.modules))"

    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout

    assert loaded.strip() == "set()"

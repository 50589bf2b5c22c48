"""Whatever somebody writes into a profile and whatever an instance holds: an answer, or the one documented error."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from urllib.parse import unquote

from hypothesis import given, settings
from hypothesis import strategies as st

from philae.deid.expressions import (
    Condition,
    ExpressionError,
    Form,
    Removed,
    WalkedElement,
    compile_condition,
    compile_expression,
    compile_template,
)
from philae.deid.instance_attributes import InstanceAttributes
from tests.support.attributes import attributes_of
from tests.support.trees import Element

NAME, PATIENT_ID, IMAGE_TYPE, ROWS = 0x00100010, 0x00100020, 0x00080008, 0x00280010
WALKED = WalkedElement(NAME, "PN")
TOKENS = [
    "#Tag.PatientName", "#Tag.ImageType", "#VR.PN", "tag", "vr", "stringValue", "null", "true", "false", "0", "1", "2.5",
    "0x1F", "''", "'a'", '"it""s"', "'0010,0010'", "'[a-z]+'", "getString", "tagValues", "tagIsPresent", "Replace",
    "tagValueContains", "Keep()", "Add", "(", ")", "[", "]", ",", ".", "?.", "?", ":", "?:", "+", "-", "*", "/", "%",
    "==", "!=", "<", ">=", "and", "or", "not", "!", "&&", "||", "matches", "div", "mod", "eq", "length()", "trim()",
    "substring", "replace", "=", "{", "}", "@", "#", "'", "\n", " ", "é", "\0",
]  # fmt: skip


def _joined(pattern: str, *parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(lambda chosen: pattern.format(*chosen))


TAGS = st.sampled_from(["#Tag.PatientName", "'0008,0008'", "'(0028,0010)'", "tag", "0x00080005"])
conditions: st.SearchStrategy[str] = st.deferred(
    lambda: (
        st.sampled_from(["true", "false", "'on'", "vr == #VR.PN"])
        | _joined("tagIsPresent({})", TAGS)
        | _joined("tagValueContains({}, {})", TAGS, words)
        | _joined("({} {} {})", words | numbers, st.sampled_from(["==", "!="]), words | numbers)
        | _joined("({} < {})", numbers, numbers)
        | _joined("({} {} {})", conditions, st.sampled_from(["and", "||"]), conditions)
        | _joined("!{}", conditions)
        | _joined("({} matches '[a-zA-Z^]*')", words)
    )
)
words: st.SearchStrategy[str] = st.deferred(
    lambda: (
        st.sampled_from(["''", "'a'", "(stringValue ?: 'b')", "vr"])
        | _joined("(getString({}) ?: {})", TAGS, words)
        | _joined("(tagValues({})[{}] ?: '')", TAGS, numbers)
        | _joined("({} + {})", words, words | numbers)
        | _joined("({} ? {} : {})", conditions, words, words)
        | _joined("{}.replace({}, {})", words, words, words)
        | _joined("{}.{}()", words, st.sampled_from(["trim", "toUpperCase", "toLowerCase"]))
        | _joined("{}.substring({})", words, numbers)
    )
)
numbers: st.SearchStrategy[str] = st.deferred(
    lambda: (
        st.sampled_from(["0", "1", "2.5"])
        | _joined("{}.length()", words)
        | _joined("tagValues({}).size()", TAGS)
        | _joined("({} {} {})", numbers, st.sampled_from(["+", "-", "*", "/", "%"]), numbers)
    )
)
decisions = _joined("{} ? Replace({}) : {}", conditions, words, st.sampled_from(["null", "Keep()", "UID()"]))

soups = st.lists(st.sampled_from(TOKENS), max_size=14).map(" ".join)
texts = st.one_of(st.text(max_size=60), soups, words, numbers)
values = st.binary(max_size=40).map(lambda raw: raw + b" " * (len(raw) % 2))


@st.composite
def instances(draw: st.DrawFn) -> InstanceAttributes:
    character_set = draw(st.sampled_from([b"", b"ISO_IR 192", b"ISO_IR 100", b"GB18030 ", b"\\ISO 2022 IR 87 "]))
    name, image_type = draw(values), draw(values)
    tree = [Element(0x00080005, "CS", character_set), Element(IMAGE_TYPE, "CS", image_type), Element(NAME, "PN", name)]
    return attributes_of([*tree, Element(ROWS, "US", draw(st.binary(max_size=6)))])


@settings(max_examples=200)
@given(texts)
def test_any_text_compiles_or_is_refused(text: str) -> None:
    for compiled in (compile_expression, compile_condition):
        with suppress(ExpressionError):
            compiled(text)


@settings(max_examples=200)
@given(decisions, instances())
def test_expression_answers_or_says_that_it_has_no_answer(text: str, instance: InstanceAttributes) -> None:
    with suppress(ExpressionError):
        assert compile_expression(text).evaluate(WALKED, instance) != Removed()


@settings(max_examples=200)
@given(conditions, instances())
def test_condition_holds_or_not_or_says_that_it_has_no_answer(text: str, instance: InstanceAttributes) -> None:
    with suppress(ExpressionError):
        assert compile_condition(text).holds(instance) in (True, False)


@settings(max_examples=100)
@given(words | numbers, st.sampled_from(Form), instances())
def test_template_is_refused_or_filled_in_or_says_that_it_cannot_be(
    text: str, form: Form, instance: InstanceAttributes
) -> None:
    with suppress(ExpressionError):
        compile_template(f"https://host/{{{{{text}}}}}?x", form).render(WALKED, instance)


@settings(max_examples=100)
@given(st.text(max_size=30).filter(lambda text: text not in (".", "..")))
def test_any_text_can_be_written_as_a_literal(text: str) -> None:
    quoted = "'" + text.replace("'", "''") + "'"

    url = compile_template(f"https://host/{{{{{quoted}}}}}", Form.URL).render(WALKED, attributes_of([]))

    assert unquote(url.removeprefix("https://host/")) == text


@settings(max_examples=50)
@given(instances(), st.sampled_from(["and", "or", "==", "!="]))
def test_operators_that_do_not_care_about_order_do_not(instance: InstanceAttributes, operator: str) -> None:
    left, right = "tagIsPresent(#Tag.PatientName)", "tagValueContains(#Tag.ImageType, 'A')"
    holds = partial(Condition.holds, attributes=instance)

    assert holds(compile_condition(f"{left} {operator} {right}")) is holds(
        compile_condition(f"{right} {operator} {left}")
    )

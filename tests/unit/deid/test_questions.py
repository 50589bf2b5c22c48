"""Profile elements whose answer depends on the value: the seam that dates, expressions and web services use."""

from dataclasses import dataclass
from typing import ClassVar, Self

import pytest

from philae.deid import elements
from philae.deid.actions import Action, Keep, RemapUid, Remove, Replace
from philae.deid.context import Context, Place, Value
from philae.deid.elements.element import ProfileElement, Question
from philae.deid.keys import Keys
from philae.deid.profile import ElementSpec, Project
from tests.support.engine import BASIC, SECRET, deidentified, engine, instance
from tests.support.trees import Element, text

ANSWERS: dict[str, Action | None] = {"remove": Remove(), "new": Replace("NEW"), "uid": RemapUid(), "keep": Keep()}


class _Ask(Question):
    letter: ClassVar[str] = "?"

    def answer(self, value: Value, context: Context) -> Action | None:
        return Remove() if value.vr == "SQ" and context.patient_id == "REMOVE" else ANSWERS.get(value.text)


@dataclass(frozen=True, slots=True)
class Asking(ProfileElement):
    codename: ClassVar[str] = "asking"

    @classmethod
    def build(cls, spec: ElementSpec, project: Project) -> Self:  # noqa: ARG003 - as all elements are built
        return cls(spec.name)

    def decide(self, place: Place) -> Action | None:
        return _Ask() if place.tag in (0x00181030, 0x00101010, 0x00081032, 0x00104000) else None

    def describe(self) -> str:
        return "asks"


ASKING = ElementSpec("asking", "asking")


@pytest.fixture(autouse=True)
def _catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(elements._BY_CODENAME, "asking", Asking)


@pytest.mark.parametrize(
    "value, expected",
    [
        ("keep", text(0x00181030, "LO", "keep")),
        ("new", text(0x00181030, "LO", "NEW")),
        ("uid", text(0x00181030, "UI", Keys(SECRET).uid("uid"))),
        ("remove", None),
        ("other", None),  # no answer: the Basic Profile removes it
    ],
)
def test_the_answer_to_a_value_is_carried_out_and_no_answer_goes_on(value: str, expected: Element | None) -> None:
    compiled = engine(ASKING, BASIC)

    for _ in range(2):
        out = deidentified(compiled, instance(text(0x00181030, "LO", value)))
        assert out.get(0x00181030) == expected


@pytest.mark.parametrize("undefined", [False, True])
def test_a_sequence_is_asked_about_and_its_items_too(undefined: bool) -> None:
    item = [text(0x00104000, "LT", "new"), text(0x00080100, "SH", "code")]
    tree = instance(Element(0x00081032, "SQ", [item]))

    out = deidentified(engine(ASKING, BASIC), tree, undefined=undefined)
    gone = deidentified(engine(ASKING, BASIC), instance(*tree, text(0x00100020, "LO", "REMOVE")), undefined=undefined)

    assert out[0x00081032].value == [[text(0x00104000, "LT", "NEW"), item[1]]]
    assert 0x00081032 not in gone

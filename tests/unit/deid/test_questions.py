"""Profile elements whose answer depends on the value: the seam that dates, expressions and web services use."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Self

import pytest

from philae.deid import elements
from philae.deid.actions import Action, Keep, RemapUid, Remove, Replace
from philae.deid.context import Place, Value
from philae.deid.elements.element import ProfileElement
from philae.deid.instance import Instance
from philae.deid.keys import Keys
from philae.deid.profile import ElementSpec, Project
from philae.deid.question import Question
from philae.dicom.tags import parse_tag_pattern
from tests.support.engine import BASIC, SECRET, deidentified, engine, instance
from tests.support.trees import Element, text

ANSWERS: dict[str, Action | None] = {"remove": Remove(), "new": Replace("NEW"), "uid": RemapUid(), "keep": Keep()}


class _Ask(Question):
    letter: ClassVar[str] = "?"

    def answer(self, value: Value, instance: Instance) -> Action | None:
        patient = instance.context.patient_id
        return Remove() if value.vr == "SQ" and patient == "REMOVE" else ANSWERS.get(value.text)


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


def test_threads_that_meet_ever_new_answers_do_not_disturb_each_other() -> None:
    exclaimed = ElementSpec(
        "Exclaim",
        "expression.on.tags",
        arguments=(("expr", "Replace(stringValue + '!')"),),
        tags=(parse_tag_pattern("StudyDescription"),),
    )
    compiled = engine(exclaimed, BASIC)
    trees = [instance(text(0x00081030, "LO", f"value {number}")) for number in range(300)]

    with ThreadPoolExecutor(4) as threads:
        outs = list(threads.map(lambda tree: deidentified(compiled, tree), trees))

    assert [out[0x00081030].value for out in outs] == [
        text(0x00081030, "LO", f"value {number}!").value for number in range(300)
    ]

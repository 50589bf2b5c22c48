"""The step at elements whose decision depends on the value, its neighbours or the instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.deid.context import Element, Value
from philae.deid.entries import STRUCTURE
from philae.deid.outcomes import answered
from philae.deid.question import Question
from philae.deid.steps.step import Frame, Next

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.entries import Entry
    from philae.deid.levels import Level
    from philae.deid.walk import Walk


def ask(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    is_sequence = entry.vr == "SQ"
    raw = b""
    if not is_sequence:
        begin, behind, is_fragmented = walk.extent(entry, level, position, frame.end)
        raw = b"" if is_fragmented else bytes(walk.source[begin:behind])
    value = Value(raw, entry.vr, walk.context.codecs, level.layout.big_endian and entry.cause.vr != "UN")
    rule, action = _answer(walk, entry, Element(value, walk.source, position, frame.end, level.layout))
    decided = answered(level, entry, rule, action, is_sequence=is_sequence)
    return walk.perform(decided, level, position, length, frame)


def _answer(walk: Walk, entry: Entry, element: Element) -> tuple[int, Action | None]:
    for rule, action in entry.chain:
        if not isinstance(action, Question):
            return rule, action
        walk.about_instance += action.is_about_instance
        walk.instance.rule = rule
        answer = action.answer(element, walk.instance)
        if answer is not None:
            return rule, answer
    return STRUCTURE, None

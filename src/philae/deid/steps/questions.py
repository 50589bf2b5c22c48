"""The step at elements whose decision depends on the value or the instance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.deid.context import Value
from philae.deid.outcomes import answered
from philae.deid.question import answer_to
from philae.deid.steps.step import Frame, Next

if TYPE_CHECKING:
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
    rule, action = answer_to(entry.chain, value, walk.instance)
    decided = answered(level, entry, rule, action, is_sequence=is_sequence)
    return walk.perform(decided, level, position, length, frame)

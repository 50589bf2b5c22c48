"""What a sure answer comes down to at a level: bytes to write, a value to rewrite, items to walk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.actions import Action, Empty, Keep, Outcome, Remove, Result
from philae.deid.entries import LONG, STRUCTURE, Entry, Kind
from philae.deid.temporal import time_of
from philae.dicom.layout import IMPLICIT, SHORT_LIMIT, SHORT_VRS, Layout
from philae.dicom.values import padded

if TYPE_CHECKING:
    from philae.deid.levels import Level
    from philae.dicom.splice import Cause

_ANSWERS_LIMIT: Final = 64


def answered(level: Level, entry: Entry, rule: int, action: Action | None, *, is_sequence: bool) -> Entry | None:
    """What the answer to a question comes down to; ``action`` None is no answer from anyone."""
    known, key = entry.answered, (rule, action)
    try:
        return known[key]
    except KeyError:
        pass
    answer = None if action is None else (rule, action)
    tag, vr = entry.cause.tag, entry.cause.vr
    decided = (
        sequence_entry(level, tag, answer, IMPLICIT if vr == "UN" else level.layout, vr)
        if is_sequence
        else element_entry(level, tag, vr, entry.vr, answer)
    )
    if len(known) >= _ANSWERS_LIMIT:
        known.clear()  # other threads may be looking: what they hold stays good
    known[key] = decided
    return decided


def sequence_entry(
    level: Level, tag: int, answer: tuple[int, Action] | None, layout: Layout, written: str = "SQ"
) -> Entry:
    """The entry of a sequence: gone, without items, or its items walked with what they inherit."""
    rule, action = answer or (STRUCTURE, Keep())
    cause = level.cause(tag, written, action.letter, rule)
    if isinstance(action, Remove):
        return long_entry(level, Kind.LONG_CONSTANT, cause, b"")
    if isinstance(action, Empty):
        return long_entry(level, Kind.LONG_EMPTY, cause, level.layout.header(tag, written, 0))
    entry = long_entry(level, Kind.SEQUENCE, level.cause(tag, written, "", STRUCTURE), b"")
    entry.level = level.items(tag, layout, answer)
    return entry


def element_entry(level: Level, tag: int, vr: str, read_as: str, answer: tuple[int, Action] | None) -> Entry | None:
    """The entry of an element that is no sequence; None keeps a short one."""
    if answer is None:
        return plain_entry(level, Kind.KEEP, level.cause(tag, vr, "K", STRUCTURE), b"")
    rule, action = answer
    cause = level.cause(tag, vr, action.letter, rule)
    result = action.fixed(read_as)
    if result is None or result is Outcome.IMPOSSIBLE:
        entry = plain_entry(level, Kind.VALUE, cause, b"") or Entry(Kind.VALUE, cause)
        entry.action = action
        entry.vr = read_as
        _pair(level, tag, entry)
        return entry
    if result is Outcome.KEPT:
        return plain_entry(level, Kind.KEEP, cause, b"")
    data = encoded(level.layout, tag, vr, result)
    kind = Kind.EMPTY if isinstance(action, Empty) else Kind.CONSTANT
    return plain_entry(level, kind, cause, data if data is not None else b"")


def _pair(level: Level, tag: int, entry: Entry) -> None:
    """A date that has a time goes along where that crosses midnight."""
    time = time_of(tag) if entry.vr == "DA" and level.rules.pairs_times else None
    if time is not None:
        entry.kind = int(Kind.DATE)
        entry.time = (time, level.chain(time, "TM"))


def encoded(layout: Layout, tag: int, vr: str, result: Result) -> bytes | None:
    """The element with its new value; None if the value is too long for the VR. Removed is no bytes."""
    if isinstance(result, Outcome):
        return b""
    written = vr if vr == "UN" and result.vr != "UI" else result.vr
    raw = padded(result.raw, result.vr)
    if len(raw) > SHORT_LIMIT and not layout.implicit and written in SHORT_VRS:
        return None
    return layout.header(tag, written, len(raw)) + raw


def plain_entry(level: Level, kind: Kind, cause: Cause, data: bytes) -> Entry | None:
    """An entry for the header that the VR of ``cause`` has."""
    if cause.vr in SHORT_VRS:
        return None if kind == Kind.KEEP else Entry(kind, cause, data, vr=cause.vr)
    return long_entry(level, LONG[kind], cause, data)


def long_entry(level: Level, kind: Kind, cause: Cause, data: bytes) -> Entry:
    """An entry for a header whose length has 32 bits."""
    entry = Entry(kind, cause, data, vr=cause.vr)
    entry.length_at = 4 if level.layout.implicit else 8
    return entry

"""Steps at elements that are no sequences: left, taken away, emptied, or rewritten by their value."""
# ruff: noqa: ARG001 - all steps take the same

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.actions import Outcome, Result
from philae.deid.context import Value
from philae.deid.outcomes import encoded
from philae.deid.steps.step import Frame, Next, new_edit
from philae.dicom.splice import Edit

if TYPE_CHECKING:
    from philae.deid.entries import Entry
    from philae.deid.levels import Level
    from philae.deid.walk import Walk

_VALUE_MEMO: Final = 256


def keep(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    return walk.extent(entry, level, position, frame.end)[1], 0, level


def write_constant(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    return walk.replace(entry, level, position, walk.extent(entry, level, position, frame.end)[1], entry.data)


def empty(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    value, behind, _ = walk.extent(entry, level, position, frame.end)
    return (behind, 0, level) if value == behind else walk.replace(entry, level, position, behind, entry.data)


def rewrite(
    walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame, midnights: int = 0
) -> Next:
    """Write the new value; that of a date whose time crosses ``midnights``."""
    value, behind = position + 8, position + 8 + length
    is_fragmented = False
    if entry.kind != 3 or behind > frame.end:
        value, behind, is_fragmented = walk.extent(entry, level, position, frame.end)
    if behind - position > _VALUE_MEMO:
        raw = b"" if is_fragmented else bytes(walk.source[value:behind])
        new = _rewritten(walk, entry, level, raw, midnights, is_readable=not is_fragmented)
        return (behind, 0, level) if new is None else walk.replace(entry, level, position, behind, new)
    element = bytes(walk.source[position:behind])
    decision = (entry, midnights) if midnights else entry
    known = walk.context.values.get((decision, element))
    if known is None:
        new = _rewritten(walk, entry, level, element[value - position :], midnights, is_readable=not is_fragmented)
        known = walk.context.remember_value(decision, element, element if new is None else new)
    if known == element:
        return behind, 0, level
    walk.edits.append(new_edit(Edit, (position, behind, known, entry.cause)))
    return behind, len(known) - behind + position, level


def _rewritten(
    walk: Walk, entry: Entry, level: Level, raw: bytes, midnights: int, *, is_readable: bool
) -> bytes | None:
    """The new element, None to leave the old one. What cannot be done empties the element (spec Q2)."""
    context, cause = walk.context, entry.cause
    result: Result = Outcome.IMPOSSIBLE
    if is_readable:
        is_big_endian = level.layout.big_endian and cause.vr != "UN"
        result = entry.action.apply(Value(raw, entry.vr, context.codecs, is_big_endian, midnights), context)
    if result is Outcome.KEPT:
        return None
    new = None if result is Outcome.IMPOSSIBLE else encoded(level.layout, cause.tag, cause.vr, result)
    if new is None and not context.compat_karnak:
        return level.layout.header(cause.tag, cause.vr, 0)
    return new

"""Steps at sequences: their items walked, their lengths kept true, what short ones became remembered."""
# ruff: noqa: ARG001 - all steps take the same

from __future__ import annotations

from struct import Struct
from typing import TYPE_CHECKING, Final, cast

from philae.deid.steps.step import HOLE, Frame, Next, new_edit
from philae.dicom.headers import MalformedDataset
from philae.dicom.layout import UNDEFINED, Layout
from philae.dicom.scan import MAX_DEPTH
from philae.dicom.splice import Cause, Edit

if TYPE_CHECKING:
    from philae.deid.entries import Entry
    from philae.deid.levels import Level
    from philae.deid.walk import Walk

_SEQUENCE_MEMO: Final = 2048
_ITEM_BYTES: Final = {False: b"\xfe\xff\x00\xe0", True: b"\xff\xfe\xe0\x00"}
_END_BYTES: Final = {False: b"\xfe\xff\xdd\xe0", True: b"\xff\xfe\xe0\xdd"}
_ITEM_HEAD: Final = {False: Struct("<4sI"), True: Struct(">4sI")}


def walk_sequence(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    layout, items = level.layout, cast("Level", entry.level)
    length_at = position + entry.length_at
    value = length_at + 4
    (length,) = layout.u32.unpack_from(walk.source, length_at)
    if frame.depth >= MAX_DEPTH:
        raise MalformedDataset("sequences are nested too deep", position, entry.cause.tag)
    if length == UNDEFINED:
        behind, change = _items(walk, entry, items, value, Frame(value, frame.end, frame.depth + 1), is_delimited=True)
        return behind, change, level
    behind = value + length
    if behind > frame.end:
        raise MalformedDataset(f"its length {length} leads beyond the end", position, entry.cause.tag)
    if not length:
        return behind, 0, level
    inside = Frame(value, behind, frame.depth + 1)
    if behind - position > _SEQUENCE_MEMO:
        return behind, _sized(walk, entry, items, value, inside, layout), level
    return behind, _remembered(walk, entry, items, position, value, inside, layout), level


def _remembered(
    walk: Walk, entry: Entry, items: Level, position: int, value: int, inside: Frame, layout: Layout
) -> int:
    """Walk the items of a short sequence unless the same bytes have been walked before."""
    element = bytes(walk.source[position : inside.end])
    known = walk.context.sequences.get((entry, element))
    if known is not None:
        append = walk.edits.append
        for first, last, data, cause in known[1]:
            append(new_edit(Edit, (position + first, position + last, data, cause)))
        return known[0]
    mark, asked = len(walk.edits), walk.instance.asked
    change = _sized(walk, entry, items, value, inside, layout)
    if walk.instance.asked == asked:
        edits = tuple(
            Edit(first - position, last - position, data, cause)
            for first, last, data, cause in walk.edits[mark:]
            if last  # a hole ends at 0
        )
        walk.context.remember_sequence(entry, element, change, edits)
    return change


def _sized(walk: Walk, entry: Entry, items: Level, value: int, inside: Frame, layout: Layout) -> int:
    """Walk the items of a sequence of known length, whose length stands before ``value``."""
    mark = len(walk.edits)
    walk.edits.append(HOLE)
    _, change = _items(walk, entry, items, value, inside, is_delimited=False)
    _fill(walk, mark, value, inside.end - value, change, layout, entry.cause)
    return change


def _fill(walk: Walk, mark: int, value: int, length: int, change: int, layout: Layout, cause: Cause) -> None:
    """Put the new length of what begins at ``value`` where its hole is among the edits."""
    if change:
        walk.edits[mark] = Edit(value - 4, value, layout.u32.pack(length + change), cause)
    elif len(walk.edits) == mark + 1:
        walk.edits.pop()
    else:
        walk.has_holes = True


def _items(
    walk: Walk, entry: Entry, level: Level, position: int, inside: Frame, *, is_delimited: bool
) -> tuple[int, int]:
    """Walk items up to the end or their delimiter; returns where they end and how much longer they became."""
    layout, change, begin, end, depth = level.layout, 0, position, inside.end, inside.depth
    head = _ITEM_HEAD[layout.big_endian].unpack_from
    item_bytes, end_bytes = _ITEM_BYTES[layout.big_endian], _END_BYTES[layout.big_endian]
    while position + 8 <= end:
        tag, length = head(walk.source, position)
        value = position + 8
        if tag != item_bytes:
            if tag == end_bytes and is_delimited:
                return value, change
            raise MalformedDataset("an item of the sequence was expected", position, entry.cause.tag)
        if length == UNDEFINED:
            position, more, _ = walk.dataset(level, value, Frame(value, end, depth), is_delimited=True)
        else:
            position = value + length
            if position > end:
                raise MalformedDataset("an item leads beyond the end of its sequence", value - 8, entry.cause.tag)
            mark = len(walk.edits)
            walk.edits.append(HOLE)
            _, more, _ = walk.dataset(level, value, Frame(value, position, depth), is_delimited=False)
            _fill(walk, mark, value, length, more, layout, entry.cause)
        change += more
    if is_delimited or position != end:
        raise MalformedDataset("the delimiter of its items is missing", begin, entry.cause.tag)
    return position, change


def walk_unknown(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    """A UN element: items in Implicit VR if its length is undefined or PS3.6 says so, maybe if it looks like them."""
    (length,) = level.layout.u32.unpack_from(walk.source, position + (4 if level.layout.implicit else 8))
    if length == UNDEFINED:
        return walk.perform(entry.inside, level, position, length, frame)
    value, behind, _ = walk.extent(entry, level, position, frame.end)
    is_sequence = entry.vr == "SQ"
    looks_like = bytes(walk.source[value : value + 4]) == _ITEM_BYTES[False] and not walk.context.compat_karnak
    if not (is_sequence or looks_like):
        return walk.perform(entry.inner, level, position, length, frame)
    mark, had_holes = len(walk.edits), walk.has_holes
    try:
        return walk.perform(entry.inside, level, position, length, frame)
    except MalformedDataset:
        del walk.edits[mark:]
        walk.has_holes = had_holes
    if is_sequence:  # its items cannot be read, so nothing in them can be vouched for
        return walk.replace(entry, level, position, behind, level.layout.header(entry.cause.tag, "UN", 0))
    return walk.perform(entry.inner, level, position, length, frame)


def refuse_delimiter(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    raise MalformedDataset("a delimiter without its sequence", position, entry.cause.tag)

"""Element headers at an offset, and the ends of values whose length is undefined."""

from __future__ import annotations

import struct
from mmap import mmap
from typing import TYPE_CHECKING, Final, TypeAlias

from philae.dicom.layout import IMPLICIT, ITEM, ITEM_END, SEQUENCE_END, UNDEFINED
from philae.dicom.tags import format_tag

if TYPE_CHECKING:
    from philae.dicom.layout import Layout

Buffer: TypeAlias = bytes | bytearray | memoryview | mmap

_GROUP_FFFE: Final = 0xFFFE


class MalformedDataset(ValueError):
    """The bytes are not a dataset from ``offset`` on. Tells offset and tag, never a value."""

    def __init__(self, problem: str, offset: int, tag: int | None = None) -> None:
        at = f"{format_tag(tag)} at offset {offset}" if tag is not None else f"offset {offset}"
        super().__init__(f"{at}: {problem}")
        self.problem = problem
        self.offset = offset
        self.tag = tag


def read_header(source: Buffer, position: int, end: int, layout: Layout) -> tuple[int, str, int, int]:
    """Tag, VR, offset of the value and length (maybe ``UNDEFINED``) of the element at ``position``."""
    try:
        key, length = layout.head.unpack_from(source, position)
    except struct.error:
        raise MalformedDataset("the dataset ends inside an element header", position) from None
    if position + 8 > end:
        raise MalformedDataset("the dataset ends inside an element header", position)
    tag, vr, header_length = layout.describe(key)
    value = position + header_length
    if not vr:
        if tag >> 16 != _GROUP_FFFE:
            raise MalformedDataset("its VR is not two capital letters", position, tag)
        return tag, "", value, int(layout.u32.unpack_from(source, position + 4)[0])
    if header_length > 8:
        if value > end:
            raise MalformedDataset("the dataset ends inside an element header", position, tag)
        length = layout.u32.unpack_from(source, position + 8)[0]
    if length != UNDEFINED and value + length > end:
        raise MalformedDataset(f"its length {length} leads beyond the end", position, tag)
    return tag, vr, value, int(length)


def end_of_undefined(
    source: Buffer, value: int, end: int, layout: Layout, tag: int, vr: str, ends: dict[int, int] | None = None
) -> int:
    """The offset behind the delimiter of a value of undefined length that begins at ``value``.

    ``ends`` keeps what was found on the way: where each sequence and item of undefined length inside ends.
    """
    if vr in ("SQ", "UN"):
        return _end_of_items(source, value, end, layout if vr == "SQ" else IMPLICIT, tag, {} if ends is None else ends)
    return _end_of_fragments(source, value, end, layout, tag)


def _end_of_fragments(source: Buffer, position: int, end: int, layout: Layout, tag: int) -> int:
    start = position
    while position + 8 <= end:
        found, _, value, length = read_header(source, position, end, layout)
        if found == SEQUENCE_END:
            return value
        if found != ITEM or length == UNDEFINED:
            raise MalformedDataset("its fragments are not items of known length", position, tag)
        position = value + length
    raise MalformedDataset("the delimiter of its fragments is missing", start, tag)


def _end_of_items(source: Buffer, position: int, end: int, layout: Layout, tag: int, ends: dict[int, int]) -> int:
    """Look through the items once, keeping what is open in a list instead of calling itself."""
    start = position
    opened = [(position, layout)]  # a sequence whose items come next, an item whose elements come next, by turns
    while opened:
        if position + 8 > end:
            raise MalformedDataset("the delimiter of its items is missing", start, tag)
        layout = opened[-1][1]
        in_item = len(opened) % 2 == 0
        found, vr, value, length = read_header(source, position, end, layout)
        if found == (ITEM_END if in_item else SEQUENCE_END):
            ends[opened.pop()[0]] = position = value
        elif length != UNDEFINED and (in_item or found == ITEM):
            position = value + length
        elif in_item and vr in ("SQ", "UN"):
            opened.append((value, layout if vr == "SQ" else IMPLICIT))
            position = value
        elif in_item and vr:
            position = _end_of_fragments(source, value, end, layout, found)
        elif found == ITEM:
            opened.append((value, layout))
            position = value
        else:
            raise MalformedDataset("an item of the sequence was expected", position, tag)
    return position

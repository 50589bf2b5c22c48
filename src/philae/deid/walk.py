"""The hot path: one pass over an encoded dataset that collects edits, reading values only where a decision needs them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from philae.deid.deciding import decide
from philae.deid.steps import STEPS
from philae.deid.steps.private_blocks import SURVIVES
from philae.deid.steps.step import HOLE, Frame, Next, new_edit
from philae.dicom.headers import Buffer, MalformedDataset, end_of_undefined, read_header
from philae.dicom.layout import UNDEFINED, Layout
from philae.dicom.splice import Edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from philae.deid.context import Context
    from philae.deid.entries import Entry
    from philae.deid.instance import Instance
    from philae.deid.levels import Level


class Walk:
    """One pass over one dataset. ``attributes`` are the encoded default attributes of the top level, by position."""

    __slots__ = ("attributes", "context", "edits", "has_holes", "instance", "source", "watched")

    def __init__(self, instance: Instance, attributes: Sequence[bytes]) -> None:
        self.instance = instance
        self.source: Buffer = instance.encoded.source
        self.context: Context = instance.context
        self.attributes = attributes
        self.edits: list[Edit] = []
        self.has_holes = False
        self.watched: dict[int, str] = {}
        """First values after the edits, by tag, of the UIDs at the top level that name the instance."""

    def run(self, level: Level, start: int, end: int, kept_creators: Iterable[int] = ()) -> tuple[Edit, ...]:
        """The edits of the whole dataset, ascending; ``kept_creators`` stay. Raises `MalformedDataset`."""
        frame = Frame(start, end, 0)
        frame.blocks.update(dict.fromkeys(kept_creators, SURVIVES))
        _, _, level = self.dataset(level, start, frame, is_delimited=False)
        self.insert_attributes(level, range(level.state.awaited, len(level.rules.attributes)), end)
        return tuple(edit for edit in self.edits if edit is not HOLE) if self.has_holes else tuple(self.edits)

    def dataset(self, level: Level, position: int, frame: Frame, *, is_delimited: bool) -> Next:
        """Walk the elements of the top level or of an item; a delimited one ends with its delimiter."""
        source, edits, end = self.source, self.edits, frame.end
        head, table = level.layout.head.unpack_from, level.table
        start, change = position, 0
        try:
            while position < end:
                key, length = head(source, position)
                try:
                    entry = table[key]
                except KeyError:
                    entry = decide(level, key, position)
                if entry is None:
                    position += 8 + length
                    continue
                kind = entry.kind
                if kind == 1 or (kind == 2 and length):  # constant, or empty and not so yet
                    behind = position + 8 + length
                    data = entry.data
                    edits.append(new_edit(Edit, (position, behind, data, entry.cause)))
                    change += len(data) - 8 - length
                    position = behind
                elif kind == 2:
                    position += 8
                elif kind == 10 and is_delimited:  # the item's end
                    return position + 8, change, level
                else:
                    position, more, level = STEPS[kind](self, entry, level, position, length, frame)
                    change += more
                    table = level.table
        except struct.error:
            position = end + 1
        if position == end and not is_delimited:
            return position, change, level
        raise self._fault(level.layout, start, end)

    def perform(self, entry: Entry | None, level: Level, position: int, length: int, frame: Frame) -> Next:
        """Take the step of ``entry``; None keeps a short element."""
        if entry is None:
            return position + 8 + length, 0, level
        return STEPS[entry.kind](self, entry, level, position, length, frame)

    def replace(self, entry: Entry, level: Level, position: int, behind: int, data: bytes) -> Next:
        """Write ``data`` instead of the element between ``position`` and ``behind``."""
        self.edits.append(Edit(position, behind, data, entry.cause))
        return behind, len(data) - behind + position, level

    def extent(self, entry: Entry, level: Level, position: int, end: int) -> tuple[int, int, bool]:
        """Where the value of the element begins, where the element ends, whether its length is undefined."""
        length_at = entry.length_at
        if length_at:
            (length,) = level.layout.u32.unpack_from(self.source, position + length_at)
            value = position + length_at + 4
            if value + length <= end:
                return value, value + length, False
        tag, vr, value, length = read_header(self.source, position, end, level.layout)
        if length != UNDEFINED:
            return value, value + length, False
        return value, end_of_undefined(self.source, value, end, level.layout, tag, vr), True

    def insert_attributes(self, level: Level, indices: range, position: int) -> None:
        """Insert the default attributes ``indices`` before ``position``."""
        for index in indices:
            cause = level.rules.attributes[index]
            self.edits.append(new_edit(Edit, (position, position, self.attributes[index], cause)))

    def _fault(self, layout: Layout, position: int, end: int) -> MalformedDataset:
        """What is wrong between two offsets, found by reading the headers on the way once more with every check."""
        start = position
        try:
            while position < end:
                tag, vr, value, length = read_header(self.source, position, end, layout)
                position = value + length
                if length == UNDEFINED:
                    position = end_of_undefined(self.source, value, end, layout, tag, vr or "SQ")
        except MalformedDataset as fault:
            return fault
        return MalformedDataset("the delimiter of an item is missing", start)

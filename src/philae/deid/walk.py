"""The hot path: one pass over an encoded dataset that collects edits, reading values only where a decision needs them."""

from __future__ import annotations

import struct
from struct import Struct
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from philae.deid.actions import Action, Outcome, Result
from philae.deid.context import Value
from philae.deid.elements.element import Question
from philae.deid.levels import SOP_CLASS_UID, STRUCTURE, Entry, Level
from philae.dicom.headers import Buffer, MalformedDataset, end_of_undefined, read_header
from philae.dicom.layout import UNDEFINED, Layout
from philae.dicom.scan import MAX_DEPTH
from philae.dicom.splice import Cause, Edit
from philae.dicom.tags import creator_of
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from philae.deid.context import Context

Step: TypeAlias = tuple[int, int, Level]
"""Where the walk goes on, how much longer the output became, and the level that holds from there."""

_VALUE_MEMO: Final = 256
_SEQUENCE_MEMO: Final = 2048
_ITEM_BYTES: Final = {False: b"\xfe\xff\x00\xe0", True: b"\xff\xfe\xe0\x00"}
_END_BYTES: Final = {False: b"\xfe\xff\xdd\xe0", True: b"\xff\xfe\xe0\xdd"}
_ITEM_HEAD: Final = {False: Struct("<4sI"), True: Struct(">4sI")}
_SURVIVES: Final = -1
_HOLE: Final = Edit(0, 0, b"", Cause(0, "", (), "", STRUCTURE))

# Edit's own constructor costs twice as much, a hundred times an instance.
_new: Final = cast("Callable[[type[Edit], tuple[int, int, bytes, Cause]], Edit]", tuple.__new__)


class Walk:
    """One pass over one dataset. ``attributes`` are the encoded default attributes of the top level, by position."""

    def __init__(self, source: Buffer, context: Context, attributes: Sequence[bytes]) -> None:
        self._source = source
        self._context = context
        self._attributes = attributes
        self._edits: list[Edit] = []
        self._blocks: dict[tuple[int, int], int] = {}
        self._has_holes = False
        self.watched: dict[int, str] = {}
        """First values after the edits, by tag, of the UIDs at the top level that name the instance."""
        self._handlers = (  # by Kind
            self._keep,
            self._constant,
            self._empty,
            self._value,
            self._keep,
            self._constant,
            self._empty,
            self._value,
            self._sequence,
            self._unknown,
            self._stray_delimiter,
            self._insert,
            self._set,
            self._watch,
            self._creator,
            self._private,
            self._question,
            self._remove_group,
        )

    def edits(self, level: Level, start: int, end: int) -> tuple[Edit, ...]:
        """The edits of the whole dataset, ascending. Raises `MalformedDataset`."""
        _, _, level = self._dataset(level, start, end, 0, is_delimited=False)
        self._insert_attributes(level, range(level.awaited, len(level.rules.attributes)), end)
        return tuple(edit for edit in self._edits if edit is not _HOLE) if self._has_holes else tuple(self._edits)

    def _dataset(self, level: Level, position: int, end: int, depth: int, *, is_delimited: bool) -> Step:
        """Walk the elements of the top level or of an item; a delimited one ends with its delimiter."""
        source, edits, handlers = self._source, self._edits, self._handlers
        head, table = level.layout.head.unpack_from, level.table
        start, change = position, 0
        try:
            while position < end:
                key, length = head(source, position)
                try:
                    entry = table[key]
                except KeyError:
                    entry = level.decide(key, position)
                if entry is None:
                    position += 8 + length
                    continue
                kind = entry.kind
                if kind == 1 or (kind == 2 and length):  # constant, or empty and not so yet
                    behind = position + 8 + length
                    data = entry.data
                    edits.append(_new(Edit, (position, behind, data, entry.cause)))
                    change += len(data) - 8 - length
                    position = behind
                elif kind == 2:
                    position += 8
                elif kind == 10 and is_delimited:  # the item's end
                    return position + 8, change, level
                else:
                    position, more, level = handlers[kind](entry, level, position, length, end, depth, start)
                    change += more
                    table = level.table
        except struct.error:
            position = end + 1
        if position == end and not is_delimited:
            return position, change, level
        raise self._fault(level.layout, start, end)

    def _fault(self, layout: Layout, position: int, end: int) -> MalformedDataset:
        """What is wrong between two offsets, found by reading the headers on the way once more with every check."""
        start = position
        try:
            while position < end:
                tag, vr, value, length = read_header(self._source, position, end, layout)
                position = value + length
                if length == UNDEFINED:
                    position = end_of_undefined(self._source, value, end, layout, tag, vr or "SQ")
        except MalformedDataset as fault:
            return fault
        return MalformedDataset("the delimiter of an item is missing", start)

    def _extent(self, entry: Entry, level: Level, position: int, end: int) -> tuple[int, int, bool]:
        """Where the value of the element begins, where the element ends, whether its length is undefined."""
        length_at = entry.length_at
        if length_at:
            (length,) = level.layout.u32.unpack_from(self._source, position + length_at)
            value = position + length_at + 4
            if value + length <= end:
                return value, value + length, False
        tag, vr, value, length = read_header(self._source, position, end, level.layout)
        if length != UNDEFINED:
            return value, value + length, False
        return value, end_of_undefined(self._source, value, end, level.layout, tag, vr), True

    def _replace(self, entry: Entry, level: Level, position: int, behind: int, data: bytes) -> Step:
        self._edits.append(Edit(position, behind, data, entry.cause))
        return behind, len(data) - behind + position, level

    def _perform(
        self, entry: Entry | None, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        if entry is None:
            return position + 8 + length, 0, level
        return self._handlers[entry.kind](entry, level, position, length, end, depth, start)

    # Handlers by kind. All take the same: the decision, the level, where the element begins, the length in its first
    # eight bytes, where the dataset ends, how deep it is nested and where it starts.

    def _keep(self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int) -> Step:
        return self._extent(entry, level, position, end)[1], 0, level

    def _constant(
        self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        return self._replace(entry, level, position, self._extent(entry, level, position, end)[1], entry.data)

    def _empty(self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int) -> Step:
        value, behind, _ = self._extent(entry, level, position, end)
        return (behind, 0, level) if value == behind else self._replace(entry, level, position, behind, entry.data)

    def _value(self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int) -> Step:
        value, behind = position + 8, position + 8 + length
        is_fragmented = False
        if entry.kind != 3 or behind > end:
            value, behind, is_fragmented = self._extent(entry, level, position, end)
        if behind - position > _VALUE_MEMO:
            element = bytes(self._source[position:value])
            raw = b"" if is_fragmented else bytes(self._source[value:behind])
            new = self._rewritten(entry, level, raw, is_readable=not is_fragmented)
            return (behind, 0, level) if new is None else self._replace(entry, level, position, behind, new)
        element = bytes(self._source[position:behind])
        known = self._context.values.get((entry, element))
        if known is None:
            new = self._rewritten(entry, level, element[value - position :], is_readable=not is_fragmented)
            known = self._context.remember_value(entry, element, element if new is None else new)
        if known == element:
            return behind, 0, level
        self._edits.append(_new(Edit, (position, behind, known, entry.cause)))
        return behind, len(known) - behind + position, level

    def _rewritten(self, entry: Entry, level: Level, raw: bytes, *, is_readable: bool) -> bytes | None:
        """The new element, None to leave the old one. What cannot be done empties the element (spec Q2)."""
        context, cause = self._context, entry.cause
        result: Result = Outcome.IMPOSSIBLE
        if is_readable:
            is_big_endian = level.layout.big_endian and cause.vr != "UN"
            value = Value(raw, entry.vr, context.codecs, is_big_endian)
            result = entry.action.apply(value, context)
        if result is Outcome.KEPT:
            return None
        new = None if result is Outcome.IMPOSSIBLE else level.encoded(cause.tag, cause.vr, result)
        if new is None and not context.compat_karnak:
            return level.layout.header(cause.tag, cause.vr, 0)
        return new

    def _sequence(
        self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        layout, items = level.layout, cast("Level", entry.level)
        length_at = position + entry.length_at
        value = length_at + 4
        (length,) = layout.u32.unpack_from(self._source, length_at)
        if depth >= MAX_DEPTH:
            raise MalformedDataset("sequences are nested too deep", position, entry.cause.tag)
        if length == UNDEFINED:
            behind, change = self._items(entry, items, value, end, depth + 1, is_delimited=True)
            return behind, change, level
        behind = value + length
        if behind > end:
            raise MalformedDataset(f"its length {length} leads beyond the end", position, entry.cause.tag)
        if not length:
            return behind, 0, level
        if behind - position > _SEQUENCE_MEMO:
            return behind, self._sized(entry, items, value, behind, depth, layout), level
        element = bytes(self._source[position:behind])
        known = self._context.sequences.get((entry, element))
        if known is not None:
            append = self._edits.append
            for first, last, data, cause in known[1]:
                append(_new(Edit, (position + first, position + last, data, cause)))
            return behind, known[0], level
        mark = len(self._edits)
        change = self._sized(entry, items, value, behind, depth, layout)
        edits = tuple(
            Edit(first - position, last - position, data, cause)
            for first, last, data, cause in self._edits[mark:]
            if last  # a hole ends at 0
        )
        self._context.remember_sequence(entry, element, change, edits)
        return behind, change, level

    def _sized(self, entry: Entry, items: Level, value: int, behind: int, depth: int, layout: Layout) -> int:
        """Walk the items of a sequence of known length, whose length follows."""
        mark = len(self._edits)
        self._edits.append(_HOLE)
        _, change = self._items(entry, items, value, behind, depth + 1, is_delimited=False)
        self._fill(mark, value, behind - value, change, layout, entry.cause)
        return change

    def _fill(self, mark: int, value: int, length: int, change: int, layout: Layout, cause: Cause) -> None:
        """Put the new length of what begins at ``value`` where its hole is among the edits."""
        if change:
            self._edits[mark] = Edit(value - 4, value, layout.u32.pack(length + change), cause)
        elif len(self._edits) == mark + 1:
            self._edits.pop()
        else:
            self._has_holes = True

    def _items(
        self, entry: Entry, level: Level, position: int, end: int, depth: int, *, is_delimited: bool
    ) -> tuple[int, int]:
        """Walk items up to ``end`` or their delimiter; returns where they end and how much longer they became."""
        layout, change, begin = level.layout, 0, position
        head = _ITEM_HEAD[layout.big_endian].unpack_from
        item_bytes, end_bytes = _ITEM_BYTES[layout.big_endian], _END_BYTES[layout.big_endian]
        while position + 8 <= end:
            tag, length = head(self._source, position)
            value = position + 8
            if tag != item_bytes:
                if tag == end_bytes and is_delimited:
                    return value, change
                raise MalformedDataset("an item of the sequence was expected", position, entry.cause.tag)
            if length == UNDEFINED:
                position, more, _ = self._dataset(level, value, end, depth, is_delimited=True)
            else:
                position = value + length
                if position > end:
                    raise MalformedDataset("an item leads beyond the end of its sequence", value - 8, entry.cause.tag)
                mark = len(self._edits)
                self._edits.append(_HOLE)
                _, more, _ = self._dataset(level, value, position, depth, is_delimited=False)
                self._fill(mark, value, length, more, layout, entry.cause)
            change += more
        if is_delimited or position != end:
            raise MalformedDataset("the delimiter of its items is missing", begin, entry.cause.tag)
        return position, change

    def _unknown(
        self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        """A UN element: items in Implicit VR if its length is undefined or PS3.6 says so, maybe if it looks like them."""
        (length,) = level.layout.u32.unpack_from(self._source, position + (4 if level.layout.implicit else 8))
        step = self._perform
        if length == UNDEFINED:
            return step(entry.inside, level, position, length, end, depth, start)
        value, behind, _ = self._extent(entry, level, position, end)
        is_sequence = entry.vr == "SQ"
        looks_like = bytes(self._source[value : value + 4]) == _ITEM_BYTES[False] and not self._context.compat_karnak
        if not (is_sequence or looks_like):
            return step(entry.inner, level, position, length, end, depth, start)
        mark, had_holes = len(self._edits), self._has_holes
        try:
            return step(entry.inside, level, position, length, end, depth, start)
        except MalformedDataset:
            del self._edits[mark:]
            self._has_holes = had_holes
        if is_sequence:  # its items cannot be read, so nothing in them can be vouched for
            return self._replace(entry, level, position, behind, level.layout.header(entry.cause.tag, "UN", 0))
        return step(entry.inner, level, position, length, end, depth, start)

    def _stray_delimiter(
        self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        raise MalformedDataset("a delimiter without its sequence", position, entry.cause.tag)

    def _insert(self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int) -> Step:
        self._insert_attributes(level, entry.span, position)
        return position, 0, cast("Level", entry.level)

    def _insert_attributes(self, level: Level, indices: range, position: int) -> None:
        for index in indices:
            cause = level.rules.attributes[index]
            self._edits.append(_new(Edit, (position, position, self._attributes[index], cause)))

    def _set(self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int) -> Step:
        behind = self._extent(entry, level, position, end)[1]
        return self._replace(entry, cast("Level", entry.level), position, behind, self._attributes[entry.span[0]])

    def _watch(self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int) -> Step:
        mark = len(self._edits)
        behind, change, level = self._perform(entry.inner, level, position, length, end, depth, start)
        if behind > end:
            raise MalformedDataset(f"its length {length} leads beyond the end", position, entry.cause.tag)
        text = self._text_after(level, mark, position, behind)
        if level.at_root:
            self.watched[entry.cause.tag] = text
        if entry.cause.tag == SOP_CLASS_UID and text != level.sop_class_uid:
            level = level.with_sop_class(text)
        return behind, change, level

    def _text_after(self, level: Level, mark: int, position: int, behind: int) -> str:
        """The first value of an element that has just been walked, as it goes out."""
        element = self._edits[-1].data if len(self._edits) > mark else bytes(self._source[position:behind])
        if not element:
            return ""
        return first_text(element[8:] if element[4:6] == b"UI" else element[_value_of(element, level.layout) :])

    def _creator(
        self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        """A private creator that goes unless an element of its block survives."""
        if self._blocks.get((start, entry.cause.tag)) == _SURVIVES:
            return self._extent(entry, level, position, end)[1], 0, level
        mark = len(self._edits)
        step = self._perform(entry.inner, level, position, length, end, depth, start)
        if len(self._edits) > mark:
            self._blocks[start, entry.cause.tag] = mark
        return step

    def _private(
        self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        """A private element that may survive: then its creator stays, too."""
        mark = len(self._edits)
        behind, change, level = self._perform(entry.inner, level, position, length, end, depth, start)
        edit = self._edits[mark] if len(self._edits) > mark else _HOLE
        if edit is not _HOLE and not edit.data and (edit.start, edit.end) == (position, behind):
            return behind, change, level
        creator = (start, cast("int", creator_of(entry.cause.tag)))
        at = self._blocks.get(creator, _SURVIVES)
        self._blocks[creator] = _SURVIVES
        if at != _SURVIVES:
            gone = self._edits[at]
            change -= len(gone.data) - gone.end + gone.start
            self._edits[at] = _HOLE
            self._has_holes = True
        return behind, change, level

    def _remove_group(
        self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        """The first element of a group that goes as a whole."""
        behind, change, level = self._perform(entry.inner, level, position, length, end, depth, start)
        return behind, change, level.without_group(entry.cause.tag >> 16, entry.cause.rule)

    def _question(
        self, entry: Entry, level: Level, position: int, length: int, end: int, depth: int, start: int
    ) -> Step:
        """Ask the profile elements whose answer depends on the value."""
        is_sequence = entry.vr == "SQ"
        raw = b""
        if not is_sequence:
            value, behind, is_fragmented = self._extent(entry, level, position, end)
            raw = b"" if is_fragmented else bytes(self._source[value:behind])
        rule, action = self._answer(entry, Value(raw, entry.vr, self._context.codecs, level.layout.big_endian))
        answered = level.answered(entry, rule, action, is_sequence=is_sequence)
        return self._perform(answered, level, position, length, end, depth, start)

    def _answer(self, entry: Entry, value: Value) -> tuple[int, Action | None]:
        for rule, action in entry.chain:
            answer = action.answer(value, self._context) if isinstance(action, Question) else action
            if answer is not None:
                return rule, answer
        return STRUCTURE, None


def _value_of(element: bytes, layout: Layout) -> int:
    return read_header(element, 0, len(element), layout)[2]

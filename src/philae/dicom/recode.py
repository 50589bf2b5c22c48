"""A little-endian dataset in the other VR mode: Explicit to Implicit VR and back, values untouched."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from philae.dicom.layout import (
    EXPLICIT,
    IMPLICIT,
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    SHORT_LIMIT,
    SHORT_VRS,
    UNDEFINED,
    Layout,
    layout_of,
)
from philae.dicom.scan import MAX_DEPTH, MalformedDataset, read_header
from philae.dicom.splice import Span
from philae.dicom.standard.dictionary import vrs, written_vr

if TYPE_CHECKING:
    from philae.dicom.scan import Buffer, Encoded
    from philae.dicom.splice import Segment
    from philae.dicom.syntax import TransferSyntax

_PIXEL_REPRESENTATION: Final = 0x00280103
_INLINE: Final = 4096
"""Values up to this many bytes are copied next to their header; longer ones stay ranges of the source."""


def recode(encoded: Encoded, target: TransferSyntax) -> list[Segment]:
    """The dataset in ``target``, as new headers between ranges of the source.

    Both syntaxes are native and little endian. Sequences get undefined lengths with delimiters. Where Implicit VR
    leaves a choice, US or SS follows Pixel Representation, OB or OW is OW (PS3.5 A.1); private elements become UN.
    Raises `MalformedDataset`.
    """
    recoding = _Recoding(encoded.source, layout_of(target))
    recoding.dataset(encoded.start, encoded.end, layout_of(encoded.syntax), depth=0)
    return recoding.finished()


@cache
def signed_or_unsigned() -> frozenset[int]:
    """Tags whose VR is US or SS, as Pixel Representation says."""
    return frozenset(tag for tag in vrs() if (written_vr(tag) or "").startswith("US or SS"))


class _Recoding:
    def __init__(self, source: Buffer, target: Layout) -> None:
        self._source = source
        self._target = target
        self._segments: list[Segment] = []
        self._pending = bytearray()
        self._is_signed = False

    def finished(self) -> list[Segment]:
        if self._pending:
            self._segments.append(bytes(self._pending))
        return self._segments

    def dataset(self, position: int, end: int, layout: Layout, depth: int) -> int:
        """Write the elements up to ``end`` or the item's delimiter; return where reading stopped."""
        while position < end:
            tag, vr, value, length = read_header(self._source, position, end, layout)
            if tag == ITEM_END and depth:
                return value
            if not vr:
                raise MalformedDataset("a delimiter without its sequence", position, tag)
            if vr == "SQ" or length == UNDEFINED:
                position = self._sequence(tag, value, length, end, _layout_of_items(vr, layout, position, tag), depth)
            else:
                self._value(tag, vr, value, length)
                position = value + length
        return position

    def _sequence(self, tag: int, position: int, length: int, end: int, layout: Layout, depth: int) -> int:
        """``length`` may be undefined; ``end`` is that of what encloses the sequence."""
        if depth >= MAX_DEPTH:
            raise MalformedDataset("sequences are nested too deep", position, tag)
        self._pending += self._target.header(tag, "SQ", UNDEFINED)
        if length == UNDEFINED:
            position = self._items(tag, position, end, layout, depth)
            if self._source[position - 8 : position] != layout.header(SEQUENCE_END, "", 0):
                raise MalformedDataset("the delimiter of its items is missing", position, tag)
        else:
            position = self._items(tag, position, position + length, layout, depth)
        self._pending += self._target.header(SEQUENCE_END, "", 0)
        return position

    def _items(self, tag: int, position: int, end: int, layout: Layout, depth: int) -> int:
        while position < end:
            found, _, value, length = read_header(self._source, position, end, layout)
            if found == SEQUENCE_END:
                return value
            if found != ITEM:
                raise MalformedDataset("an item of the sequence was expected", position, tag)
            is_signed = self._is_signed
            self._pending += self._target.header(ITEM, "", UNDEFINED)
            position = self.dataset(value, end if length == UNDEFINED else value + length, layout, depth + 1)
            self._pending += self._target.header(ITEM_END, "", 0)
            self._is_signed = is_signed
        return position

    def _value(self, tag: int, vr: str, value: int, length: int) -> None:
        if tag & 0xFFFF == 0:
            return
        if tag == _PIXEL_REPRESENTATION and length:
            self._is_signed = self._source[value] == 1
        self._pending += self._target.header(tag, self._written_vr(tag, vr, length), length)
        if length <= _INLINE:
            self._pending += self._source[value : value + length]
            return
        self._segments += (bytes(self._pending), Span(value, value + length))
        self._pending = bytearray()

    def _written_vr(self, tag: int, vr: str, length: int) -> str:
        if self._target is not EXPLICIT:
            return vr
        if vr == "US" and self._is_signed and tag in signed_or_unsigned():
            return "SS"
        return "UN" if vr in SHORT_VRS and length > SHORT_LIMIT else vr


def _layout_of_items(vr: str, layout: Layout, position: int, tag: int) -> Layout:
    """UN of undefined length holds items in Implicit VR (PS3.5 6.2.2)."""
    if vr == "UN":
        return IMPLICIT
    if vr != "SQ":
        raise MalformedDataset("fragments have no place in a native transfer syntax", position, tag)
    return layout

"""A little-endian dataset in the other VR mode: Explicit to Implicit VR and back, values untouched."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from pydicom._dicom_dict import DicomDictionary

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
    return frozenset(tag for tag, entry in DicomDictionary.items() if entry[0].startswith("US or SS"))


class _Recoding:
    def __init__(self, source: Buffer, target: Layout) -> None:
        self._source = source
        self._target = target
        self._segments: list[Segment] = []
        self._pending = bytearray()
        self._signed = False

    def finished(self) -> list[Segment]:
        if self._pending:
            self._segments.append(bytes(self._pending))
        return self._segments

    def dataset(self, position: int, end: int, layout: Layout, depth: int) -> int:
        """Write the elements up to ``end`` or the item's delimiter; return where reading stopped."""
        while position < end:
            tag, vr, value, length = read_header(self._source, position, end, layout)
            if tag == ITEM_END:
                return value
            if not vr:
                raise MalformedDataset("a delimiter without its sequence", position, tag)
            if vr == "SQ" or length == UNDEFINED:
                inner = IMPLICIT if vr == "UN" else layout
                position = self._sequence(tag, value, end if length == UNDEFINED else value + length, inner, depth)
            else:
                self._value(tag, vr, value, length)
                position = value + length
        return position

    def _sequence(self, tag: int, position: int, end: int, layout: Layout, depth: int) -> int:
        if depth >= MAX_DEPTH:
            raise MalformedDataset("sequences are nested too deep", position, tag)
        self._pending += self._target.header(tag, "SQ", UNDEFINED)
        while position < end:
            found, _, value, length = read_header(self._source, position, end, layout)
            if found == SEQUENCE_END:
                position = value
                break
            if found != ITEM:
                raise MalformedDataset("an item of the sequence was expected", position, tag)
            self._pending += self._target.header(ITEM, "", UNDEFINED)
            position = self.dataset(value, end if length == UNDEFINED else value + length, layout, depth + 1)
            self._pending += self._target.header(ITEM_END, "", 0)
        self._pending += self._target.header(SEQUENCE_END, "", 0)
        return position

    def _value(self, tag: int, vr: str, value: int, length: int) -> None:
        if tag & 0xFFFF == 0:
            return
        if tag == _PIXEL_REPRESENTATION and length >= 1:
            self._signed = self._source[value] == 1
        self._pending += self._target.header(tag, self._written_vr(tag, vr, length), length)
        if length <= _INLINE:
            self._pending += self._source[value : value + length]
            return
        self._segments += (bytes(self._pending), Span(value, value + length))
        self._pending = bytearray()

    def _written_vr(self, tag: int, vr: str, length: int) -> str:
        if self._target is not EXPLICIT:
            return vr
        if vr == "US" and self._signed and tag in signed_or_unsigned():
            return "SS"
        return "UN" if vr in SHORT_VRS and length > SHORT_LIMIT else vr

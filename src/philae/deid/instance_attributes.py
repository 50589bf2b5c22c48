"""The attributes of an instance as it arrived, for conditions and expressions."""

from __future__ import annotations

from functools import cached_property
from struct import Struct, error
from typing import TYPE_CHECKING, Final

from philae.deid.errors import Unreadable
from philae.dicom.headers import MalformedDataset, end_of_undefined, read_header
from philae.dicom.layout import UNDEFINED, Layout, layout_of
from philae.dicom.scan import elements, inflate
from philae.dicom.standard.dictionary import vr_of
from philae.dicom.values import ASCII, STRING_VRS, UNSPLIT_VRS, Codecs, codecs_of, whole_value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.dicom.scan import Encoded

_CHARACTER_SET: Final = 0x00080005
_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}

_UNKNOWN: Final = 0
_STEPS_LIMIT: Final = 1 << 12
_STEPS: Final[dict[Layout, dict[bytes, int]]] = {}
"""What a header that has been met means: its tag, negative if its length has 32 bits behind two reserved bytes."""


class InstanceAttributes:
    """Reads the root of one instance; looks through it once, when first asked. For one thread.

    Group lengths count as absent. Of duplicates the last one counts. Every method raises `Unreadable` if the dataset
    cannot be read to its end.
    """

    def __init__(self, encoded: Encoded) -> None:
        self._encoded = encoded
        self._read: dict[int, tuple[str | None, bool]] = {}

    def text(self, tag: int) -> str | None:
        """The whole value: decoded, each part stripped, backslashes kept, numbers in decimal.

        Empty for an empty element; None when absent, a sequence, or bytes that are no text.
        """
        return self._text(tag)[0]

    def values(self, tag: int) -> tuple[str, ...]:
        """The parts of `text`; none when absent or empty."""
        text, is_split = self._text(tag)
        if not text:
            return ()
        return tuple(text.split("\\")) if is_split else (text,)

    def first(self, tag: int) -> str | None:
        """The first part of `text`; None when absent or empty."""
        return next(iter(self.values(tag)), None) or None

    def is_present(self, tag: int) -> bool:
        """Whether the root has a first value."""
        if tag not in self._positions:
            return False
        vr, _, length, _ = self._header(tag)
        return bool(self.first(tag)) if vr in STRING_VRS else vr != "SQ" and length > 0

    def is_anywhere(self, tag: int) -> bool:
        """Whether the root or an item of any depth has the attribute, even empty; UN of known length is not searched."""
        return tag in self._positions or tag in self._nested

    @property
    def positions(self) -> Mapping[int, int]:
        """Where each element of the root begins."""
        return self._positions

    def _text(self, tag: int) -> tuple[str | None, bool]:
        """The whole value, and whether backslashes separate its parts."""
        known = self._read.get(tag)
        if known is None:
            known = self._read[tag] = self._decoded(tag)
        return known

    def _decoded(self, tag: int) -> tuple[str | None, bool]:
        if tag not in self._positions:
            return None, False
        vr, value, length, is_big_endian = self._header(tag)
        if vr in STRING_VRS:
            raw = bytes(self._encoded.source[value : value + length])
            codecs = ASCII if tag == _CHARACTER_SET else self._codecs
            return whole_value(raw, vr, codecs), vr not in UNSPLIT_VRS
        if vr not in _NUMBERS:
            return None, False
        code = Struct(("<", ">")[is_big_endian] + _NUMBERS[vr])
        raw = bytes(self._encoded.source[value : value + length - length % code.size])
        return "\\".join(str(number) for (number,) in code.iter_unpack(raw)), True

    def _header(self, tag: int) -> tuple[str, int, int, bool]:
        """VR, offset and length of the value and its byte order; the VR of UN is that of PS3.6 (PS3.5 6.2.2)."""
        layout = layout_of(self._encoded.syntax)
        _, vr, value, length = read_header(self._encoded.source, self._positions[tag], self._encoded.end, layout)
        if vr != "UN":
            return vr, value, length, layout.big_endian
        return "SQ" if length == UNDEFINED else vr_of(tag) or vr, value, length, False

    @cached_property
    def _codecs(self) -> Codecs:
        return codecs_of(self.text(_CHARACTER_SET) or "")

    @cached_property
    def _positions(self) -> dict[int, int]:
        try:
            self._encoded = inflate(self._encoded)
            return _positions_of(self._encoded)
        except MalformedDataset as fault:
            raise Unreadable(f"the dataset cannot be read: {fault}") from fault

    @cached_property
    def _nested(self) -> frozenset[int]:
        try:
            return frozenset(header.tag for header in elements(self._encoded) if header.path and header.tag & 0xFFFF)
        except MalformedDataset as fault:
            raise Unreadable(f"the dataset cannot be read: {fault}") from fault


def _positions_of(encoded: Encoded) -> dict[int, int]:
    """Where each element of the root begins, group lengths left out."""
    source, position, end, layout = encoded.source, encoded.start, encoded.end, layout_of(encoded.syntax)
    unpack, u32 = layout.head.unpack_from, layout.u32.unpack_from
    steps = _STEPS.setdefault(layout, {})
    found: dict[int, int] = {}
    begin = position
    try:
        while position < end:
            begin = position
            key, length = unpack(source, position)
            step = steps.get(key, _UNKNOWN)
            if step > 0:
                found[step] = position
                position += 8 + length
            elif step < 0 and (long := u32(source, position + 8)[0]) != UNDEFINED:
                found[-step] = position
                position += 12 + long
            else:
                position = _carefully(encoded, position, layout, found, steps)
    except error:
        raise MalformedDataset("the dataset ends inside an element header", begin) from None
    if position > end:
        raise MalformedDataset("its length leads beyond the end", begin)
    return found


def _carefully(encoded: Encoded, position: int, layout: Layout, found: dict[int, int], steps: dict[bytes, int]) -> int:
    """Pass one element that is new or of undefined length; remember what its header means if that is always so."""
    tag, vr, value, length = read_header(encoded.source, position, encoded.end, layout)
    if not vr:
        raise MalformedDataset("a delimiter without its sequence", position, tag)
    if tag & 0xFFFF:
        found[tag] = position
        if len(steps) < _STEPS_LIMIT and not (layout.implicit and vr in ("SQ", "UN")):
            steps[layout.head.unpack_from(encoded.source, position)[0]] = tag if value - position == 8 else -tag
    if length == UNDEFINED:
        return end_of_undefined(encoded.source, value, encoded.end, layout, tag, vr)
    return value + length

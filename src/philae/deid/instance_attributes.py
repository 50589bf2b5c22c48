"""The attributes of an instance as it arrived, for conditions and expressions."""

from __future__ import annotations

from functools import cached_property
from struct import Struct, error
from typing import TYPE_CHECKING, Final, NamedTuple

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


class _Read(NamedTuple):
    """What reading an attribute came to."""

    text: str | None = None
    first: str | None = None
    is_split: bool = False
    """Whether backslashes separate the parts of ``text``."""
    is_there: bool = False


_ABSENT: Final = _Read()


class InstanceAttributes:
    """Reads the root of one instance; looks through it once, when first asked. For one thread.

    Group lengths count as absent. Of duplicates the last one counts. Every method raises `Unreadable` if the dataset
    cannot be read to its end.
    """

    def __init__(self, encoded: Encoded) -> None:
        self._encoded = encoded
        self._read: dict[int, _Read] = {}

    def text(self, tag: int) -> str | None:
        """The whole value: decoded, each part stripped, backslashes kept, numbers in decimal.

        Empty for an empty element; None when absent, a sequence, or bytes that are no text.
        """
        return self._value(tag).text

    def values(self, tag: int) -> tuple[str, ...]:
        """The parts of `text`; none when absent or empty."""
        value = self._value(tag)
        if not value.text:
            return ()
        return tuple(value.text.split("\\")) if value.is_split else (value.text,)

    def first(self, tag: int) -> str | None:
        """The first part of `text`; None when absent or empty."""
        return self._value(tag).first

    def is_present(self, tag: int) -> bool:
        """Whether the root has a first value."""
        return self._value(tag).is_there

    def is_anywhere(self, tag: int) -> bool:
        """Whether the root or an item of any depth has the attribute, even empty; UN of known length is not searched."""
        return tag in self._positions or tag in self._nested

    @property
    def positions(self) -> Mapping[int, int]:
        """Where each element of the root begins."""
        return self._positions

    def _value(self, tag: int) -> _Read:
        known = self._read.get(tag)
        if known is None:
            known = self._read[tag] = self._decoded(tag)
        return known

    def _decoded(self, tag: int) -> _Read:
        if tag not in self._positions:
            return _ABSENT
        vr, value, length, is_big_endian = self._header(tag)
        if vr in STRING_VRS:
            raw = bytes(self._encoded.source[value : value + length])
            text = whole_value(raw, vr, ASCII if tag == _CHARACTER_SET else self._codecs)
            is_split = vr not in UNSPLIT_VRS
            first = (text.partition("\\")[0] if is_split else text) or None
            return _Read(text, first, is_split, first is not None)
        if vr not in _NUMBERS:
            return _Read(is_there=vr != "SQ" and length > 0)
        code = Struct(("<", ">")[is_big_endian] + _NUMBERS[vr])
        raw = bytes(self._encoded.source[value : value + length - length % code.size])
        numbers = [str(number) for (number,) in code.iter_unpack(raw)]
        return _Read("\\".join(numbers), next(iter(numbers), None), is_split=True, is_there=length > 0)

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

"""A few values of the top level, found by passing over the headers before them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from philae.dicom.headers import Buffer, MalformedDataset, end_of_undefined, read_header
from philae.dicom.layout import SHORT_VRS, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.dicom.layout import Layout

_SKIP, _STOP, _LONG, _CAREFUL = 0, -1, -2, -3  # a positive step is the tag to take
_TABLE_LIMIT: Final = 1 << 12


class Picker:
    """Picks the values of ``tags``. Make one and keep it: it learns what each header means."""

    __slots__ = ("_last", "_steps", "_tags")

    def __init__(self, tags: Iterable[int]) -> None:
        self._tags = frozenset(tags)
        self._last = max(self._tags)
        self._steps: dict[Layout, dict[bytes, int]] = {}

    def pick(self, source: Buffer, start: int, end: int, layout: Layout, found: dict[int, bytes]) -> None:
        """Fill ``found`` with values as encoded, by tag. Raises `MalformedDataset` where it cannot go on."""
        steps = self._steps.setdefault(layout, {})
        unpack, u32 = layout.head.unpack_from, layout.u32.unpack_from
        begin = position = start
        try:
            while position < end:
                begin = position
                key, length = unpack(source, position)
                step = steps.get(key)
                if step is None:
                    step = self._learnt(steps, key, layout)
                if step == _SKIP:
                    position += 8 + length
                elif step > 0:
                    value = position + 8
                    position = value + length
                    if position > end:
                        raise MalformedDataset(f"its length {length} leads beyond the end", value - 8, step)
                    found[step] = bytes(source[value:position])
                elif step == _LONG and (long := u32(source, position + 8)[0]) != UNDEFINED:
                    position += 12 + long
                elif step == _STOP:
                    return
                else:
                    position = self._carefully(source, position, end, layout, found)
        except struct.error:
            raise MalformedDataset("the dataset ends inside an element header", position) from None
        if position > end:
            raise MalformedDataset(
                "its length leads beyond the end", begin, layout.describe(unpack(source, begin)[0])[0]
            )

    def _carefully(self, source: Buffer, position: int, end: int, layout: Layout, found: dict[int, bytes]) -> int:
        tag, vr, value, length = read_header(source, position, end, layout)
        if length == UNDEFINED:
            return end_of_undefined(source, value, end, layout, tag, vr or "SQ")
        behind = value + length
        if tag in self._tags:
            found[tag] = bytes(source[value:behind])
        return behind

    def _learnt(self, steps: dict[bytes, int], key: bytes, layout: Layout) -> int:
        step = self._step(key, layout)
        if len(steps) < _TABLE_LIMIT:
            steps[key] = step
        return step

    def _step(self, key: bytes, layout: Layout) -> int:
        tag, vr, _ = layout.describe(key)
        if tag > self._last:
            return _STOP
        if layout.implicit:
            return tag if tag in self._tags else _CAREFUL if vr in ("SQ", "UN") else _SKIP
        if vr in SHORT_VRS:
            return tag if tag in self._tags else _SKIP
        return _CAREFUL if tag in self._tags or not vr else _LONG

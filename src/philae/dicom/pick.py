"""A few values of the top level, found by passing over the headers before them."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from philae.dicom.headers import Buffer, MalformedDataset, end_of_undefined, read_header
from philae.dicom.layout import SHORT_VRS, UNDEFINED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.dicom.layout import Layout

_SKIP, _TAKE, _STOP, _LONG = range(4)
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
        unpack, position = layout.head.unpack_from, start
        try:
            while position < end:
                key, length = unpack(source, position)
                step = steps.get(key)
                if step is None:
                    step = self._step(key, layout)
                    if len(steps) < _TABLE_LIMIT:
                        steps[key] = step
                if step == _SKIP:
                    position += 8 + length
                elif step == _STOP:
                    return
                else:
                    position = self._long(source, position, end, layout, found)
        except struct.error:
            raise MalformedDataset("the dataset ends inside an element header", position) from None

    def _long(self, source: Buffer, position: int, end: int, layout: Layout, found: dict[int, bytes]) -> int:
        tag, vr, value, length = read_header(source, position, end, layout)
        if length == UNDEFINED:
            return end_of_undefined(source, value, end, layout, tag, vr or "SQ")
        behind = value + length
        if tag in self._tags:
            found[tag] = bytes(source[value:behind])
        return behind

    def _step(self, key: bytes, layout: Layout) -> int:
        tag, vr, _ = layout.describe(key)
        if tag > self._last:
            return _STOP
        if tag in self._tags:
            return _TAKE
        return _SKIP if vr in SHORT_VRS else _LONG

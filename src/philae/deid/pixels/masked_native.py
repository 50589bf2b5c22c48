"""Native frames with a mask drawn: rows that it does not touch stay ranges of the source."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from typing_extensions import override

from philae.deid.pixels.content import Content, release
from philae.deid.pixels.frame import is_halved, native_frame_length
from philae.dicom.splice import Segment, Span

if TYPE_CHECKING:
    from philae.deid.pixels.masks import Area, MaskPainter
    from philae.deid.pixels.module import Image

_BAND: Final = 1 << 20
"""Bytes that are copied at a time."""


class _Plane(NamedTuple):
    """One raster of a frame: where it begins, how long a row is, and the bytes that fill ``pixels`` in a row."""

    offset: int
    row_length: int
    fill: bytes
    pixels: int


class MaskedNative(Content):
    """The Pixel Data element of an image with a mask on every frame, in the byte order that it has."""

    def __init__(self, image: Image, painter: MaskPainter) -> None:
        """Raises `BadPixels` unless the frames fill the pixel data, `UnsupportedPixels` for unknown colour spaces."""
        header = image.pixel_data
        length = header.end - header.value
        self._image = image
        self._areas = painter.areas
        self._frame_length = native_frame_length(image.module, length)
        self._planes = _planes(image, painter, length)
        self.touched = _rows(painter.areas, max(1, _BAND // self._planes[0].row_length))

    @property
    @override
    def length(self) -> int:
        return self._image.pixel_data.end - self._image.pixel_data.start

    @override
    def segments(self) -> Iterator[Segment]:
        header = self._image.pixel_data
        position = header.start
        for frame in range(self._image.module.frames):
            for plane in self._planes:
                start = header.value + frame * self._frame_length + plane.offset
                for top, bottom in self.touched:
                    begin, end = start + top * plane.row_length, start + bottom * plane.row_length
                    if begin > position:
                        yield Span(position, begin)
                    yield self._band(plane, top, begin, end)
                    position = end
        if header.end > position:
            yield Span(position, header.end)

    def _band(self, plane: _Plane, top: int, begin: int, end: int) -> bytes:
        """The rows from ``top`` on, which lie from ``begin`` to ``end``, with the mask drawn."""
        source = self._image.encoded.source
        with memoryview(source) as view:
            band = bytearray(view[begin:end])
        release(source, begin, end)
        rows = np.frombuffer(band, "u1").reshape(-1, plane.row_length)
        unit = len(plane.fill)
        for area in self._areas:
            first, behind = area.left // plane.pixels, -(-area.right // plane.pixels)
            run = np.frombuffer(plane.fill * (behind - first), "u1")
            rows[max(0, area.top - top) : max(0, area.bottom - top), first * unit : behind * unit] = run
        return bytes(band)


def _planes(image: Image, painter: MaskPainter, length: int) -> tuple[_Plane, ...]:
    module = image.module
    words = painter.fill(module.photometric)
    width = module.bits_allocated // 8
    fill = [word.to_bytes(width, "big" if image.encoded.syntax.big_endian else "little") for word in words]
    if is_halved(module, length):
        y, blue, red = fill
        return (_Plane(0, 2 * module.columns, y + y + blue + red, 2),)
    row = module.columns * width
    if module.samples == 3 and module.is_planar:
        return tuple(_Plane(at * row * module.rows, row, one, 1) for at, one in enumerate(fill))
    return (_Plane(0, row * module.samples, b"".join(fill), 1),)


def _rows(areas: tuple[Area, ...], most: int) -> tuple[tuple[int, int], ...]:
    """The rows that areas touch, from the first to behind the last, in bands of at most ``most``."""
    bands: list[tuple[int, int]] = []
    reached = 0
    for area in sorted(areas):
        tops = range(max(area.top, reached), area.bottom, most)
        bands += ((top, min(top + most, area.bottom)) for top in tops)
        reached = max(reached, area.bottom)
    return tuple(bands)

"""RLE Lossless (PS3.5 annex G)."""

from __future__ import annotations

import sys
from contextlib import suppress
from itertools import pairwise
from struct import unpack_from
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from philae.deid.pixels.codec import EncodedFrame, library
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.frame import Frame, sample_type

if TYPE_CHECKING:
    from philae.deid.pixels.frame import Samples
    from philae.deid.pixels.module import PixelModule

_HEADER: Final = 64


def decode_rle(data: bytes, module: PixelModule) -> Frame:
    """Raises `BadPixels`."""
    size = module.rows * module.columns
    width = module.bits_allocated // 8
    segments = _segments(data, module.samples * width)
    planes = np.empty((module.samples, size, width), "u1")
    for number, segment in enumerate(segments):  # of each sample the most significant byte comes first
        planes[number // width, :, width - 1 - number % width] = _unpacked(segment, size)
    words = planes.view(sample_type(module).newbyteorder("<")).astype(sample_type(module), copy=False)
    samples = np.ascontiguousarray(words.reshape(module.samples, module.rows, module.columns).transpose(1, 2, 0))
    return Frame(samples if module.samples == 3 else samples[..., 0], module.bits_allocated, module.photometric)


def encode_rle(frame: Frame) -> EncodedFrame:
    samples = frame.samples.byteswap() if sys.byteorder == "big" else frame.samples
    rows, columns = samples.shape[:2]
    data = _rle().encode_pixel_data(
        samples.tobytes(),
        byteorder="<",
        rows=rows,
        columns=columns,
        samples_per_pixel=1 if samples.ndim == 2 else 3,
        bits_allocated=8 * samples.dtype.itemsize,
    )
    return EncodedFrame(bytes(data), frame.photometric)


def _segments(data: bytes, needed: int) -> list[bytes]:
    """As many segments as the image has bytes a pixel, one behind the other."""
    if len(data) < _HEADER:
        raise BadPixels("an RLE frame is cut short inside its header")
    count, *offsets = unpack_from("<16I", data)
    if count != needed or count > 15:
        raise BadPixels(f"an RLE frame has {count} segments, the dataset needs {needed}")
    bounds = [*offsets[:count], len(data)]
    if bounds[0] != _HEADER or any(end <= start for start, end in pairwise(bounds)):
        raise BadPixels("the segments of an RLE frame do not lie one behind the other")
    return [data[start:end] for start, end in pairwise(bounds)]


def _unpacked(segment: bytes, size: int) -> Samples:
    """The ``size`` bytes of a segment, which may end with a byte of padding."""
    codecs = library("imagecodecs", "imagecodecs")
    out = np.empty(size, "u1")
    for candidate in (segment, segment[:-1]):
        with suppress(RuntimeError):
            if len(codecs.packbits_decode(candidate, out=out)) == size:
                return out
    raise BadPixels("a segment of an RLE frame is damaged or cut short")


def _rle() -> Any:
    return library("rle", "pylibjpeg-rle")

"""JPEG-LS (T.87), lossless and near-lossless."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np

from philae.deid.pixels.codec import EncodedFrame, Quality, library
from philae.deid.pixels.codestream import check, read_jpeg
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.frame import Frame, as_declared, as_unsigned

if TYPE_CHECKING:
    from philae.deid.pixels.module import PixelModule

_BY_PIXEL = 2


def decode_jpegls(data: bytes, module: PixelModule) -> Frame:
    """A frame of either mode. Raises `BadPixels`."""
    stream = read_jpeg(data)
    check(stream, module)
    try:
        buffer, info = _pyjpegls().decode_pixel_data(data)
    except (RuntimeError, ValueError, OSError) as error:
        raise BadPixels(f"a JPEG-LS frame cannot be decoded ({type(error).__name__})") from None
    words = np.frombuffer(buffer, "u1" if stream.bits <= 8 else "<u2")
    if module.samples == 3 and info["interleave_mode"] == 0:
        words = words.reshape(3, module.rows, module.columns).transpose(1, 2, 0)
    shape = (module.rows, module.columns, 3)[: 2 if module.samples == 1 else 3]
    samples = as_declared(np.ascontiguousarray(words).reshape(shape), stream.bits, module)
    return Frame(samples, stream.bits, module.photometric)


def encode_jpegls(frame: Frame) -> EncodedFrame:
    return _encode(frame, 0)


def encode_near(frame: Frame, quality: Quality) -> EncodedFrame:
    """No sample differs by more than ``quality.near``."""
    return _encode(frame, quality.near)


def _encode(frame: Frame, near: int) -> EncodedFrame:
    samples = as_unsigned(frame).astype("u1" if frame.bits <= 8 else "u2", copy=False)
    if sys.byteorder == "big":
        samples = samples.byteswap()
    rows, columns = samples.shape[:2]
    count = 1 if samples.ndim == 2 else 3
    data = _pyjpegls().encode_buffer(samples.tobytes(), rows, columns, count, max(2, frame.bits), near, _BY_PIXEL)
    return EncodedFrame(bytes(data), frame.photometric)


def _pyjpegls() -> Any:
    return library("jpeg_ls", "pyjpegls")

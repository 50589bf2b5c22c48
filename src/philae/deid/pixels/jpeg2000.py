"""JPEG 2000 (T.800) and its high-throughput variant (T.814)."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from philae.deid.pixels.codec import EncodedFrame, Quality, library
from philae.deid.pixels.codestream import Codestream, check, read_jpeg2000
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.frame import Frame, as_declared

if TYPE_CHECKING:
    from philae.deid.pixels.frame import Samples
    from philae.deid.pixels.module import PixelModule

_RGB: Final = 1
_UNSPECIFIED: Final = 0
_FIRST_DEPTH: Final = 42
"""Where the depth of the first component stands in a codestream, counted from its start of codestream marker."""
_LEAST_SIZE: Final = 32
_TRANSFORMED: Final = frozenset({"YBR_RCT", "YBR_ICT"})
_ENCODING: Final = Lock()
"""OpenJPEG's encoder, as pylibjpeg-openjpeg 2.6 wraps it, destroys memory when two threads use it at once."""


def decode_jpeg2000(data: bytes, module: PixelModule) -> Frame:
    """A frame of either part, lossless or lossy. Raises `BadPixels`."""
    stream = read_jpeg2000(data)
    check(stream, module)
    try:
        raw = _openjpeg().decode(data)
    except (RuntimeError, ValueError, KeyError) as error:
        raise BadPixels(f"a JPEG 2000 frame cannot be decoded ({type(error).__name__})") from None
    return Frame(as_declared(raw, stream.bits, module), stream.bits, _photometric(stream, module))


def encode_reversible(frame: Frame) -> EncodedFrame:
    return _encode(frame, "YBR_RCT")


def encode_irreversible(frame: Frame, quality: Quality) -> EncodedFrame:
    return _encode(frame, "YBR_ICT", compression_ratios=[quality.ratio])


def encode_high_throughput(frame: Frame) -> EncodedFrame:
    """Reversible, resolution by resolution (RPCL), with tile-part lengths: a stream for .201 and .202 alike."""
    is_rgb = frame.photometric == "RGB"
    samples, is_shifted = _as_signed(frame)
    data = bytearray(library("imagecodecs", "imagecodecs").htj2k_encode(samples, reversible=True, rgb=is_rgb, tlm=True))
    if is_shifted or frame.bits not in (8, 16):
        _declare_depth(data, frame, is_signed=not is_shifted)
    return EncodedFrame(bytes(data), "YBR_RCT" if is_rgb else frame.photometric)


def _encode(frame: Frame, transformed: str, **options: Any) -> EncodedFrame:
    is_rgb = frame.photometric == "RGB"
    if min(frame.samples.shape[:2]) < _LEAST_SIZE:
        return _encode_small(frame)
    with _ENCODING:
        data = _openjpeg().encode(
            np.ascontiguousarray(frame.samples),
            bits_stored=frame.bits,
            photometric_interpretation=_RGB if is_rgb else _UNSPECIFIED,
            **options,
        )
    return EncodedFrame(bytes(data), transformed if is_rgb else frame.photometric)


def _encode_small(frame: Frame) -> EncodedFrame:
    """Without loss, and without the five halvings that pylibjpeg-openjpeg always makes."""
    is_rgb = frame.photometric == "RGB"
    samples = np.ascontiguousarray(frame.samples)
    options = {"codecformat": "j2k", "level": 0, "reversible": True, "resolutions": 1, "bitspersample": frame.bits}
    data = library("imagecodecs", "imagecodecs").jpeg2k_encode(samples, mct=is_rgb, **options)
    return EncodedFrame(bytes(data), "YBR_RCT" if is_rgb else frame.photometric)


def _as_signed(frame: Frame) -> tuple[Samples, bool]:
    """Samples as OpenJPH takes them, and whether they were shifted.

    It derives the depth from the type, so 12 of 16 bits would be declared as 16. The level shift of unsigned samples
    (T.800 G.1) is the only thing that depends on it: it is made here, and the depth then declared as it is.
    """
    bits, samples = frame.bits, frame.samples
    narrow = "1" if bits <= 8 else "2"
    if samples.dtype.kind == "i":
        return np.ascontiguousarray(samples.astype(f"i{narrow}", copy=False)), False
    if bits in (8, 16):
        return np.ascontiguousarray(samples.astype(f"u{narrow}", copy=False)), False
    return np.ascontiguousarray((samples.astype("i4") - (1 << bits - 1)).astype(f"i{narrow}")), True


def _declare_depth(data: bytearray, frame: Frame, *, is_signed: bool) -> None:
    for component in range(1 if frame.samples.ndim == 2 else 3):
        data[_FIRST_DEPTH + 3 * component] = (frame.bits - 1) | (0x80 if is_signed else 0)


def _photometric(stream: Codestream, module: PixelModule) -> str:
    return "RGB" if stream.colour == "RGB" or module.photometric in _TRANSFORMED else module.photometric


def _openjpeg() -> Any:
    return library("openjpeg", "pylibjpeg-openjpeg")

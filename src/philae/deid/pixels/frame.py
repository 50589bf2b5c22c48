"""One decoded frame as an array, and native pixel data as such arrays (PS3.5 8.1, PS3.3 C.7.6.3.1)."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.errors import BadPixels, UnsupportedPixels

if TYPE_CHECKING:
    from philae.deid.pixels.module import PixelModule

Samples: TypeAlias = NDArray[Any]

HALVED_CHROMA: Final = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})


@dataclass(frozen=True, slots=True)
class Frame:
    """``samples`` are (rows, columns) or (rows, columns, 3), in the type that Bits Allocated and sign ask for.

    ``bits`` is how many of each sample count. ``photometric`` is what the samples are now: a codec's own colour
    transform is undone, chroma has full resolution.
    """

    samples: Samples
    bits: int
    photometric: str


def sample_type(module: PixelModule, *, big_endian: bool = False) -> np.dtype[Any]:
    """The type of one sample, in the machine's byte order or big endian."""
    kind = np.dtype(f"{'i' if module.is_signed else 'u'}{module.bits_allocated // 8}")
    return kind.newbyteorder(">") if big_endian else kind


def as_declared(raw: Samples, bits: int, module: PixelModule) -> Samples:
    """Samples of any integer type, of which ``bits`` count, with the sign that the dataset declares."""
    allocated = module.bits_allocated
    unsigned = np.dtype(f"u{allocated // 8}")
    words = raw.view(f"u{raw.dtype.itemsize}").astype(unsigned, copy=False)
    if not module.is_signed:
        return words if bits == allocated else words & unsigned.type((1 << bits) - 1)
    signed = sample_type(module)
    if bits == allocated:
        return words.view(signed)
    shift = allocated - bits
    return (words << shift).view(signed) >> shift


def as_unsigned(frame: Frame) -> Samples:
    """The bits that count of each sample, for codecs that know no sign."""
    size = frame.samples.dtype.itemsize
    words = frame.samples.view(f"u{size}")
    return words if frame.bits == 8 * size else words & np.dtype(f"u{size}").type((1 << frame.bits) - 1)


def is_halved(module: PixelModule, length: int) -> bool:
    """Whether native frames of ``length`` bytes in all have one chroma pair for two pixels.

    Some datasets say so but hold full chroma; the length tells.
    """
    return module.photometric in HALVED_CHROMA and module.samples == 3 and length < module.frame_length * module.frames


def native_frame_length(module: PixelModule, length: int) -> int:
    """Bytes of each native frame in pixel data of ``length`` bytes. Raises `BadPixels` unless they fill it."""
    frame = module.frame_length * 2 // 3 if is_halved(module, length) else module.frame_length
    if is_halved(module, length) and (module.columns % 2 or module.bits_allocated != 8):
        raise UnsupportedPixels("halved chroma needs 8 bits and an even number of columns")
    expected = frame * module.frames
    if length - expected not in (0, expected % 2):
        raise BadPixels(f"Pixel Data (7FE0,0010) has {length} bytes, {module.frames} frames need {expected}")
    return frame


def unpack(data: bytes | bytearray | memoryview, module: PixelModule, *, big_endian: bool = False) -> Samples:
    """One native frame with all bits allocated, interleaved, writable. Chroma is doubled if it was halved."""
    rows, columns = module.rows, module.columns
    if len(data) != module.frame_length:
        return _doubled(np.frombuffer(data, "u1").reshape(rows, columns // 2, 4), columns)
    words = np.frombuffer(data, sample_type(module, big_endian=big_endian))
    if big_endian or not words.flags.writeable:
        words = words.astype(sample_type(module))
    if module.samples == 1:
        return words.reshape(rows, columns)
    if module.is_planar:
        return np.ascontiguousarray(words.reshape(3, rows, columns).transpose(1, 2, 0))
    return words.reshape(rows, columns, 3)


def pack(frame: Frame) -> bytes:
    """A native little-endian frame, interleaved."""
    samples = frame.samples
    if sys.byteorder == "big":
        samples = samples.byteswap()
    return samples.tobytes()


def _doubled(pairs: NDArray[np.uint8], columns: int) -> Samples:
    """Y Y Cb Cr for two pixels each becomes Y Cb Cr for every pixel."""
    whole = np.empty((pairs.shape[0], columns, 3), "u1")
    whole[:, 0::2, 0], whole[:, 1::2, 0] = pairs[..., 0], pairs[..., 1]
    for parity in (0, 1):
        whole[:, parity::2, 1:] = pairs[..., 2:]
    return whole

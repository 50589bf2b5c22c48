"""What the head of a JPEG, JPEG-LS or JPEG 2000 codestream declares, read before anything is decoded."""

from __future__ import annotations

from struct import error, unpack_from
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.pixels.errors import BadPixels

if TYPE_CHECKING:
    from philae.deid.pixels.module import PixelModule

_SOI, _EOI, _SOS, _APP0, _APP14, _DQT, _LSE = 0xD8, 0xD9, 0xDA, 0xE0, 0xEE, 0xDB, 0xF8
_START_OF_FRAME: Final = frozenset({*range(0xC0, 0xD0), 0xF7} - {0xC4, 0xC8, 0xCC})
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD9)})
_SOC: Final = b"\xff\x4f\xff\x51"
_COD: Final = 0x52
_START_OF_TILE: Final = 0x90
_MOST_PADDING: Final = 64


class Codestream(NamedTuple):
    """Size, depth and colour of one encoded frame.

    ``colour`` is "YBR" or "RGB" where the stream says so, else empty. ``quantizer`` is the sum of the first
    quantization table of a lossy JPEG.
    """

    rows: int
    columns: int
    samples: int
    bits: int
    colour: str = ""
    quantizer: int = 0
    is_whole: bool = True


def check(stream: Codestream, module: PixelModule) -> None:
    """Raises `BadPixels` if the codestream is another image than the dataset describes, or is cut short."""
    if (stream.rows, stream.columns, stream.samples) != (module.rows, module.columns, module.samples):
        raise BadPixels(
            f"a frame holds {stream.columns} x {stream.rows} pixels of {stream.samples} samples, the dataset says "
            f"{module.columns} x {module.rows} of {module.samples}"
        )
    if not 1 <= stream.bits <= module.bits_allocated:
        raise BadPixels(
            f"a frame has {stream.bits} bits a sample, Bits Allocated (0028,0100) is {module.bits_allocated}"
        )
    if not stream.is_whole:
        raise BadPixels("a frame is cut short: its codestream has no end")


def read_jpeg(data: bytes) -> Codestream:
    """The head of a JPEG (T.81) or JPEG-LS (T.87) frame. Raises `BadPixels`."""
    try:
        return _read_jpeg(data)
    except (error, IndexError):
        raise BadPixels("a frame is cut short inside its JPEG header") from None


def read_jpeg2000(data: bytes) -> Codestream:
    """The head of a JPEG 2000 or HTJ2K frame (T.800), with or without JP2 boxes. Raises `BadPixels`."""
    start = data.find(_SOC, 0, 4096)
    if start < 0:
        raise BadPixels("a frame is no JPEG 2000 codestream")
    try:
        return _read_jpeg2000(data, start + 2)
    except (error, IndexError):
        raise BadPixels("a frame is cut short inside its JPEG 2000 header") from None


def _read_jpeg(data: bytes) -> Codestream:
    if data[:2] != b"\xff\xd8":
        raise BadPixels("a frame is no JPEG codestream")
    position, jfif, adobe, quantizer = 2, False, -1, 0
    while True:
        if data[position] != 0xFF:
            raise BadPixels("a frame has no JPEG header that can be read")
        marker = data[position + 1]
        if marker == 0xFF or marker in _ALONE:
            position += 1 if marker == 0xFF else 2
            continue
        (length,) = unpack_from(">H", data, position + 2)
        body = position + 4
        if marker in _START_OF_FRAME:
            break
        if marker in (_SOS, _EOI):
            raise BadPixels("a frame has no JPEG frame header")
        if marker == _APP0 and data[body : body + 5] == b"JFIF\0":
            jfif = True
        elif marker == _APP14 and data[body : body + 5] == b"Adobe":
            adobe = data[body + 11]
        elif marker == _DQT and not quantizer:
            wide = data[body] >> 4
            quantizer = sum(unpack_from(">64H" if wide else ">64B", data, body + 1))
        position += 2 + length
    bits, rows, columns, samples = unpack_from(">BHHB", data, body)
    ids = bytes(data[body + 6 + 3 * at] for at in range(samples))
    return Codestream(rows, columns, samples, bits, _colour(ids, jfif, adobe), quantizer, _ends(data))


def _colour(ids: bytes, jfif: bool, adobe: int) -> str:  # noqa: FBT001 - what was found, in the order it was found
    if len(ids) != 3:
        return ""
    if adobe in (0, 1):
        return ("RGB", "YBR")[adobe]
    if ids == b"RGB":
        return "RGB"
    return "YBR" if jfif else ""


def _ends(data: bytes) -> bool:
    """Whether an end-of-image marker stands at the end; some padding may follow it."""
    return b"\xff\xd9" in data[-_MOST_PADDING:]


def _read_jpeg2000(data: bytes, position: int) -> Codestream:
    length, _, right, bottom, left, top = unpack_from(">HH4I", data, position + 2)
    (samples,) = unpack_from(">H", data, position + 38)
    depths = {data[position + 40 + 3 * at] & 0x7F for at in range(samples)}
    if len(depths) != 1:
        raise BadPixels("the components of a frame differ in depth")
    colour = "RGB" if _has_colour_transform(data, position + 2 + length) else ""
    return Codestream(bottom - top, right - left, samples, depths.pop() + 1, colour, 0, _ends(data))


def _has_colour_transform(data: bytes, position: int) -> bool:
    while data[position] == 0xFF and data[position + 1] != _START_OF_TILE:
        if data[position + 1] == _COD:
            return data[position + 8] == 1
        position += 2 + int(unpack_from(">H", data, position + 2)[0])
    raise BadPixels("a frame has no coding style")

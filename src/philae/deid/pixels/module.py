"""What a dataset says about its pixels (PS3.3 C.7.6.3), and where in it they lie."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.deid.pixels.errors import BadPixels, UnsupportedPixels
from philae.dicom.layout import Layout, layout_of
from philae.dicom.scan import ElementHeader, Encoded, elements
from philae.dicom.tags import format_tag
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Iterable

SAMPLES_PER_PIXEL: Final = 0x00280002
PHOTOMETRIC_INTERPRETATION: Final = 0x00280004
PLANAR_CONFIGURATION: Final = 0x00280006
NUMBER_OF_FRAMES: Final = 0x00280008
ROWS: Final = 0x00280010
COLUMNS: Final = 0x00280011
BITS_ALLOCATED: Final = 0x00280100
BITS_STORED: Final = 0x00280101
HIGH_BIT: Final = 0x00280102
PIXEL_REPRESENTATION: Final = 0x00280103
PIXEL_DATA: Final = 0x7FE00010
EXTENDED_OFFSETS: Final = 0x7FE00001
EXTENDED_LENGTHS: Final = 0x7FE00002

LARGEST_FRAME: Final = 1 << 30
"""Bytes of one decoded frame that are still taken on: three of them are in memory at a time."""

_LARGEST_VALUE: Final = 1 << 24
"""Bytes of an attribute that is read; palettes and offset tables are smaller."""
_ELSEWHERE: Final = {
    0x7FE00008: "Float Pixel Data",
    0x7FE00009: "Double Float Pixel Data",
    0x00287FE0: "Pixel Data Provider URL",
}

PIXELS: Final = (PIXEL_DATA, *_ELSEWHERE)
"""Where an instance may have pixels."""


@dataclass(frozen=True, slots=True)
class PixelModule:
    """The Image Pixel Module, checked: sizes are positive and a frame is of a size that can be held in memory."""

    rows: int
    columns: int
    samples: int
    photometric: str
    is_planar: bool
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool
    frames: int

    @property
    def frame_length(self) -> int:
        """Bytes of one frame with a full set of samples for each pixel."""
        return self.rows * self.columns * self.samples * self.bits_allocated // 8


@dataclass(frozen=True, slots=True)
class Image:
    """An encoded dataset that has pixels. ``elements`` are those of the top level, by tag, in file order."""

    encoded: Encoded
    layout: Layout
    elements: Mapping[int, ElementHeader]
    nested_pixel_data: tuple[ElementHeader, ...]
    module: PixelModule
    pixel_data: ElementHeader

    def value(self, tag: int) -> bytes:
        """The value as encoded, empty where absent."""
        return _value(self.encoded, self.elements, tag)

    def numbers(self, tag: int) -> tuple[int, ...]:
        """The values of a US element; empty where absent."""
        raw = self.value(tag)
        return tuple(self.layout.u16.unpack_from(raw, at)[0] for at in range(0, len(raw) - 1, 2))


def read_image(encoded: Encoded) -> Image | None:
    """The image in a dataset that is not deflated; None if it has no pixels at all.

    Raises `BadPixels` if the Image Pixel Module makes no sense, `UnsupportedPixels` if the pixels are not in Pixel
    Data, `MalformedDataset` if the dataset cannot be read to its end.
    """
    top: dict[int, ElementHeader] = {}
    nested = []
    for header in elements(encoded):
        if not header.path:
            top[header.tag] = header
        elif header.tag == PIXEL_DATA:
            nested.append(header)
    pixel_data = top.get(PIXEL_DATA)
    if pixel_data is None:
        _refuse_pixels_elsewhere(top)
        return None
    layout = layout_of(encoded.syntax)
    return Image(encoded, layout, top, tuple(nested), _read_module(encoded, layout, top), pixel_data)


def _refuse_pixels_elsewhere(tags: Iterable[int]) -> None:
    for tag in tags:
        if tag in _ELSEWHERE:
            raise UnsupportedPixels(
                f"the pixels are in {_ELSEWHERE[tag]} {format_tag(tag)}, which cannot be changed; exclude such instances"
            )


def _read_module(encoded: Encoded, layout: Layout, top: Mapping[int, ElementHeader]) -> PixelModule:
    def number(tag: int, name: str, default: int | None = None) -> int:
        raw = _value(encoded, top, tag)
        if len(raw) >= 2:
            return int(layout.u16.unpack_from(raw)[0])
        if default is None:
            raise BadPixels(f"{name} {format_tag(tag)} is missing; the sender must fill it")
        return default

    allocated = number(BITS_ALLOCATED, "Bits Allocated")
    stored = number(BITS_STORED, "Bits Stored", allocated)
    module = PixelModule(
        rows=number(ROWS, "Rows"),
        columns=number(COLUMNS, "Columns"),
        samples=number(SAMPLES_PER_PIXEL, "Samples per Pixel", 1),
        photometric=first_text(_value(encoded, top, PHOTOMETRIC_INTERPRETATION)).upper(),
        is_planar=number(PLANAR_CONFIGURATION, "Planar Configuration", 0) == 1,
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=number(HIGH_BIT, "High Bit", stored - 1),
        is_signed=number(PIXEL_REPRESENTATION, "Pixel Representation", 0) == 1,
        frames=_frames(_value(encoded, top, NUMBER_OF_FRAMES)),
    )
    _check(module)
    return module


def _frames(raw: bytes) -> int:
    text = first_text(raw)
    if not text:
        return 1
    if not text.isdecimal() or len(text) > 10 or int(text) == 0:
        raise BadPixels("Number of Frames (0028,0008) is not a positive number; the sender must correct it")
    return int(text)


def _check(module: PixelModule) -> None:
    if not module.rows or not module.columns:
        raise BadPixels("Rows (0028,0010) or Columns (0028,0011) is 0; the sender must fill them")
    if module.samples not in (1, 3):
        raise UnsupportedPixels(f"images with {module.samples} samples per pixel cannot be changed; 1 and 3 can")
    if module.bits_allocated not in (8, 16, 32):
        raise UnsupportedPixels(f"images with {module.bits_allocated} bits allocated cannot be changed; 8, 16, 32 can")
    if not module.bits_stored - 1 <= module.high_bit < module.bits_allocated or not module.bits_stored:
        raise BadPixels("Bits Allocated, Bits Stored and High Bit (0028,0100 to 0102) contradict each other")
    if module.frame_length > LARGEST_FRAME:
        raise BadPixels(
            f"one frame would take {module.frame_length} bytes, more than the {LARGEST_FRAME} that are taken on; "
            "check Rows and Columns (0028,0010 and 0011)"
        )


def _value(encoded: Encoded, top: Mapping[int, ElementHeader], tag: int) -> bytes:
    header = top.get(tag)
    if header is None or header.length is None:
        return b""
    if header.length > _LARGEST_VALUE:
        raise BadPixels(f"{format_tag(tag)} has {header.length} bytes, more than it can need")
    return bytes(encoded.source[header.value : header.end])

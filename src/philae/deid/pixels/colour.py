"""What a colour is as stored samples of an image, and YBR as RGB (PS3.3 C.7.6.3.1.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.errors import BadPixels, UnsupportedPixels

if TYPE_CHECKING:
    from philae.deid.pixels.frame import Samples
    from philae.deid.pixels.module import Image, PixelModule
    from philae.deid.profile import Color

_DESCRIPTOR: Final = 0x00281101
_DATA: Final = 0x00281201
_SEGMENTED: Final = 0x00281221
_LUMA: Final = (0.299, 0.587, 0.114)
_FULL_RANGE: Final = frozenset({"YBR_FULL", "YBR_FULL_422"})
_STUDIO_RANGE: Final = frozenset({"YBR_PARTIAL_422", "YBR_PARTIAL_420"})
_MONOCHROME: Final = frozenset({"MONOCHROME1", "MONOCHROME2"})


def fill_samples(color: Color, photometric: str, image: Image, *, compat_karnak: bool = False) -> tuple[int, ...]:
    """The samples that show ``color``: one for each sample of a pixel, as unsigned words.

    ``photometric`` is that of the samples to fill. Black is what a viewer shows as black, at any depth and sign.
    Palettes give the nearest colour that they have. Karnak stores 8-bit values whatever the depth, of one-sample
    images the blue byte (spec 13.3). Raises `UnsupportedPixels` for other colour spaces.
    """
    module = image.module
    if photometric in _MONOCHROME:
        return (color.blue,) if compat_karnak else (_grey(color, photometric, module),)
    if photometric == "PALETTE COLOR":
        return (_nearest(color, image),)
    if module.samples == 3 and photometric == "RGB":
        return tuple(color) if compat_karnak else tuple(_scaled(part / 255, module) for part in color)
    if module.samples == 3 and photometric in _FULL_RANGE | _STUDIO_RANGE:
        return _luma_chroma(color, module.bits_stored, is_studio=photometric in _STUDIO_RANGE)
    raise UnsupportedPixels(f"masks cannot be drawn in Photometric Interpretation {photometric or '(none)'}")


def rgb_from_ybr(samples: Samples, bits: int) -> Samples:
    """Full-range YBR as RGB, rounded to the nearest value."""
    middle, largest = 1 << bits - 1, (1 << bits) - 1
    rgb = np.empty_like(samples)
    for rows in _bands(samples):
        y, blue, red = (samples[rows, :, part].astype(np.float32) for part in range(3))
        blue -= middle
        red -= middle
        parts = (y + 1.402 * red, y - 0.344136 * blue - 0.714136 * red, y + 1.772 * blue)
        for part, values in enumerate(parts):
            rgb[rows, :, part] = np.clip(np.rint(values), 0, largest)
    return rgb


def palette_colours(samples: Samples, image: Image) -> NDArray[np.uint8]:
    """Indices as 8-bit RGB; those outside of the palette are its nearest end."""
    planes = []
    for channel in range(3):
        first, entries = _palette(image, channel)
        shades = np.rint(entries * 255).astype(np.uint8)
        planes.append(shades[np.clip(samples.astype(np.int64) - first, 0, len(shades) - 1)])
    return np.stack(planes, -1)


def _bands(samples: Samples) -> list[slice]:
    """Rows by the million samples: the intermediate results stay small."""
    step = max(1, (1 << 20) // max(1, samples.shape[1] * 3))
    return [slice(at, at + step) for at in range(0, samples.shape[0], step)]


def _grey(color: Color, photometric: str, module: PixelModule) -> int:
    shade = sum(weight * part for weight, part in zip(_LUMA, color, strict=True)) / 255
    if photometric == "MONOCHROME1":
        shade = 1 - shade
    return _scaled(shade, module)


def _scaled(share: float, module: PixelModule) -> int:
    """A share of the range of Bits Stored, where High Bit has it, as an unsigned word."""
    value = round(share * ((1 << module.bits_stored) - 1))
    if module.is_signed:
        value -= 1 << module.bits_stored - 1
    return (value << module.high_bit + 1 - module.bits_stored) & ((1 << module.bits_allocated) - 1)


def _luma_chroma(color: Color, bits: int, *, is_studio: bool) -> tuple[int, int, int]:
    """Y, Cb and Cr of full range, or of the range 16 to 235 (240 for chroma) of 8 bits."""
    red, green, blue = (part / 255 for part in color)
    y = sum(weight * part for weight, part in zip(_LUMA, (red, green, blue), strict=True))
    largest, middle = (1 << bits) - 1, 1 << bits - 1
    foot, luma, chroma = (16, 219, 224) if is_studio else (0, largest, largest)
    cb, cr = (min(largest, round(middle + chroma * part)) for part in ((blue - y) / 1.772, (red - y) / 1.402))
    return round(foot + luma * y), cb, cr


def _nearest(color: Color, image: Image) -> int:
    """The index of the palette entry closest to ``color``."""
    tables = [_palette(image, channel) for channel in range(3)]
    first = min(start for start, _ in tables)
    entries = min(len(values) for _, values in tables)
    if any(start != first for start, _ in tables) or not entries:
        raise BadPixels("the palettes (0028,1101 to 1103) differ in what they cover")
    distance = sum((values[:entries] - part / 255) ** 2 for (_, values), part in zip(tables, color, strict=True))
    index = first + int(np.argmin(distance))
    return index & ((1 << image.module.bits_allocated) - 1)


def _palette(image: Image, channel: int) -> tuple[int, Samples]:
    """The first index that a palette covers, and its entries as shares of full intensity."""
    descriptor = image.numbers(_DESCRIPTOR + channel)
    if len(descriptor) != 3:
        raise BadPixels("a palette descriptor (0028,1101 to 1103) is missing")
    count, first, bits = descriptor[0] or 1 << 16, descriptor[1], descriptor[2]
    if image.module.is_signed and first >= 1 << 15:
        first -= 1 << 16
    if bits not in (8, 16):
        raise BadPixels(f"palette entries of {bits} bits (0028,1101 to 1103); 8 and 16 exist")
    entries = _entries(image, channel, count, bits)
    if len(entries) < count:
        raise BadPixels("a palette (0028,1201 to 1203) is shorter than its descriptor says")
    return first, entries[:count] / ((1 << bits) - 1)


def _entries(image: Image, channel: int, count: int, bits: int) -> Samples:
    order = ">" if image.layout.big_endian else "<"
    raw = image.value(_DATA + channel)
    if raw and bits == 8 and len(raw) < 2 * count:
        return np.frombuffer(raw, "u1").astype(np.float64)
    if raw:
        return np.frombuffer(raw[: len(raw) // 2 * 2], f"{order}u2").astype(np.float64)
    segmented = image.value(_SEGMENTED + channel)
    words = np.frombuffer(segmented[: len(segmented) // 2 * 2], "u1" if bits == 8 else f"{order}u2").tolist()
    try:
        return np.array(_expanded(words, count), np.float64)
    except IndexError:
        raise BadPixels("a segmented palette (0028,1221 to 1223) cannot be read") from None


def _expanded(words: list[int], count: int) -> list[float]:
    """At most ``count`` entries of segments that list values or lead straight to one (PS3.3 C.7.9.2)."""
    entries: list[float] = []
    at = 0
    while len(entries) < count:
        kind, length = words[at], words[at + 1]
        if kind == 0 and length:
            entries += words[at + 2 : at + 2 + length]
            at += 2 + length
        elif kind == 1 and length and entries:
            entries += np.linspace(entries[-1], words[at + 2], length + 1)[1:].tolist()
            at += 3
        else:
            raise UnsupportedPixels("masks cannot be drawn with a palette of indirect segments (0028,1221 to 1223)")
    return entries

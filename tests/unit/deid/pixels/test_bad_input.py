"""Every kind of pixel data that is not what it says is held, in little memory, and leaves nothing half-done."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest

from philae.deid.engine import compile_profile
from philae.deid.errors import DeidError
from philae.deid.output import Output
from philae.deid.profile import ElementSpec, Mask, Profile, Project, Rectangle
from philae.dicom.scan import Encoded
from philae.dicom.splice import joined
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax
from tests.support.datasets import encode
from tests.support.engine import BASIC, NOW, SECRET
from tests.support.images import GREY, PALETTE_BLACK, Kind, dataset, image_in, pixels

RLE, J2K, MPEG_2 = "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.4.90", "1.2.840.10008.1.2.4.100"
BASELINE, JPEG_LS = "1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.80"
ITEM, END = b"\xfe\xff\x00\xe0", b"\xfe\xff\xdd\xe0\0\0\0\0"
MOST_MEMORY = 32 << 20
HUGE: dict[str, Any] = {"Rows": 65535, "Columns": 65535, "NumberOfFrames": "1000"}


def fragments(*data: bytes, table: bytes = b"", is_whole: bool = True) -> bytes:
    """Pixel Data of undefined length."""
    items = b"".join(ITEM + len(each).to_bytes(4, "little") + each for each in (table, *data))
    return b"\xe0\x7f\x10\x00OB\0\0\xff\xff\xff\xff" + items + (END if is_whole else b"")


def instance(pixel_data: bytes | None = None, kind: Kind = GREY, **changes: object) -> bytes:
    """A capture, with another Pixel Data element if one is given."""
    made = dataset(kind, pixels(kind), **changes)
    if pixel_data is None:
        return encode(made)
    del made.PixelData
    return encode(made) + pixel_data


def cleaned(raw: bytes, syntax_uid: str, mask: Mask) -> Output:
    rule = ElementSpec("Clean", "clean.pixel.data")
    compiled = compile_profile(Profile("P", elements=(rule, BASIC), masks=(mask,)), Project("P", SECRET))
    return compiled.output(Encoded(raw, 0, len(raw), transfer_syntax(syntax_uid)), pseudonym="P", now=NOW)


@contextmanager
def little_memory() -> Iterator[None]:
    """Fails if much more than the instance itself is taken meanwhile."""
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MOST_MEMORY


MASK = Mask("*", rectangles=(Rectangle(0, 0, 9, 9),))
OUTSIDE = Mask("*", rectangles=(Rectangle(500, 500, 9, 9),))
JUNK = bytes(range(256)) * 2
HEADED = b"\xff\x4f\xff\x51\x00\x29\x00\x00" + (48).to_bytes(4, "big") + JUNK + b"\xff\xd9"

CASES = {
    "pixels too short": (instance(PixelData=bytes(100)), EXPLICIT_LE.uid, MASK),
    "pixels too long": (instance(PixelData=bytes(9000)), EXPLICIT_LE.uid, MASK),
    "no rows": (instance(Rows=None), EXPLICIT_LE.uid, MASK),
    "no columns": (instance(Columns=None), EXPLICIT_LE.uid, MASK),
    "no frames": (instance(NumberOfFrames="0"), EXPLICIT_LE.uid, MASK),
    "fragments without an end": (instance(fragments(JUNK, is_whole=False)), J2K, MASK),
    "a fragment cut short": (instance(fragments(JUNK))[:-200], RLE, MASK),
    "no fragment": (instance(fragments()), RLE, MASK),
    "junk for RLE": (instance(fragments(JUNK)), RLE, MASK),
    "junk for JPEG": (instance(fragments(JUNK)), BASELINE, MASK),
    "junk for JPEG-LS": (instance(fragments(b"\xff\xd8" + JUNK)), JPEG_LS, MASK),
    "junk for JPEG 2000": (instance(fragments(HEADED)), J2K, MASK),
    "a table that leads beyond the fragments": (
        instance(fragments(JUNK, JUNK, table=bytes(4) + (9000).to_bytes(4, "little")), NumberOfFrames="2"), RLE, MASK,
    ),
    "more frames than fragments": (instance(fragments(JUNK), NumberOfFrames="5"), RLE, MASK),
    "a mask outside the image": (instance(), EXPLICIT_LE.uid, OUTSIDE),
    "a syntax that is not decoded": (instance(fragments(JUNK)), MPEG_2, MASK),
    "native pixels of 4 TB": (instance(**HUGE), EXPLICIT_LE.uid, MASK),
    "RLE of 4 TB": (instance(fragments(JUNK), **HUGE), RLE, MASK),
    "JPEG 2000 of 4 TB": (instance(fragments(*[HEADED] * 1000), **HUGE), J2K, MASK),
    "a thousand frames of next to nothing": (
        instance(fragments(*[JUNK] * 1000), Rows=1000, Columns=1000, NumberOfFrames="1000"), RLE, MASK,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_what_cannot_be_masked_is_held_in_little_memory(case: str) -> None:
    raw, syntax_uid, mask = CASES[case]

    with little_memory(), pytest.raises(DeidError):
        cleaned(raw, syntax_uid, mask)


def test_a_palette_of_sixteen_bits_is_masked_in_its_own_black() -> None:
    values = np.arange(48 * 62, dtype="u2").reshape(1, 48, 62)
    made = dataset(Kind("palette 16", 16, photometric="PALETTE COLOR"), values)
    entries = np.full(1 << 16, 65535, "<u2")
    entries[PALETTE_BLACK] = 0
    for name in ("Red", "Green", "Blue"):
        setattr(made, f"{name}PaletteColorLookupTableDescriptor", [0, 0, 16])
        made[f"{name}PaletteColorLookupTableDescriptor"].VR = "US"
        setattr(made, f"{name}PaletteColorLookupTableData", entries.tobytes())
    raw = encode(made)

    output = cleaned(raw, EXPLICIT_LE.uid, MASK)

    image = image_in(joined(raw, [*output.segments()]), EXPLICIT_LE.uid)
    after = np.frombuffer(image.value(0x7FE00010), "<u2").reshape(48, 62)
    assert (after[:10, :10] == PALETTE_BLACK).all()
    assert (after[10:] == values[0, 10:]).all()

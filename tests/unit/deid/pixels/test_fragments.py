"""Frames found in encapsulated pixel data, and pixel data in which they cannot be found."""

import struct

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate, encapsulate_extended

from philae.deid.pixels.cleaning import clean, transcoded
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.fragments import Fragments
from philae.deid.pixels.module import Image
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax
from tests.support.images import (
    COLOUR,
    changed_image,
    dataset,
    image_of,
    mask_of,
    native_pixels,
    pixels,
    read_back,
)

J2K = transfer_syntax("1.2.840.10008.1.2.4.90")
FRAMES = 3
VALUES = pixels(COLOUR, 15, 17, FRAMES)


def codestreams() -> list[bytes]:
    fragments = Fragments(changed_image(transcoded(image_of(dataset(COLOUR, VALUES)), J2K)))
    return [fragments.frame(index) for index in range(FRAMES)]


def encapsulated(pixel_data: bytes, **changes: object) -> Image:
    made = dataset(COLOUR, VALUES, PhotometricInterpretation="YBR_RCT", **changes)
    made.PixelData = pixel_data
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    return image_of(made, J2K.uid)


def item(data: bytes) -> bytes:
    return struct.pack("<HHI", 0xFFFE, 0xE000, len(data)) + data


def extended() -> Dataset:
    made = Dataset()
    made.PixelData, made.ExtendedOffsetTable, made.ExtendedOffsetTableLengths = encapsulate_extended(codestreams())
    return made


@pytest.mark.parametrize(
    "pixel_data",
    [
        encapsulate(codestreams(), has_bot=True),
        encapsulate(codestreams(), has_bot=False),
        encapsulate(codestreams(), fragments_per_frame=4, has_bot=True),
        encapsulate(codestreams(), fragments_per_frame=4, has_bot=False),
    ],
    ids=["table", "no table", "many fragments with table", "many fragments without"],
)
def test_frames_are_found_however_they_are_cut(pixel_data: bytes) -> None:
    change = transcoded(encapsulated(pixel_data), EXPLICIT_LE)

    np.testing.assert_array_equal(native_pixels(read_back(change)), VALUES)


def test_extended_offsets_are_followed_and_renewed() -> None:
    tables = {keyword: extended()[keyword].value for keyword in ("ExtendedOffsetTable", "ExtendedOffsetTableLengths")}
    image = encapsulated(extended().PixelData, **tables)

    change = clean(image, mask_of((0, 0, 3, 3)))

    assert change is not None
    found = read_back(change)
    assert "ExtendedOffsetTable" not in found
    assert "ExtendedOffsetTableLengths" not in found
    back = native_pixels(read_back(transcoded(changed_image(change), EXPLICIT_LE)))
    np.testing.assert_array_equal(back[:, 4:], VALUES[:, 4:])


def test_all_fragments_of_a_single_frame_belong_together() -> None:
    image = encapsulated(encapsulate(codestreams()[:1], fragments_per_frame=5, has_bot=False), NumberOfFrames="1")

    assert Fragments(image).frame(0) == codestreams()[0] + bytes(len(codestreams()[0]) % 2)


@pytest.mark.parametrize(
    "pixel_data, fault",
    [
        (item(b""), "no fragments"),
        (item(b"") + b"".join(map(item, codestreams()[:2])), "cannot be assigned to 3 frames"),
        (item(b"") + b"".join(map(item, [*codestreams(), b"ab"])), None),
        (item(struct.pack("<2I", 0, 8)) + b"".join(map(item, codestreams())), "does not have the 3 entries"),
        (item(struct.pack("<3I", 0, 8, 16)) + b"".join(map(item, codestreams())), "does not lead to its fragments"),
        (item(struct.pack("<3I", 0, 1 << 31, 1 << 30)) + b"".join(map(item, codestreams())), "does not lead"),
        (item(struct.pack("<3I", 0, 0, 0)) + b"".join(map(item, codestreams())), "does not lead"),
        (item(b"abcdef") + b"".join(map(item, codestreams())), "does not have the 3 entries"),
        (item(b"") + b"".join(item(stream[: len(stream) // 4 * 2]) for stream in codestreams()), "cut short"),
        (item(b"") + b"".join(item(bytes(100)) for _ in range(3)), "no JPEG 2000"),
    ],
)
def test_frames_that_cannot_be_found_hold_the_image(pixel_data: bytes, fault: str | None) -> None:
    image = encapsulated(pixel_data)

    if fault is None:  # the last frame has two fragments, of which the second is harmless
        assert clean(image, mask_of((0, 0, 3, 3))) is not None
        return
    with pytest.raises(BadPixels, match=fault):
        clean(image, mask_of((0, 0, 3, 3)))


def test_more_frames_declared_than_there_are_hold_the_image() -> None:
    image = encapsulated(encapsulate(codestreams()), NumberOfFrames="1000000000")

    with pytest.raises(BadPixels, match="3 fragments cannot be assigned to 1000000000 frames"):
        clean(image, mask_of((0, 0, 3, 3)))


def test_a_frame_longer_than_any_codec_makes_it_is_held() -> None:
    image = encapsulated(item(b"") + item(bytes(2 << 20)), NumberOfFrames="1")

    with pytest.raises(BadPixels, match="far longer"):
        clean(image, mask_of((0, 0, 3, 3)))


def test_native_bytes_where_fragments_belong_hold_the_image() -> None:
    image = image_of(dataset(COLOUR, VALUES), J2K.uid)

    with pytest.raises(BadPixels, match="has no fragments"):
        clean(image, mask_of((0, 0, 3, 3)))


def test_fragments_where_native_bytes_belong_hold_the_image() -> None:
    made = dataset(COLOUR, VALUES)
    made.PixelData = encapsulate(codestreams())
    made["PixelData"].is_undefined_length = True
    made["PixelData"].VR = "OB"
    image = image_of(made)

    with pytest.raises(BadPixels, match="but its transfer syntax is native"):
        transcoded(image, J2K)
    with pytest.raises(BadPixels):
        clean(image, mask_of((0, 0, 3, 3)))

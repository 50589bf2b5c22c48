"""What a dataset says about its pixels, and what it may not say."""

import pytest

from philae.deid.pixels.cleaning import clean, transcoded
from philae.deid.pixels.errors import BadPixels, PixelFault, UnsupportedPixels
from philae.deid.pixels.module import read_image
from philae.dicom.scan import Encoded
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax
from tests.support.datasets import encode
from tests.support.images import GREY, dataset, image_of, mask_of, pixels

RLE = transfer_syntax("1.2.840.10008.1.2.5")


@pytest.mark.parametrize(
    "changes, fault",
    [
        ({"Rows": None}, "Rows .0028,0010. is missing"),
        ({"Columns": None}, "Columns .0028,0011. is missing"),
        ({"Columns": 0}, "is 0"),
        ({"NumberOfFrames": "0"}, "Number of Frames"),
        ({"NumberOfFrames": "-1"}, "Number of Frames"),
        ({"BitsAllocated": None}, "Bits Allocated .0028,0100. is missing"),
        ({"BitsStored": 12}, "contradict"),
        ({"Rows": 65535, "Columns": 65535, "NumberOfFrames": "1000"}, "more than the"),
        ({"SamplesPerPixel": 4}, "4 samples per pixel"),
        ({"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0}, "1 bits allocated"),
    ],
)
def test_an_image_that_makes_no_sense_is_held(changes: dict, fault: str) -> None:
    made = dataset(GREY, pixels(GREY), **changes)

    with pytest.raises(PixelFault, match=fault):
        image_of(made)


@pytest.mark.parametrize("length", [0, 10, 48 * 62 - 2, 48 * 62 + 2])
def test_pixel_data_of_another_length_is_held(length: int) -> None:
    image = image_of(dataset(GREY, pixels(GREY), PixelData=bytes(length)))

    with pytest.raises(BadPixels, match=f"has {length} bytes, 1 frames need 2976"):
        clean(image, mask_of((0, 0, 5, 5)))
    with pytest.raises(BadPixels, match=f"has {length} bytes, 1 frames need 2976"):
        transcoded(image, RLE)


def test_pixels_elsewhere_than_in_pixel_data_are_held() -> None:
    made = dataset(GREY, pixels(GREY))
    del made.PixelData
    made.FloatPixelData = bytes(4 * 48 * 62)

    with pytest.raises(UnsupportedPixels, match="Float Pixel Data"):
        image_of(made)


def test_a_dataset_without_pixels_is_no_image() -> None:
    made = dataset(GREY, pixels(GREY))
    del made.PixelData
    raw = encode(made)

    assert read_image(Encoded(raw, 0, len(raw), EXPLICIT_LE)) is None


def test_defaults_are_those_of_the_standard() -> None:
    made = dataset(GREY, pixels(GREY), PixelRepresentation=None, HighBit=None)

    module = image_of(made).module

    assert (module.frames, module.is_signed, module.high_bit) == (1, False, 7)

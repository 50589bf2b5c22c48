"""Choosing and drawing masks."""

from dataclasses import replace

import numpy as np
import pytest

from philae.deid.pixels.cleaning import clean
from philae.deid.pixels.errors import BadPixels, UnsupportedPixels, UnusableMask
from philae.deid.pixels.masks import Area, areas_of, choose_mask, mask_digest
from philae.deid.pixels.order import Device
from philae.deid.profile import Color, Mask, Rectangle
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.golden import golden
from tests.support.images import (
    COLOUR,
    GREY,
    GREY_16,
    KINDS,
    PALETTE,
    PALETTE_BLACK,
    Kind,
    changed_image,
    dataset,
    image_of,
    mask_of,
    native_pixels,
    pixels,
    read_back,
)

MASKS = (
    Mask("*"),
    Mask("R2D2"),
    Mask("R2D2", 1024, 1024),
    Mask("*", 512, 512),
    Mask("W", 640),
)
WHITE = Color(255, 255, 255)
RED = Color(255, 0, 0)


@pytest.mark.parametrize("case", golden("running", "mask_selection")["cases"], ids=str)
def test_the_closest_mask_is_chosen(case: dict) -> None:
    found = choose_mask(MASKS, Device(case["station"]), int(case["columns"]), int(case["rows"]))

    assert found is MASKS[case["mask"] - 1]


def test_no_mask_fits_another_station() -> None:
    assert choose_mask((Mask("R2D2"), Mask("*", 5, 5)), Device("C3PO"), 10, 10) is None


def test_a_mask_that_names_the_device_comes_before_one_that_does_not_and_is_for_no_other() -> None:
    masks = (
        Mask("*"),
        Mask("*", manufacturer="ACME"),
        Mask("*", manufacturer="ACME", model_name="Echo", sop_class_uid="1.2"),
        Mask("ROOM 2", manufacturer="OTHER"),
    )

    assert choose_mask(masks, Device("ROOM 2", "ACME", "Echo", "1.2"), 5, 5) is masks[2]
    assert choose_mask(masks, Device("ROOM 2", "ACME", "Echo", "1.3"), 5, 5) is masks[1]
    assert choose_mask(masks, Device("ROOM 2", "OTHER"), 5, 5) is masks[3]
    assert choose_mask(masks, Device("ROOM 1", "OTHER"), 5, 5) is masks[0]
    assert choose_mask(masks[1:3], Device("ROOM 1", "OTHER"), 5, 5) is None


def test_a_mask_with_a_condition_comes_before_one_without() -> None:
    masks = (Mask("*"), Mask("*", condition="tagIsPresent(#Tag.Modality)"))

    assert choose_mask(masks, Device("ROOM 1"), 5, 5) is masks[1]


@pytest.mark.parametrize(
    "kept",
    [
        ((10, 10, 4, 4),),
        ((0, 0, 61, 47),),
        ((2, 3, 20, 20), (15, 10, 20, 30)),
        ((-5, -5, 10, 10), (60, 40, 50, 50)),
        ((100, 100, 5, 5),),
    ],
)
def test_all_but_what_is_kept_is_masked(kept: tuple[tuple[int, int, int, int], ...]) -> None:
    module = image_of(dataset(GREY, pixels(GREY))).module
    expected, found = np.ones((48, 62), bool), np.zeros((48, 62), int)
    for x, y, width, height in kept:
        expected[max(0, y) : max(0, y + height + 1), max(0, x) : max(0, x + width + 1)] = False

    for area in areas_of(Mask("*", keep=tuple(Rectangle(*each) for each in kept)), module):
        found[area.top : area.bottom, area.left : area.right] += 1

    assert (found == expected).all()


def test_a_rectangle_covers_its_border_and_is_clipped() -> None:
    module = image_of(dataset(GREY, pixels(GREY))).module

    found = areas_of(mask_of((2, 3, 4, 5), (-5, 40, 1000, 1000)), module)

    assert found == (Area(3, 9, 2, 7), Area(40, 48, 0, 62))


def test_a_rectangle_outside_the_image_holds_it() -> None:
    image = image_of(dataset(GREY, pixels(GREY)))
    mask = mask_of((0, 0, 5, 5), (62, 0, 5, 5))

    with pytest.raises(UnusableMask, match="rectangle 2 of the mask lies outside the image of 62 x 48"):
        clean(image, mask)

    assert clean(image, mask, compat_karnak=True) is not None


def test_cleaning_without_a_mask_holds_the_image() -> None:
    with pytest.raises(UnusableMask, match="no mask is for this station"):
        clean(image_of(dataset(GREY, pixels(GREY))), None)


def test_a_mask_without_rectangles_changes_nothing() -> None:
    assert clean(image_of(dataset(GREY, pixels(GREY))), mask_of()) is None


def test_the_digest_tells_masks_apart_by_what_they_draw() -> None:
    mask = mask_of((1, 2, 3, 4))

    assert mask_digest(mask) == mask_digest(replace(mask, station_name="other", line=7))
    assert len({mask_digest(mask), mask_digest(mask_of((1, 2, 3, 5))), mask_digest(replace(mask, color=RED))}) == 3


@pytest.mark.parametrize(
    "kind, color, expected",
    [
        (Kind("", 8), WHITE, 255),
        (Kind("", 12), WHITE, 4095),
        (Kind("", 16), WHITE, 65535),
        (Kind("", 12, signed=True), WHITE, 2047),
        (Kind("", 16, signed=True), Color(0, 0, 0), -32768),
        (Kind("", 8, photometric="MONOCHROME1"), Color(0, 0, 0), 255),
        (Kind("", 12, photometric="MONOCHROME1"), WHITE, 0),
        (Kind("", 8), RED, 76),
        (COLOUR, RED, (255, 0, 0)),
        (Kind("", 16, photometric="RGB"), RED, (65535, 0, 0)),
        (Kind("", 8, photometric="YBR_FULL"), RED, (76, 85, 255)),
        (Kind("", 8, photometric="YBR_FULL"), WHITE, (255, 128, 128)),
        (PALETTE, Color(0, 0, 0), PALETTE_BLACK),
    ],
)
def test_a_colour_looks_the_same_in_every_kind_of_image(kind: Kind, color: Color, expected: object) -> None:
    change = clean(image_of(dataset(kind, pixels(kind))), mask_of((5, 5, 0, 0), color=color))

    assert change is not None
    np.testing.assert_array_equal(native_pixels(read_back(change))[0, 5, 5], expected)


@pytest.mark.parametrize(
    "kind, expected", [(GREY_16, 3), (COLOUR, (1, 2, 3)), (PALETTE, 3)], ids=["grey", "RGB", "palette"]
)
def test_karnaks_colours_are_raw_bytes(kind: Kind, expected: object) -> None:
    image = image_of(dataset(kind, pixels(kind)))
    if kind is PALETTE:
        expected = PALETTE_BLACK  # Karnak expands palettes to RGB; here they stay

    change = clean(image, mask_of((5, 5, 0, 0), color=Color(1, 2, 3)), compat_karnak=True)

    assert change is not None
    np.testing.assert_array_equal(native_pixels(read_back(change))[0, 5, 5], expected)


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_native_bytes_outside_the_mask_stay_as_they_are(kind: Kind, syntax: TransferSyntax) -> None:
    values = pixels(kind, 11, 7, 3)  # frames of an odd length
    image = image_of(dataset(kind, values), syntax.uid)

    change = clean(image, mask_of((2, 3, 1, 2), (4, 5, 9, 9)))

    assert change is not None
    found = native_pixels(read_back(change))
    outside = np.ones((11, 7), bool)
    outside[3:6, 2:4] = outside[5:, 4:] = False
    np.testing.assert_array_equal(found[:, outside], values[:, outside])
    assert len(np.unique(found[:, ~outside].reshape(-1, kind.samples), axis=0)) == 1


def test_masks_are_drawn_in_every_plane() -> None:
    values = pixels(COLOUR, 8, 10, 2)
    planar = dataset(COLOUR, values, PlanarConfiguration=1, PixelData=values.transpose(0, 3, 1, 2).tobytes())

    change = clean(image_of(planar), mask_of((2, 3, 1, 2), color=RED))

    assert change is not None
    expected = values.copy()
    expected[:, 3:6, 2:4] = RED
    np.testing.assert_array_equal(native_pixels(read_back(change)), expected)


def test_masks_are_drawn_in_big_endian_words() -> None:
    values = pixels(GREY_16)
    swapped = dataset(GREY_16, values, PixelData=values.byteswap().tobytes())

    change = clean(image_of(swapped, EXPLICIT_BE.uid), mask_of((0, 0, 5, 5), color=Color(0, 0, 255)))

    assert change is not None
    found = np.frombuffer(read_back(change).PixelData, ">u2").reshape(values.shape)
    np.testing.assert_array_equal(found[:, :6, :6], round(0.114 * 65535))
    np.testing.assert_array_equal(found[:, 6:], values[:, 6:])


def test_masks_on_halved_chroma_cover_whole_pairs() -> None:
    y, blue, red = np.full((4, 8), 200, "u1"), np.full((4, 4), 90, "u1"), np.full((4, 4), 70, "u1")
    pairs = np.stack([y[:, ::2], y[:, 1::2], blue, red], -1)
    halved = dataset(COLOUR, pixels(COLOUR, 4, 8), PhotometricInterpretation="YBR_FULL_422", PixelData=pairs.tobytes())

    change = clean(image_of(halved), mask_of((3, 1, 1, 1)))

    assert change is not None
    found = np.frombuffer(read_back(change).PixelData, "u1").reshape(4, 4, 4)
    np.testing.assert_array_equal(found[1:3, 1:3], [[[0, 0, 128, 128]] * 2] * 2)
    np.testing.assert_array_equal(found[:, [0, 3]], pairs[:, [0, 3]])
    np.testing.assert_array_equal(found[[0, 3]], pairs[[0, 3]])


def test_full_chroma_that_calls_itself_halved_is_told_by_its_length() -> None:
    values = pixels(COLOUR, 4, 8)
    image = image_of(dataset(COLOUR, values, PhotometricInterpretation="YBR_FULL_422"))

    change = clean(image, mask_of((3, 1, 1, 1)))

    assert change is not None
    assert native_pixels(read_back(change))[0, 1, 3].tolist() == [0, 128, 128]


def test_a_segmented_palette_is_read() -> None:
    made = dataset(PALETTE, pixels(PALETTE))
    for name in ("Red", "Green", "Blue"):
        del made[f"{name}PaletteColorLookupTableData"]
        words = np.array([0, 1, 65535, 1, 255, 0], "<u2")  # white, then straight down to black
        setattr(made, f"Segmented{name}PaletteColorLookupTableData", words.tobytes())

    change = clean(image_of(made), mask_of((0, 0, 2, 2)))

    assert change is not None
    assert native_pixels(read_back(change))[0, 1, 1] == 255


@pytest.mark.parametrize(
    "changes, fault",
    [
        ({"RedPaletteColorLookupTableDescriptor": None}, "palette descriptor"),
        ({"BluePaletteColorLookupTableData": b"12"}, "shorter than its descriptor"),
        ({"PhotometricInterpretation": "CMYK"}, "Photometric Interpretation CMYK"),
    ],
)
def test_colours_that_cannot_be_told_hold_the_image(changes: dict, fault: str) -> None:
    image = image_of(dataset(PALETTE, pixels(PALETTE), **changes))

    with pytest.raises((BadPixels, UnsupportedPixels), match=fault):
        clean(image, mask_of((0, 0, 2, 2)))


def test_masking_twice_gives_the_same_bytes() -> None:
    image = image_of(dataset(COLOUR, pixels(COLOUR)))
    mask = mask_of((0, 0, 9, 9))

    once = clean(image, mask)
    assert once is not None
    twice = clean(changed_image(once), mask)

    assert twice is not None
    assert read_back(twice).PixelData == read_back(once).PixelData

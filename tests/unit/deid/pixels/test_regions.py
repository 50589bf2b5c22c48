"""Ultrasound regions are kept, everything around them is masked."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from philae.deid.pixels.cleaning import clean
from philae.deid.pixels.errors import UnusableMask
from philae.deid.pixels.regions import with_regions
from philae.deid.profile import Mask, Rectangle
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, TransferSyntax
from tests.support.images import GREY, dataset, image_of, mask_of, native_pixels, pixels, read_back

REGIONS = Mask("*", keeps_regions=True)


def region(left: int, top: int, right: int, bottom: int) -> Dataset:
    made = Dataset()
    made.RegionLocationMinX0, made.RegionLocationMinY0 = left, top
    made.RegionLocationMaxX1, made.RegionLocationMaxY1 = right, bottom
    return made


def ultrasound(*regions: Dataset) -> Dataset:
    made = dataset(GREY, np.full_like(pixels(GREY), 200))
    if regions:
        made.SequenceOfUltrasoundRegions = Sequence(regions)
    return made


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, EXPLICIT_BE], ids=lambda syntax: syntax.name)
def test_all_but_the_regions_is_masked(syntax: TransferSyntax) -> None:
    image = image_of(ultrasound(region(2, 10, 20, 40), region(30, 10, 61, 47)), syntax.uid)

    change = clean(image, with_regions(image, REGIONS), target=EXPLICIT_LE)

    assert change is not None
    kept = np.zeros((48, 62), bool)
    kept[10:41, 2:21] = kept[10:48, 30:62] = True
    assert (native_pixels(read_back(change))[0] == np.where(kept, 200, 0)).all()


def test_rectangles_are_drawn_inside_regions() -> None:
    image = image_of(ultrasound(region(0, 0, 61, 47)))

    mask = with_regions(image, Mask("*", rectangles=(Rectangle(5, 5, 3, 3),), keeps_regions=True))

    assert mask.rectangles == (Rectangle(5, 5, 3, 3),)
    assert clean(image, mask) is not None


@pytest.mark.parametrize(
    "regions",
    [(), (region(5, 5, 5, 20),), (region(62, 0, 90, 20),), (region(1, 1, 9, 9), region(9, 9, 1, 1))],
    ids=["none", "no width", "outside", "one upside down"],
)
def test_an_image_without_sound_regions_is_held(regions: tuple[Dataset, ...]) -> None:
    with pytest.raises(UnusableMask, match="0018,6011"):
        with_regions(image_of(ultrasound(*regions)), REGIONS)


def test_a_region_without_a_corner_is_held() -> None:
    broken = region(0, 0, 30, 30)
    del broken.RegionLocationMaxX1

    with pytest.raises(UnusableMask, match="0018,6011"):
        with_regions(image_of(ultrasound(broken)), REGIONS)


def test_a_region_as_large_as_the_image_does_not_let_it_pass_unmasked() -> None:
    image = image_of(ultrasound(region(0, 0, 61, 47)))

    with pytest.raises(UnusableMask, match="masks nothing"):
        clean(image, with_regions(image, REGIONS))

    with pytest.raises(UnusableMask, match="masks nothing"):
        clean(image, Mask("*", keep=(Rectangle(0, 0, 99, 99),)))


def test_masks_that_keep_no_regions_do_not_ask_for_them() -> None:
    assert clean(image_of(ultrasound()), mask_of((0, 0, 3, 3))) is not None

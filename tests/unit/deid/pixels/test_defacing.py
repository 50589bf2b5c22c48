"""Faces in CT slices of an invented head."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from philae.deid.pixels.cleaning import clean, deface, rewritten
from philae.deid.pixels.defacing import face_painter
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.geometry import Geometry, geometries
from philae.deid.pixels.order import Seeds
from philae.dicom.syntax import EXPLICIT_LE
from tests.support.heads import (
    AXIAL,
    HEAD,
    SEEDS,
    SIZE,
    SPACING,
    TRUNK,
    ct,
    defaced,
    ellipse,
    slice_of,
    surface,
    thigh,
)
from tests.support.images import image_of, mask_of, native_pixels, read_back


def test_the_whole_face_moves_and_the_brain_does_not() -> None:
    before = slice_of(*HEAD)

    after = defaced(ct(before))[0]

    moved = (surface(before) - surface(after)) * SPACING
    assert np.count_nonzero(moved >= 0.9) >= 0.99 * moved.size
    assert moved.max() <= 40
    assert moved.std() >= 1
    np.testing.assert_array_equal(after[SIZE // 2 :], before[SIZE // 2 :])
    brain = ellipse(HEAD[0] - 15, HEAD[1] - 15)
    np.testing.assert_array_equal(after[brain], before[brain])


def test_a_defaced_instance_says_so_and_an_untouched_one_does_not_exist() -> None:
    made = ct(slice_of(*HEAD))
    made.IconImageSequence = Sequence([ct(slice_of(*HEAD)[:4, :4])])

    change = deface(image_of(made), face_painter(image_of(made), SEEDS))

    assert change is not None
    assert change.painted == (1,)
    assert change.remark.startswith("defaced: 100.0 % of the face moved, by ")
    assert change.remark.endswith("; 0.00 % of what lies behind it changed")
    assert read_back(change).RecognizableVisualFeatures == "NO"
    assert "IconImageSequence" not in read_back(change)
    trunk = image_of(ct(slice_of(*TRUNK, skull=False)))
    assert deface(trunk, face_painter(trunk, SEEDS)) is None


def test_faces_go_before_masks_are_drawn() -> None:
    image = image_of(ct(slice_of(*HEAD)))

    change = clean(image, mask_of((0, 0, SIZE, 60)), face=face_painter(image, SEEDS))

    assert change is not None
    assert (native_pixels(read_back(change))[0, :61] == -32768).all()


def test_the_same_seed_gives_the_same_face_and_another_another() -> None:
    made = ct(slice_of(*HEAD))

    assert (defaced(made) == defaced(made)).all()
    assert (defaced(made) != defaced(made, Seeds(b"another", SEEDS.series))).any()
    assert (defaced(made) != defaced(made, Seeds(SEEDS.instance, b"another"))).any()


def test_what_stands_before_the_face_and_has_its_shape_goes() -> None:
    before = slice_of(*HEAD)
    shell = ellipse(HEAD[0] + 12, HEAD[1] + 12) & ~ellipse(HEAD[0] + 10, HEAD[1] + 10)
    before[shell] = 60

    after = defaced(ct(before))[0]

    front = np.zeros_like(shell)
    front[: SIZE // 4, SIZE // 2 - 30 : SIZE // 2 + 30] = True
    skin = surface(after)
    assert (before[shell & front] == 60).all()
    columns = np.arange(SIZE // 2 - 30, SIZE // 2 + 30)
    assert all((after[row : SIZE // 2, column] > -500).all() for column, row in zip(columns, skin[25:85], strict=True))


@pytest.mark.parametrize(
    "orientation, arrange",
    [
        ([-1, 0, 0, 0, -1, 0], lambda values: values[::-1, ::-1]),
        ([1, 0, 0, 0, -1, 0], lambda values: values[::-1]),
        ([0, 1, 0, 1, 0, 0], lambda values: values.T),
        ([0, -1, 0, 1, 0, 0], lambda values: values[::-1].T),
    ],
)
def test_the_face_is_found_whichever_way_the_patient_lies(orientation: list[float], arrange: Callable) -> None:
    upright = slice_of(*HEAD)

    found = defaced(ct(arrange(upright), ImageOrientationPatient=orientation))[0]

    expected = arrange(defaced(ct(upright))[0])
    changed = found != arrange(upright)
    assert changed.any()
    assert np.count_nonzero(changed & (expected != arrange(upright))) >= 0.7 * np.count_nonzero(changed)


@pytest.mark.parametrize(
    "made",
    [
        ct(slice_of(*TRUNK, skull=False)),
        ct(slice_of(*HEAD, skull=False)),
        ct(thigh()),
        ct(np.full((SIZE, SIZE), -1000, "i2")),
        ct(slice_of(*HEAD), ImageOrientationPatient=[1, 0, 0, 0, 0, -1]),
        ct(slice_of(*HEAD), ImageOrientationPatient=None),
    ],
    ids=["trunk", "no bone", "thigh", "air", "coronal", "unknown orientation"],
)
def test_what_shows_no_head_stays_as_it_is(made: Dataset) -> None:
    assert rewritten(image_of(made), (face_painter(image_of(made), SEEDS),)).content is None


def test_a_head_that_does_not_look_like_one_can_be_insisted_on() -> None:
    made = ct(slice_of(*HEAD, skull=False))

    assert (defaced(made, always=True)[0] != slice_of(*HEAD, skull=False)).any()


def test_an_axial_frame_without_spacing_is_held() -> None:
    image = image_of(ct(slice_of(*HEAD), PixelSpacing=None))

    with pytest.raises(BadPixels, match="Pixel Spacing"):
        rewritten(image, (face_painter(image, SEEDS),))


def test_enhanced_frames_take_their_plane_from_the_functional_groups() -> None:
    frames = np.stack([slice_of(*HEAD), slice_of(*HEAD)])
    made = ct(frames, ImageOrientationPatient=None, PixelSpacing=None)
    made.SharedFunctionalGroupsSequence = Sequence([Dataset()])
    shared = made.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence = Sequence([Dataset()])
    shared.PixelMeasuresSequence[0].PixelSpacing = [SPACING, SPACING]
    made.PerFrameFunctionalGroupsSequence = Sequence([Dataset(), Dataset()])
    for item, orientation in zip(made.PerFrameFunctionalGroupsSequence, (AXIAL, [1, 0, 0, 0, 0, -1]), strict=True):
        item.PlaneOrientationSequence = Sequence([Dataset()])
        item.PlaneOrientationSequence[0].ImageOrientationPatient = orientation

    found = defaced(made)

    assert (found[0] != frames[0]).any()
    np.testing.assert_array_equal(found[1], frames[1])
    assert geometries(image_of(made))[0] == Geometry((1, 0, 0, 0, 1, 0), (SPACING, SPACING), 1, 0)
    assert image_of(made).encoded.syntax == EXPLICIT_LE

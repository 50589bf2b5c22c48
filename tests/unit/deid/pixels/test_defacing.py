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
from philae.dicom.syntax import EXPLICIT_LE
from tests.support.images import Kind, dataset, image_of, mask_of, native_pixels, read_back

CT = Kind("CT", 16, signed=True)
SIZE, SPACING = 256, 0.9
AXIAL = [1, 0, 0, 0, 1, 0]
HEAD = (78, 95)  # half width and half depth in mm
TRUNK = (180, 110)
SEED = b"a keyed hash"


def ellipse(half_width: float, half_depth: float) -> np.ndarray:
    y, x = (np.mgrid[0:SIZE, 0:SIZE] - SIZE / 2) * SPACING
    return (x / half_width) ** 2 + (y / half_depth) ** 2 <= 1


def slice_of(half_width: float, half_depth: float, *, skull: bool = True) -> np.ndarray:
    """Skin, skull and brain in air, in Hounsfield units, with noise; a thin table behind."""
    values = np.full((SIZE, SIZE), -1000.0)
    values[ellipse(half_width, half_depth)] = 30
    if skull:
        values[ellipse(half_width - 8, half_depth - 8)] = 900
        values[ellipse(half_width - 15, half_depth - 15)] = 35
    values[SIZE - 12 : SIZE - 9] = 100
    return (values + np.random.default_rng(3).normal(0, 8, values.shape)).astype("i2")


def ct(values: np.ndarray, **changes: object) -> Dataset:
    attributes = {"ImageOrientationPatient": AXIAL, "PixelSpacing": [SPACING, SPACING], **changes}
    stack = values if values.ndim == 3 else values[None]
    made = dataset(CT, np.ascontiguousarray(stack))
    for keyword, value in attributes.items():
        if value is not None:
            setattr(made, keyword, value)
    return made


def defaced(made: Dataset, seed: bytes = SEED, *, always: bool = False) -> np.ndarray:
    image = image_of(made)
    return native_pixels(read_back(rewritten(image, (face_painter(image, seed, always=always),))))


def surface(values: np.ndarray) -> np.ndarray:
    """The first row of skin in each column of the face."""
    columns = values[:, SIZE // 2 - 55 : SIZE // 2 + 55] > -500
    return columns.argmax(0)


def test_the_whole_face_moves_and_the_brain_does_not() -> None:
    before = slice_of(*HEAD)

    after = defaced(ct(before))[0]

    moved = (surface(before) - surface(after)) * SPACING
    assert np.count_nonzero(moved >= 0.9) >= 0.99 * moved.size
    assert moved.max() <= 12
    assert moved.std() >= 1
    np.testing.assert_array_equal(after[SIZE // 2 :], before[SIZE // 2 :])
    brain = ellipse(HEAD[0] - 15, HEAD[1] - 15)
    np.testing.assert_array_equal(after[brain], before[brain])


def test_a_defaced_instance_says_so_and_an_untouched_one_does_not_exist() -> None:
    made = ct(slice_of(*HEAD))
    made.IconImageSequence = Sequence([ct(slice_of(*HEAD)[:4, :4])])

    change = deface(image_of(made), SEED)

    assert change is not None
    assert change.painted == (1,)
    assert read_back(change).RecognizableVisualFeatures == "NO"
    assert "IconImageSequence" not in read_back(change)
    assert deface(image_of(ct(slice_of(*TRUNK, skull=False))), SEED) is None


def test_faces_go_before_masks_are_drawn() -> None:
    image = image_of(ct(slice_of(*HEAD)))

    change = clean(image, mask_of((0, 0, SIZE, 60)), face=face_painter(image, SEED))

    assert change is not None
    assert (native_pixels(read_back(change))[0, :61] == -32768).all()


def test_the_same_seed_gives_the_same_face_and_another_another() -> None:
    made = ct(slice_of(*HEAD))

    assert (defaced(made) == defaced(made)).all()
    assert (defaced(made) != defaced(made, b"another")).any()


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
        ct(np.full((SIZE, SIZE), -1000, "i2")),
        ct(slice_of(*HEAD), ImageOrientationPatient=[1, 0, 0, 0, 0, -1]),
        ct(slice_of(*HEAD), ImageOrientationPatient=None),
    ],
    ids=["trunk", "no bone", "air", "coronal", "unknown orientation"],
)
def test_what_shows_no_head_stays_as_it_is(made: Dataset) -> None:
    assert rewritten(image_of(made), (face_painter(image_of(made), SEED),)).content is None


def test_a_head_that_does_not_look_like_one_can_be_insisted_on() -> None:
    made = ct(slice_of(*HEAD, skull=False))

    assert (defaced(made, always=True)[0] != slice_of(*HEAD, skull=False)).any()


def test_an_axial_frame_without_spacing_is_held() -> None:
    image = image_of(ct(slice_of(*HEAD), PixelSpacing=None))

    with pytest.raises(BadPixels, match="Pixel Spacing"):
        rewritten(image, (face_painter(image, SEED),))


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

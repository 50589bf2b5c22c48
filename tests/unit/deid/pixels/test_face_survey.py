"""The slices of a series, defaced so that they fit together."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from philae.deid.pixels.face_survey import FaceSurvey, Fronts
from tests.support.heads import (
    AXIAL,
    HEAD,
    NOSE_MM,
    SIZE,
    SPACING,
    TRUNK,
    ct,
    defaced,
    head_with_a_nose,
    series,
    slice_of,
    thigh,
)
from tests.support.images import image_of


def surveyed(made: list[Dataset]) -> Fronts:
    survey = FaceSurvey()
    for each in made:
        survey.look(image_of(each))
    return survey.fronts()


def profile(stack: np.ndarray) -> np.ndarray:
    """The foremost point of each slice, in mm."""
    return np.stack([(values > -500).any(1).argmax() for values in stack]) * SPACING


def test_nobody_sees_from_the_side_where_the_nose_is() -> None:
    before = head_with_a_nose()
    made = series(before)
    fronts = surveyed(made)

    after = np.concatenate([defaced(each, fronts=fronts) for each in made])

    nose = profile(before)[20]
    assert profile(before).max() - nose > NOSE_MM - 3
    beside = profile(after)[10:32]  # a centimetre above and below the nose
    assert np.abs(np.diff(beside)).max() < 4
    assert (beside <= nose).all()


def test_the_same_series_gives_the_same_bytes_in_any_order() -> None:
    made = series(head_with_a_nose(12))

    first, second = surveyed(made), surveyed(made[::-1])

    for each in made:
        np.testing.assert_array_equal(defaced(each, fronts=first), defaced(each, fronts=second))


def test_a_slice_between_heads_is_one_and_single_slices_elsewhere_are_none() -> None:
    stack = np.stack(
        [slice_of(*HEAD) for _ in range(15)]
        + [slice_of(*TRUNK, skull=False)] * 15
        + [slice_of(*HEAD) for _ in range(2)]
    )
    stack[7] = slice_of(*HEAD, skull=False)

    fronts = surveyed(series(stack))

    assert [fronts[place] is not None for place in sorted(fronts, key=lambda place: list(fronts).index(place))] == (
        [True] * 15 + [False] * 17
    )


def test_what_the_survey_says_to_be_no_head_stays_as_it_is() -> None:
    made = series(np.stack([slice_of(*TRUNK, skull=False), thigh()] * 6))

    fronts = surveyed(made)

    assert set(fronts.values()) == {None}
    assert all(
        (defaced(each, fronts=fronts) == np.frombuffer(each.PixelData, "<i2").reshape(1, SIZE, SIZE)).all()
        for each in made
    )


@pytest.mark.parametrize("missing", ["ImagePositionPatient", "ImageOrientationPatient"])
def test_slices_that_do_not_say_where_they_are_are_judged_by_themselves(missing: str) -> None:
    made = series(head_with_a_nose(4))
    for each in made:
        delattr(each, missing)

    assert not surveyed(made)


def test_one_slice_is_no_series() -> None:
    assert not surveyed([ct(slice_of(*HEAD), ImagePositionPatient=[0, 0, 0])])


def test_an_image_of_many_frames_is_a_series_by_itself() -> None:
    stack = head_with_a_nose(24)
    made = ct(stack, ImageOrientationPatient=None, PixelSpacing=None)
    made.SharedFunctionalGroupsSequence = Sequence([Dataset()])
    shared = made.SharedFunctionalGroupsSequence[0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Sequence([Dataset()]), Sequence([Dataset()])
    shared.PixelMeasuresSequence[0].PixelSpacing = [SPACING, SPACING]
    shared.PlaneOrientationSequence[0].ImageOrientationPatient = AXIAL
    made.PerFrameFunctionalGroupsSequence = Sequence([Dataset() for _ in stack])
    for number, item in enumerate(made.PerFrameFunctionalGroupsSequence):
        item.PlanePositionSequence = Sequence([Dataset()])
        item.PlanePositionSequence[0].ImagePositionPatient = [0, 0, 3 * number]

    after = defaced(made)

    nose = profile(stack).min()
    assert (profile(after)[8:17] <= nose).all()
    assert (profile(stack)[8:10] > nose + 10).all()

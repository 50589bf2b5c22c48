"""MR slices gathered into stacks."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from philae.deid.pixels.mr_stack import MrSlices, Stack
from tests.support.images import image_of, native_pixels
from tests.support.mr_heads import SIDE, SPACING, head, series


def stacks(made: list[Dataset]) -> list[Stack]:
    slices = MrSlices()
    for number, each in enumerate(made):
        slices.look(image_of(each), str(number).encode())
    return list(slices.stacks())


@pytest.mark.parametrize("plane", ["axial", "sagittal", "coronal"])
def test_slices_in_any_order_become_a_stack_that_knows_where_each_value_is(plane: str) -> None:
    made = series(head(), plane)

    (stack,) = stacks(made[::-1])

    assert not stack.fault
    assert stack.values.shape == (SIDE, SIDE, SIDE)
    assert len(stack.places) == SIDE
    number, row, column = 30, 22, 38
    source = next(each for each in made if np.allclose(each.ImagePositionPatient, stack.positions[number]))
    assert stack.values[number, row, column] == native_pixels(source)[0][row, column]
    normal = np.cross(stack.steps[2], stack.steps[1])
    assert stack.steps[0] @ normal == pytest.approx(SPACING**3)


def test_fine_slices_are_kept_coarse_and_the_middle_of_a_value_is_known() -> None:
    made = series(head().repeat(2, 0).repeat(2, 1)[:, :, ::2], PixelSpacing=[SPACING / 2, SPACING / 2])

    (stack,) = stacks(made)

    assert not stack.fault
    assert stack.factors == (2, 2)
    assert stack.values.shape[1:] == (2 * SIDE // 2, 2 * SIDE // 2)
    np.testing.assert_allclose(stack.to_middle, [SPACING / 4, SPACING / 4, 0])
    first = native_pixels(made[0])[0][:2, :2]
    assert stack.values[0, 0, 0] == pytest.approx(first.mean())


def test_values_are_in_the_units_of_the_modality() -> None:
    (stack,) = stacks(series(head(), RescaleSlope="2", RescaleIntercept="-5"))

    assert stack.values.min() == 2 * head().min() - 5


def shifted(made: list[Dataset], number: int, by: float) -> list[Dataset]:
    x, y, z = made[number].ImagePositionPatient
    made[number].ImagePositionPatient = [x, y, float(z) + by]
    return made


@pytest.mark.parametrize(
    "made, fault",
    [
        (series(head())[:8], "does not span a head"),
        (series(head())[::1][:20], "does not span a head"),
        (shifted(series(head()), 30, 1.0), "not evenly spaced"),
        (series(head()) + series(head()), "not evenly spaced"),
        (series(head())[:30] + series(head())[32:], "not evenly spaced"),
    ],
)
def test_the_record_says_why_a_stack_tells_nothing(made: list[Dataset], fault: str) -> None:
    (stack,) = stacks(made)

    assert fault in stack.fault


def test_slices_that_lie_otherwise_or_are_of_another_series_are_apart() -> None:
    made = series(head()) + series(head(), "coronal") + series(head(), uid="1.2.3.51")

    assert [len(stack.places) for stack in stacks(made)] == [SIDE] * 3


@pytest.mark.parametrize("missing", ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing"])
def test_slices_that_do_not_say_where_they_are_are_in_no_stack(missing: str) -> None:
    made = series(head())
    for each in made:
        delattr(each, missing)

    assert not stacks(made)


def test_a_copy_of_a_slice_counts_once() -> None:
    slices = MrSlices()
    for uid, each in [*enumerate(made := series(head())), (5, made[5])]:
        slices.look(image_of(each), str(uid).encode())

    (stack,) = slices.stacks()

    assert not stack.fault
    assert len(stack.places) == SIDE

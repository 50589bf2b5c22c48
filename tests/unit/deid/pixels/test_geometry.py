"""How CT frames lie in the patient, and what their values mean."""

from __future__ import annotations

import pytest

from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.geometry import geometries, is_axial, is_ct
from tests.support.golden import golden
from tests.support.images import GREY_16, dataset, image_of, pixels


@pytest.mark.parametrize("case", golden("running", "is_axial"), ids=str)
def test_axial_is_what_karnak_calls_axial(case: dict) -> None:
    assert is_axial(case["iop"]) is case["axial"]


@pytest.mark.parametrize("orientation, expected", golden("unit_test", "is_axial"))
def test_orientations_of_karnaks_tests_are_told_apart(orientation: list[float] | None, expected: bool) -> None:
    assert is_axial(orientation or ()) is expected


@pytest.mark.parametrize("uid, expected", golden("unit_test", "is_ct"))
def test_ct_classes_are_told_apart(uid: str | None, expected: bool) -> None:
    assert is_ct(uid or "") is expected


@pytest.mark.parametrize("case", golden("unit_test", "hounsfield_to_pixel"), ids=str)
def test_hounsfield_units_become_stored_values(case: dict) -> None:
    made = dataset(GREY_16, pixels(GREY_16))
    if case["slope"] is not None:
        made.RescaleSlope, made.RescaleIntercept = case["slope"], case["intercept"]

    (geometry,) = geometries(image_of(made))

    assert geometry.pixel(case["hu"]) == case["pixel"]


def test_a_slope_of_zero_is_held() -> None:
    with pytest.raises(BadPixels, match="Rescale Slope"):
        geometries(image_of(dataset(GREY_16, pixels(GREY_16), RescaleSlope=0)))

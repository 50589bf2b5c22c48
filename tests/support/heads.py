"""Invented heads and trunks as axial CT slices."""

from __future__ import annotations

import numpy as np
from pydicom.dataset import Dataset

from philae.deid.pixels.cleaning import rewritten
from philae.deid.pixels.defacing import face_painter
from philae.deid.pixels.face_survey import NO_FRONTS, Fronts
from philae.deid.pixels.order import Seeds
from tests.support.images import Kind, dataset, image_of, native_pixels, read_back

CT = Kind("CT", 16, signed=True)
SIZE, SPACING = 256, 0.9
AXIAL = [1, 0, 0, 0, 1, 0]
HEAD = (78, 95)  # half width and half depth in mm
TRUNK = (180, 110)
SEEDS = Seeds(b"a keyed hash", b"of the series")
NOSE_MM = 22.0


def ellipse(half_width: float, half_depth: float, *, ahead: float = 0) -> np.ndarray:
    y, x = (np.mgrid[0:SIZE, 0:SIZE] - SIZE / 2) * SPACING
    return (x / half_width) ** 2 + ((y + ahead) / half_depth) ** 2 <= 1


def slice_of(half_width: float, half_depth: float, *, skull: bool = True, nose: float = 0) -> np.ndarray:
    """Skin, skull and brain in air, in Hounsfield units, with noise; a thin table behind, a nose of so many mm."""
    values = np.full((SIZE, SIZE), -1000.0)
    values[ellipse(half_width, half_depth)] = 30
    if nose:
        values[ellipse(10, 12 + nose, ahead=half_depth - 12)] = 30
    if skull:
        values[ellipse(half_width - 8, half_depth - 8)] = 900
        values[ellipse(half_width - 15, half_depth - 15)] = 35
    values[SIZE - 12 : SIZE - 9] = 100
    return (values + np.random.default_rng(3).normal(0, 8, values.shape)).astype("i2")


def thigh() -> np.ndarray:
    """Muscle around a bone."""
    values = slice_of(75, 85, skull=False).astype(float)
    values[ellipse(17, 17)] = 1200
    return values.astype("i2")


def ct(values: np.ndarray, **changes: object) -> Dataset:
    attributes = {"ImageOrientationPatient": AXIAL, "PixelSpacing": [SPACING, SPACING], **changes}
    stack = values if values.ndim == 3 else values[None]
    made = dataset(CT, np.ascontiguousarray(stack), SOPClassUID="1.2.840.10008.5.1.4.1.1.2", Modality="CT")
    for keyword, value in attributes.items():
        if value is not None:
            setattr(made, keyword, value)
    return made


def series(stack: np.ndarray, distance_mm: float = 2.0) -> list[Dataset]:
    """One instance for each slice, feet first."""
    return [
        ct(values, SeriesInstanceUID="1.2.3.9", ImagePositionPatient=[0, 0, distance_mm * number])
        for number, values in enumerate(stack)
    ]


def head_with_a_nose(slices: int = 40) -> np.ndarray:
    """A nose that grows and ends in the middle third."""
    lengths = np.interp(np.arange(slices), [slices / 3, slices / 2, slices * 0.55], [0, NOSE_MM, 0])
    return np.stack([slice_of(*HEAD, nose=float(length)) for length in lengths])


def defaced(made: Dataset, seeds: Seeds = SEEDS, *, always: bool = False, fronts: Fronts = NO_FRONTS) -> np.ndarray:
    """The frames that come of an instance."""
    image = image_of(made)
    return native_pixels(read_back(rewritten(image, (face_painter(image, seeds, always=always, fronts=fronts),))))


def surface(values: np.ndarray) -> np.ndarray:
    """The first row of skin in each column of the face."""
    columns = values[:, SIZE // 2 - 55 : SIZE // 2 + 55] > -500
    return columns.argmax(0)

"""Invented heads as series of MR slices, T1-weighted, in any of the three planes."""

from __future__ import annotations

from functools import cache
from typing import Final, NamedTuple

import numpy as np
from pydicom.dataset import Dataset

from philae.deid.pixels.face_survey import FaceSurvey, Fronts
from tests.support.images import Kind, dataset, image_of

MR: Final = Kind("MR", 16, signed=True)
MR_IMAGE: Final = "1.2.840.10008.5.1.4.1.1.4"
SPACING: Final = 4.0
SIDE: Final = 63
"""Slices, rows and columns: 252 mm."""
TILT: Final = np.deg2rad(6.0)


class _Part(NamedTuple):
    """An ellipsoid: middle and half sizes in mm towards left, back and top; brightness."""

    middle: tuple[float, float, float]
    half: tuple[float, float, float]
    value: float


NOSE: Final = _Part((0, -112, -55), (12, 18, 22), 200)
BRAIN: Final = _Part((0, -10, 10), (62, 80, 60), 230)
_PARTS: Final = (
    _Part((0, 12, -85), (58, 62, 75), 190),
    _Part((0, -62, -70), (54, 50, 52), 200),
    NOSE,
    _Part((0, -10, 8), (76, 95, 78), 330),
    _Part((0, -10, 8), (71, 90, 73), 60),
    BRAIN,
    _Part((0, -10, 10), (44, 60, 42), 320),
    _Part((0, -8, 12), (12, 32, 10), 70),
    _Part((0, 40, -40), (40, 32, 22), 240),
    _Part((0, 15, -60), (13, 13, 45), 330),
    _Part((30, -82, -35), (13, 13, 13), 90),
    _Part((-30, -82, -35), (13, 13, 13), 90),
    _Part((0, -65, -45), (22, 28, 12), 40),
)
PLANES: Final = {"axial": (2, 1, 0), "sagittal": (0, 2, 1), "coronal": (1, 2, 0)}
"""Which of the axes left, back and top the slices, the rows and the columns follow."""


def inside(part: _Part, points: np.ndarray) -> np.ndarray:
    """Where the part is, among points of the patient."""
    return np.asarray((((points - part.middle) / part.half) ** 2).sum(-1) <= 1)


def grid() -> np.ndarray:
    """The middle of each voxel of the head, tilted as patients lie: (left, back, top, 3)."""
    line = (np.arange(SIDE) - (SIDE - 1) / 2) * SPACING
    x, y, z = np.meshgrid(line, line - 15, line - 20, indexing="ij")
    nod = (np.cos(TILT) * y - np.sin(TILT) * z, np.sin(TILT) * y + np.cos(TILT) * z)
    return np.stack((x, *nod), -1)


@cache
def head() -> np.ndarray:
    """Its brightness: (left, back, top)."""
    points = grid()
    values = np.zeros(points.shape[:3])
    for part in _PARTS:
        values[inside(part, points)] = part.value
    noise = np.random.default_rng(11).normal(0, 8, values.shape)
    made = np.abs(values + noise).astype("i2")
    made.setflags(write=False)
    return made


def series(values: np.ndarray, plane: str = "axial", uid: str = "1.2.3.50", **changes: object) -> list[Dataset]:
    """One instance for each slice of (left, back, top); rows run down and slices up, as scanners have it."""
    axes = PLANES[plane]
    signs = [1.0 if axis < 2 or order == 0 else -1.0 for order, axis in enumerate(axes)]
    stack = values.transpose(axes)[:, :: int(signs[1])]
    unit = np.eye(3)
    origin = np.array([-(SIDE - 1) / 2 * SPACING] * 3)
    origin[axes[1]] *= signs[1]
    made = []
    for number, pixels in enumerate(stack):
        position = origin + number * SPACING * unit[axes[0]]
        attributes = {
            "SOPClassUID": MR_IMAGE, "Modality": "MR", "SeriesInstanceUID": uid, "PixelSpacing": [SPACING, SPACING],
            "ImageOrientationPatient": [*unit[axes[2]], *(signs[1] * unit[axes[1]])],
            "ImagePositionPatient": position.tolist(), **changes,
        }  # fmt: skip
        made.append(dataset(MR, np.ascontiguousarray(pixels[None]), **attributes))
    return made


def surveyed(made: list[Dataset]) -> Fronts:
    """What the survey of a series says."""
    survey = FaceSurvey()
    for each in made:
        survey.look(image_of(each))
    return survey.fronts()

"""The mean head of pydeface, T1-weighted, with the region of its face."""

from __future__ import annotations

from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.codec import library
from philae.deid.pixels.errors import MissingCodec

EXTRA: Final = "mr"
HEAD_LEVEL: Final = 60.0
"""What is brighter in the template is head."""
_TO_PATIENT: Final = np.diag([-1.0, -1.0, 1.0])
"""NIfTI counts towards the right and the front, DICOM towards the left and the back."""


class Template(NamedTuple):
    """``to_index`` leads from the patient, in mm, to (x, y, z) of the arrays; its last column is added."""

    values: NDArray[np.float32]
    face: NDArray[np.bool_]
    to_index: NDArray[np.float64]


@cache
def template() -> Template:
    """Both volumes, in the order (x, y, z). Raises `MissingCodec`."""
    found = find_spec("pydeface")  # importing it would start what it needs FSL for
    if found is None or not found.submodule_search_locations:
        raise MissingCodec("pydeface", EXTRA)
    folder = Path(found.submodule_search_locations[0]) / "data"
    nibabel = library("nibabel", "nibabel", EXTRA)
    head, mask = (nibabel.load(folder / f"{name}.nii.gz") for name in ("mean_reg2mean", "facemask"))
    steps, origin = _TO_PATIENT @ head.affine[:3, :3], _TO_PATIENT @ head.affine[:3, 3]
    inverse = np.linalg.inv(steps)
    to_index = np.column_stack((inverse, -inverse @ origin))
    return Template(np.asarray(head.dataobj, np.float32), np.asarray(mask.dataobj) == 0, to_index)


def indices(to_index: NDArray[np.float64], points: NDArray[np.float64]) -> tuple[NDArray[np.int64], ...]:
    """The template's nearest (x, y, z) for points of the patient in the last axis; those beside it, at its edge."""
    found = np.rint(points @ to_index[:, :3].T + to_index[:, 3]).astype(np.int64)
    shape = template().face.shape
    return tuple(np.clip(found[..., axis], 0, shape[axis] - 1) for axis in range(3))

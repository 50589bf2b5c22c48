"""Heads in axial CT slices: where one is, whether it is one, and where its face begins (spec 14)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from philae.deid.pixels.frame import Samples
    from philae.deid.pixels.geometry import Geometry

SKIN_HU: Final = -500.0
_BONE_HU: Final = 300.0
_WIDTH_MM: Final = (60.0, 230.0)
_DEPTH_MM: Final = (80.0, 280.0)
_LEAST_BONE: Final = 0.03
_LEAST_SHELL: Final = 0.55
"""Share of the columns in the middle that have bone in front and behind: skulls have 0.75 and more, limbs less than half."""
_MOST_CUT: Final = 0.4
"""Share of those columns that are cut off at the front edge of the image: a nose may be, a face is not."""
_FACE_DEPTH: Final = 1 / 3
"""Share of the head, from the front, in which a column's first skin belongs to the face."""
NEIGHBOURHOOD: Final = 2  # pixels to each side: 5 x 5


class Head(NamedTuple):
    """Rows and columns that the head takes up, each from the first to behind the last; row 0 is in front."""

    top: int
    bottom: int
    left: int
    right: int


class Front(NamedTuple):
    """The skin of a face in one slice: the first column, and from there on the row where the skin begins."""

    left: int
    rows: NDArray[np.int64]

    @property
    def columns(self) -> NDArray[np.int64]:
        """The columns that ``rows`` speak of."""
        return np.arange(self.left, self.left + len(self.rows))


def facing_up(samples: Samples, geometry: Geometry) -> tuple[Samples, tuple[float, float]]:
    """A view of the slice with the front of the patient at the top, and its spacing (rows, columns)."""
    along_columns, along_rows = geometry.orientation[3:], geometry.orientation[:3]
    spacing = (geometry.spacing[0], geometry.spacing[1])
    if abs(along_columns[1]) < abs(along_rows[1]):
        samples, along_columns, spacing = samples.T, along_rows, (spacing[1], spacing[0])
    return (samples if along_columns[1] > 0 else samples[::-1]), spacing


def find_head(samples: Samples, geometry: Geometry, spacing: tuple[float, float]) -> Head | None:
    """What is denser than air, without what is thin or stands apart from the largest part, such as the table."""
    body = solid(samples, geometry)
    columns = _longest_run(body.sum(0) * spacing[0] > _DEPTH_MM[0] / 4)
    rows = _longest_run(body[:, columns].sum(1) * spacing[1] > _WIDTH_MM[0] / 4)
    if columns.start == columns.stop or rows.start == rows.stop:
        return None
    return Head(rows.start, rows.stop, columns.start, columns.stop)


def is_head(samples: Samples, head: Head, geometry: Geometry, spacing: tuple[float, float]) -> bool:
    """Whether size, share of bone and a shell of bone are those of a head, not of a trunk or a limb."""
    width, depth = (head.right - head.left) * spacing[1], (head.bottom - head.top) * spacing[0]
    if not (_WIDTH_MM[0] <= width <= _WIDTH_MM[1] and _DEPTH_MM[0] <= depth <= _DEPTH_MM[1]):
        return False
    inside = samples[head.top : head.bottom, head.left : head.right]
    bone = above(inside, geometry, _BONE_HU)
    if bone.sum() < max(1.0, _LEAST_BONE * float(above(inside, geometry, SKIN_HU).sum())):
        return False
    rows, columns = bone.shape
    middle = bone[:, columns // 4 : columns - columns // 4]
    shell = middle[: rows // 2].any(0) & middle[rows // 2 :].any(0)
    edge = above(samples[0, head.left : head.right], geometry, SKIN_HU)[columns // 4 : columns - columns // 4]
    return bool(shell.mean() >= _LEAST_SHELL and edge.mean() <= _MOST_CUT)


def front_of(samples: Samples, head: Head, geometry: Geometry) -> Front | None:
    """Where the face begins, in front of it nothing but air and what is thin."""
    body = solid(samples, geometry)[: head.bottom, head.left : head.right]
    first = np.where(body.any(0), np.maximum(body.argmax(0) - NEIGHBOURHOOD, 0), head.bottom)
    columns = np.flatnonzero(first < head.top + (head.bottom - head.top) * _FACE_DEPTH)
    if not columns.size:
        return None
    every = np.arange(columns[0], columns[-1] + 1)
    rows = np.rint(np.interp(every, columns, first[columns])).astype(np.int64)
    return Front(head.left + int(columns[0]), rows)


def above(samples: Samples, geometry: Geometry, hounsfield: float) -> NDArray[np.bool_]:
    """Where the CT number is larger."""
    level = geometry.pixel(hounsfield)
    return np.asarray(samples > level if geometry.slope > 0 else samples < level)


def solid(samples: Samples, geometry: Geometry) -> NDArray[np.bool_]:
    """Only what has itself around it, 5 x 5."""
    mask = above(samples, geometry, SKIN_HU)
    padded = np.pad(mask, NEIGHBOURHOOD)
    rows, columns = mask.shape
    sides = range(2 * NEIGHBOURHOOD + 1)
    across = np.logical_and.reduce([padded[:, at : at + columns] for at in sides])
    return np.asarray(np.logical_and.reduce([across[at : at + rows] for at in sides]))


def _longest_run(flags: NDArray[np.bool_]) -> slice:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    if not edges.size:
        return slice(0, 0)
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts))
    return slice(int(starts[longest]), int(stops[longest]))

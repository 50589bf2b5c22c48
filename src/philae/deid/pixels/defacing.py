"""Faces in axial CT slices of heads made unrecognizable: a new surface in front of the old one (spec 14)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import shake_256
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.geometry import Geometry, geometries, is_axial

if TYPE_CHECKING:
    from philae.deid.pixels.frame import Frame, Samples
    from philae.deid.pixels.module import Image

_SKIN_HU: Final = -500.0
_BONE_HU: Final = 300.0
_HEAD_WIDTH_MM: Final = (60.0, 230.0)
_HEAD_DEPTH_MM: Final = (80.0, 280.0)
_LEAST_BONE: Final = 0.03
_FACE_DEPTH: Final = 1 / 3
"""Share of the head, from the front, in which a column's first skin belongs to the face."""
_JITTER_MM: Final = (1.0, 3.0)
_BUMP_MM: Final = 6.0
_KNOT_MM: Final = 10.0
_NEIGHBOURHOOD: Final = 2  # pixels to each side: 5 x 5


class Head(NamedTuple):
    """Rows and columns that the head takes up, each from the first to behind the last; row 0 is in front."""

    top: int
    bottom: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class FacePainter:
    """Paints a new face on every axial frame that shows a head. ``seed`` decides how: the same seed, the same face."""

    geometries: tuple[Geometry, ...]
    seed: bytes
    always: bool = False

    def paint(self, frame: Frame, index: int) -> bool:
        """Change the frame in place; False if it is not axial or shows no head, unless ``always``.

        Raises `BadPixels` for an axial frame without Pixel Spacing.
        """
        geometry = self.geometries[index]
        if not is_axial(geometry.orientation) or frame.samples.ndim != 2:
            return False
        if len(geometry.spacing) != 2 or min(geometry.spacing) <= 0:
            raise BadPixels("Pixel Spacing (0028,0030) is missing; the sender must fill it")
        samples, spacing = _facing_up(frame.samples, geometry)
        head = find_head(samples, geometry, spacing)
        if head is None or not (self.always or is_head(samples, head, geometry, spacing)):
            return False
        return _paint_face(samples, head, geometry, spacing, self.seed + index.to_bytes(4, "big"))


def face_painter(image: Image, seed: bytes, *, always: bool = False) -> FacePainter:
    """What defaces the image. ``always`` also takes what does not look like a head. Raises `BadPixels`."""
    return FacePainter(geometries(image), seed, always)


def find_head(samples: Samples, geometry: Geometry, spacing: tuple[float, float]) -> Head | None:
    """What is denser than air, without what is thin or stands apart from the largest part, such as the table."""
    body = _eroded(_above(samples, geometry, _SKIN_HU))
    columns = _longest_run(body.sum(0) * spacing[0] > _HEAD_DEPTH_MM[0] / 4)
    rows = _longest_run(body[:, columns].sum(1) * spacing[1] > _HEAD_WIDTH_MM[0] / 4)
    if columns.start == columns.stop or rows.start == rows.stop:
        return None
    return Head(rows.start, rows.stop, columns.start, columns.stop)


def is_head(samples: Samples, head: Head, geometry: Geometry, spacing: tuple[float, float]) -> bool:
    """Whether size and share of bone are those of a head, not of a trunk."""
    width, depth = (head.right - head.left) * spacing[1], (head.bottom - head.top) * spacing[0]
    inside = samples[head.top : head.bottom, head.left : head.right]
    bone, tissue = (int(_above(inside, geometry, level).sum()) for level in (_BONE_HU, _SKIN_HU))
    is_sized = _HEAD_WIDTH_MM[0] <= width <= _HEAD_WIDTH_MM[1] and _HEAD_DEPTH_MM[0] <= depth <= _HEAD_DEPTH_MM[1]
    return is_sized and tissue > 0 and bone >= _LEAST_BONE * tissue


def _facing_up(samples: Samples, geometry: Geometry) -> tuple[Samples, tuple[float, float]]:
    """A view of the slice with the front of the patient at the top, and its spacing (rows, columns)."""
    along_columns, along_rows = geometry.orientation[3:], geometry.orientation[:3]
    spacing = (geometry.spacing[0], geometry.spacing[1])
    if abs(along_columns[1]) < abs(along_rows[1]):
        samples, along_columns, spacing = samples.T, along_rows, (spacing[1], spacing[0])
    return (samples if along_columns[1] > 0 else samples[::-1]), spacing


def _paint_face(samples: Samples, head: Head, geometry: Geometry, spacing: tuple[float, float], seed: bytes) -> bool:
    """Put skin of random thickness in front of the skin, made of values from behind it, and smooth the seam."""
    skin = _above(samples, geometry, _SKIN_HU)[: head.bottom, head.left : head.right]
    first = np.where(skin.any(0), skin.argmax(0), head.bottom)
    is_face = first < head.top + (head.bottom - head.top) * _FACE_DEPTH
    columns = np.flatnonzero(is_face)
    if not columns.size:
        return False
    line, columns = first[columns], columns + head.left
    noise = _Noise(seed)
    thickness = _thickness(noise, len(columns), spacing)
    deepest = int(np.ceil(_JITTER_MM[1] / spacing[0]))
    reach = int(thickness.max()) + deepest + 1
    original = samples.copy()
    sources = noise.integers(reach * len(columns), 2 * deepest + 1).reshape(reach, len(columns))
    for step in range(reach):
        rows = line + deepest - step
        is_new = (rows >= line - thickness) & (rows >= 0)
        taken = np.minimum(line + 1 + sources[step], samples.shape[0] - 1)
        samples[rows[is_new], columns[is_new]] = original[taken[is_new], columns[is_new]]
    _smooth(samples, columns, line - thickness - _NEIGHBOURHOOD, line + deepest + _NEIGHBOURHOOD)
    return True


def _thickness(noise: _Noise, count: int, spacing: tuple[float, float]) -> NDArray[np.int64]:
    """Of the new skin in rows, by column: a fine jitter on bumps as wide as features of a face."""
    knots = noise.integers(2 + int(count * spacing[1] / _KNOT_MM), 1 << 16) / 65535 * _BUMP_MM
    bumps = np.interp(np.linspace(0, len(knots) - 1, count), np.arange(len(knots)), knots)
    jitter = _JITTER_MM[0] + noise.integers(count, 1 << 16) / 65535 * (_JITTER_MM[1] - _JITTER_MM[0])
    return np.maximum(1, np.rint((bumps + jitter) / spacing[0])).astype(np.int64)


def _smooth(samples: Samples, columns: NDArray[np.int64], tops: NDArray[np.int64], bottoms: NDArray[np.int64]) -> None:
    """5 x 5 means, from each column's top row to its bottom row."""
    first, last = max(0, int(tops.min())), min(samples.shape[0], int(bottoms.max()) + 1)
    left, right = int(columns.min()), int(columns.max()) + 1
    margin = _NEIGHBOURHOOD
    padded = np.pad(samples.astype(np.float32), margin, mode="edge")[
        first : last + 2 * margin, left : right + 2 * margin
    ]
    windows = np.lib.stride_tricks.sliding_window_view(padded, (2 * margin + 1, 2 * margin + 1))
    means = np.rint(windows.mean((2, 3))).astype(samples.dtype)
    rows = np.arange(first, last)[:, None]
    chosen = np.zeros((last - first, right - left), bool)
    chosen[:, columns - left] = (rows >= tops) & (rows <= bottoms)
    samples[first:last, left:right][chosen] = means[chosen]


def _above(samples: Samples, geometry: Geometry, hounsfield: float) -> NDArray[np.bool_]:
    level = geometry.pixel(hounsfield)
    return samples > level if geometry.slope > 0 else samples < level


def _eroded(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Only what has itself around it, 5 x 5."""
    padded = np.pad(mask, _NEIGHBOURHOOD)
    rows, columns = mask.shape
    sides = range(2 * _NEIGHBOURHOOD + 1)
    across = np.logical_and.reduce([padded[:, at : at + columns] for at in sides])
    return np.asarray(np.logical_and.reduce([across[at : at + rows] for at in sides]))


def _longest_run(flags: NDArray[np.bool_]) -> slice:
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False])).astype(np.int8)))
    if not edges.size:
        return slice(0, 0)
    starts, stops = edges[::2], edges[1::2]
    longest = int(np.argmax(stops - starts))
    return slice(int(starts[longest]), int(stops[longest]))


class _Noise:
    """Numbers that follow from a seed, the same on every machine and with every version of numpy."""

    def __init__(self, seed: bytes) -> None:
        self._seed = seed
        self._calls = 0

    def integers(self, count: int, below: int) -> NDArray[np.int64]:
        """``count`` numbers from 0 to ``below`` - 1, which is at most 65536."""
        self._calls += 1
        raw = shake_256(self._seed + self._calls.to_bytes(4, "big")).digest(4 * count)
        return (np.frombuffer(raw, "<u4").astype(np.int64) * below) >> 32

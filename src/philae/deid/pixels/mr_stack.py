"""MR images gathered into coarse stacks, series by series, before any of them is changed."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.content import Scratch
from philae.deid.pixels.geometry import geometries
from philae.deid.pixels.rewrite import decoded_frames

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from philae.deid.pixels.face_place import Place
    from philae.deid.pixels.frame import Frame
    from philae.deid.pixels.geometry import Geometry
    from philae.deid.pixels.module import Image

_SERIES_INSTANCE_UID: Final = 0x0020000E
_COARSE_MM: Final = 4.0
_LEAST_SLICES: Final = 12
_LEAST_MM: Final = 90.0
"""That a stack must span in every direction to show a head."""
_UNEVEN: Final = 0.1
"""Of the distance between slices, by which it may differ within a stack, and by which slices may be shifted."""

Key = tuple[bytes, tuple[int, ...], tuple[float, ...], tuple[float, ...]]
"""Series Instance UID, rows and columns, orientation, spacing."""


class _Slice(NamedTuple):
    place: Place
    position: NDArray[np.float64]
    offset: int


class Stack(NamedTuple):
    """Parallel slices in order. ``steps`` are the ways from slice to slice, row to row, column to column, in mm."""

    places: tuple[Place, ...]
    positions: NDArray[np.float64]
    """Of the first pixel of each slice in the patient."""
    values: NDArray[np.float32]
    """Shape (slices, rows, columns), in-plane coarser by ``factors``."""
    steps: NDArray[np.float64]
    factors: tuple[int, int]
    fault: str
    """Why nothing can be told from it; empty if something can."""

    @property
    def coarse_steps(self) -> NDArray[np.float64]:
        """The ways from value to value."""
        return np.asarray(self.steps * np.array([[1], [self.factors[0]], [self.factors[1]]]))

    @property
    def to_middle(self) -> NDArray[np.float64]:
        """The way from the first pixel of a slice to the middle of its first value."""
        return np.asarray((self.factors[0] - 1) / 2 * self.steps[1] + (self.factors[1] - 1) / 2 * self.steps[2])


@dataclass(slots=True)
class MrSlices:
    """Gathers slices; what is seen of them waits in a file, so that a folder may be of any size."""

    _slices: defaultdict[Key, list[_Slice]] = field(default_factory=lambda: defaultdict(list))
    _file: Scratch = field(default_factory=Scratch)

    def look(self, image: Image, uid: bytes) -> None:
        """Take in the frames of an MR image that say where they are. Raises `PixelFault`."""
        series, planes = image.value(_SERIES_INSTANCE_UID), geometries(image)
        if image.module.photometric != "MONOCHROME2" or not any(map(_is_placed, planes)):
            return
        for index, (frame, plane) in enumerate(zip(decoded_frames(image), planes, strict=True)):
            if _is_placed(plane):
                key = (series, frame.samples.shape, _rounded(plane.orientation), _rounded(plane.spacing))
                offset = self._keep(_coarse(frame, plane, _factors(plane.spacing)))
                self._slices[key].append(_Slice((uid, index), np.array(plane.position), offset))

    def stacks(self) -> Iterator[Stack]:
        """One for all slices of a series that lie alike."""
        for (_, shape, orientation, spacing), slices in self._slices.items():
            yield self._stack(slices, shape, orientation, spacing)

    def _stack(
        self, slices: Sequence[_Slice], shape: Sequence[int], orientation: Sequence[float], spacing: Sequence[float]
    ) -> Stack:
        along_rows, along_columns = np.array(orientation[:3]), np.array(orientation[3:])
        normal = np.cross(along_rows, along_columns)
        single = {each.place: each for each in slices}.values()  # folders hold copies
        ordered = sorted(single, key=lambda each: (float(normal @ each.position), each.place))
        positions = np.stack([each.position for each in ordered])
        distance = (positions[-1] - positions[0]) / max(1, len(ordered) - 1)
        steps = np.stack([distance, along_columns * spacing[0], along_rows * spacing[1]])
        extent = np.linalg.norm(steps, axis=1) * (len(ordered), *shape)
        fault = _fault(positions, distance, normal, extent)
        factors = _factors(spacing)
        size = (shape[0] // factors[0], shape[1] // factors[1])
        values = np.stack([self._kept(each.offset, size) for each in ordered] if not fault else [np.zeros(size, "f4")])
        return Stack(tuple(each.place for each in ordered), positions, values, steps, factors, fault)

    def _keep(self, values: NDArray[np.float32]) -> int:
        offset = self._file.length
        self._file.append(values.tobytes())
        return offset

    def _kept(self, offset: int, size: tuple[int, int]) -> NDArray[np.float32]:
        return np.frombuffer(self._file.read(offset, 4 * size[0] * size[1]), np.float32).reshape(size)


def _is_placed(plane: Geometry) -> bool:
    return (
        len(plane.orientation) == 6
        and len(plane.position) == 3
        and len(plane.spacing) == 2
        and min(plane.spacing) > 0
        and bool(np.linalg.norm(np.cross(plane.orientation[:3], plane.orientation[3:])) > 1 - _UNEVEN)
    )


def _fault(
    positions: NDArray[np.float64],
    distance: NDArray[np.float64],
    normal: NDArray[np.float64],
    extent: NDArray[np.float64],
) -> str:
    if len(positions) < _LEAST_SLICES or extent.min() < _LEAST_MM:
        return "its series does not span a head"
    gap = float(normal @ distance)
    expected = positions[0] + np.arange(len(positions))[:, None] * distance
    if (
        not gap
        or np.abs(positions - expected).max() > _UNEVEN * gap
        or abs(gap) < (1 - _UNEVEN) * np.linalg.norm(distance)
    ):
        return "the slices of its series are not evenly spaced"
    return ""


def _factors(spacing: Sequence[float]) -> tuple[int, int]:
    return max(1, round(_COARSE_MM / spacing[0])), max(1, round(_COARSE_MM / spacing[1]))


def _coarse(frame: Frame, plane: Geometry, factors: tuple[int, int]) -> NDArray[np.float32]:
    """Means of blocks, in the units of the modality."""
    down, across = factors
    rows, columns = (length // factor for length, factor in zip(frame.samples.shape, factors, strict=True))
    part = frame.samples[: rows * down, : columns * across].astype(np.float32)
    means = part.reshape(rows, down, columns, across).mean((1, 3))
    return np.asarray(means * plane.slope + plane.intercept, np.float32)


def _rounded(numbers: Sequence[float]) -> tuple[float, ...]:
    return tuple(round(number, 4) for number in numbers)

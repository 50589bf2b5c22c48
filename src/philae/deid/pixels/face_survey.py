"""The faces of whole series, looked at before any slice of them is painted, so that the slices fit together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.face_place import Place, Skipped
from philae.deid.pixels.geometry import geometries, is_axial, is_mr
from philae.deid.pixels.head import Front, facing_up, find_head, front_of, is_head
from philae.deid.pixels.mr_face import FaceZone, zones_of
from philae.deid.pixels.mr_stack import MrSlices
from philae.deid.pixels.rewrite import decoded_frames
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from philae.deid.pixels.frame import Frame
    from philae.deid.pixels.geometry import Geometry
    from philae.deid.pixels.module import Image

SOP_INSTANCE_UID: Final = 0x00080018
_SOP_CLASS_UID: Final = 0x00080016
_SERIES_INSTANCE_UID: Final = 0x0020000E
_ACROSS_MM: Final = 12.0
_ALONG_MM: Final = 25.0
_GAP_MM: Final = 15.0
"""Slices between heads that are no further apart belong to the head, whatever they look like."""
_LEAST_HEAD_MM: Final = 20.0
"""What is shorter along the patient is no head, such as single slices of a knee."""

Fronts: TypeAlias = Mapping[Place, Front | FaceZone | Skipped | None]
"""What becomes of the face in each frame that was surveyed: of CT what is put in front of it, None where it shows no
head; of MR where it is."""
NO_FRONTS: Final[Fronts] = MappingProxyType({})


class _Slice(NamedTuple):
    place: Place
    z: float
    front: Front | None
    is_head: bool


@dataclass(slots=True)
class FaceSurvey:
    """Gathers slices, series by series; frames that differ in how they lie are apart."""

    _series: defaultdict[tuple[object, ...], list[_Slice]] = field(default_factory=lambda: defaultdict(list))
    _mr: MrSlices = field(default_factory=MrSlices)

    def look(self, image: Image) -> None:
        """Take in the axial frames of a CT image, all frames of an MR image, that know where they are.

        Raises `PixelFault`.
        """
        uid, series = image.value(SOP_INSTANCE_UID), image.value(_SERIES_INSTANCE_UID)
        if is_mr(first_text(image.value(_SOP_CLASS_UID))):
            self._mr.look(image, uid)
            return
        planes = geometries(image)
        if not any(map(_is_placed, planes)):
            return
        for index, (frame, plane) in enumerate(zip(decoded_frames(image), planes, strict=True)):
            if _is_placed(plane) and frame.samples.ndim == 2:
                key = (series, frame.samples.shape, plane.orientation, plane.spacing, plane.position[:2])
                self._series[key].append(_looked_at((uid, index), frame, plane))

    def fronts(self) -> Fronts:
        """What becomes of each frame that was looked at in a series of several."""
        zones = {place: zone for stack in self._mr.stacks() for place, zone in zones_of(stack)}
        return zones | {
            place: front
            for key, slices in self._series.items()
            if len(slices) > 1
            for place, front in _fronts(slices, _spacing_of(key)).items()
        }


def known_faces(image: Image, fronts: Fronts) -> dict[int, Front | FaceZone | Skipped | None]:
    """What ``fronts`` say of the frames of an image; one of several frames is a series by itself. Raises `PixelFault`."""
    uid, frames = image.value(SOP_INSTANCE_UID), range(image.module.frames)
    if len(frames) > 1 and not any((uid, index) in fronts for index in frames):
        survey = FaceSurvey()
        survey.look(image)
        fronts = survey.fronts()
    return {index: fronts[uid, index] for index in frames if (uid, index) in fronts}


def widened(rows: NDArray[np.int64], millimetres: float, spacing: float) -> NDArray[np.int64]:
    """In each column the foremost row within so many millimetres to either side."""
    pixels = max(1, round(millimetres / spacing))
    padded = np.pad(rows, pixels, mode="edge")
    return np.asarray(np.lib.stride_tricks.sliding_window_view(padded, 2 * pixels + 1).min(-1))


def _is_placed(plane: Geometry) -> bool:
    return (
        is_axial(plane.orientation) and len(plane.position) == 3 and len(plane.spacing) == 2 and min(plane.spacing) > 0
    )


def _spacing_of(key: tuple[object, ...]) -> float:
    orientation, spacing = key[2], key[3]
    assert isinstance(orientation, tuple)  # noqa: S101 - as `FaceSurvey.look` wrote it
    assert isinstance(spacing, tuple)  # noqa: S101
    return float(spacing[0] if abs(orientation[4]) < abs(orientation[1]) else spacing[1])


def _looked_at(place: Place, frame: Frame, plane: Geometry) -> _Slice:
    samples, spacing = facing_up(frame.samples, plane)
    head = find_head(samples, plane, spacing)
    if head is None:
        return _Slice(place, plane.position[2], None, is_head=False)
    return _Slice(place, plane.position[2], front_of(samples, head, plane), is_head(samples, head, plane, spacing))


def _fronts(slices: Iterable[_Slice], spacing: float) -> dict[Place, Front | None]:
    ordered = sorted(slices, key=lambda each: (each.z, each.place))
    fronts: dict[Place, Front | None] = {each.place: None for each in ordered}
    for first, last in _heads(ordered):
        for at in range(first, last + 1):
            fronts[ordered[at].place] = _levelled(ordered[first : last + 1], ordered[at], spacing)
    return fronts


def _heads(ordered: Sequence[_Slice]) -> list[tuple[int, int]]:
    """The first and last slice of each head."""
    runs: list[tuple[int, int]] = []
    for at, each in enumerate(ordered):
        if not each.is_head:
            continue
        if runs and each.z - ordered[runs[-1][1]].z <= _GAP_MM:
            runs[-1] = (runs[-1][0], at)
        else:
            runs.append((at, at))
    is_short = len(ordered) > 1 and ordered[-1].z - ordered[0].z < _LEAST_HEAD_MM
    return [run for run in runs if is_short or ordered[run[1]].z - ordered[run[0]].z >= _LEAST_HEAD_MM]


def _levelled(head: Sequence[_Slice], wanted: _Slice, spacing: float) -> Front | None:
    """The front of a slice brought to the foremost point of its surroundings: no nose, lips or eyes stand out."""
    if wanted.front is None:
        return None
    left, count = wanted.front.left, len(wanted.front.rows)
    rows = wanted.front.rows.copy()
    for other in head:
        if other.front is None or abs(other.z - wanted.z) > _ALONG_MM:
            continue
        start, stop = max(left, other.front.left), min(left + count, other.front.left + len(other.front.rows))
        if start < stop:
            part = other.front.rows[start - other.front.left : stop - other.front.left]
            np.minimum(rows[start - left : stop - left], part, out=rows[start - left : stop - left])
    return Front(left, widened(rows, _ACROSS_MM, spacing))

"""Faces in MR images of heads taken away: air where the template has its face."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.errors import MissingCodec
from philae.deid.pixels.face_figures import NO_FACE, FaceFigures, total
from philae.deid.pixels.face_place import Skipped
from philae.deid.pixels.head_template import indices, template
from philae.deid.pixels.mr_figures import figures_of
from philae.deid.pixels.registration import Unlike, place_in_template

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from philae.deid.pixels.face_place import Place
    from philae.deid.pixels.frame import Frame
    from philae.deid.pixels.mr_stack import Stack

_LEAST_MOVED: Final = 0.5
_SERIES_NEEDED: Final = Skipped("its series is not at hand: MR images are defaced by `philae deid` on a folder")


class FaceZone(NamedTuple):
    """How one frame lies in the template, and what becomes of the face that it shows.

    ``way`` (3 x 4) leads from the patient to the template, ``origin`` and ``steps`` (to the next row, to the next
    column) from pixels to the patient, all in mm.
    """

    way: NDArray[np.float64]
    origin: NDArray[np.float64]
    steps: NDArray[np.float64]
    figures: FaceFigures = NO_FACE

    def face(self, shape: tuple[int, ...]) -> NDArray[np.bool_]:
        """Where the frame shows what is face in the template."""
        rows, columns = (np.arange(length, dtype=np.float64)[:, None] for length in shape)
        points = self.origin + (rows * self.steps[0])[:, None] + (columns * self.steps[1])[None]
        return np.asarray(template().face[indices(self.way, points)])


def zones_of(stack: Stack) -> Iterator[tuple[Place, FaceZone | Skipped]]:
    """What becomes of each slice of the stack."""
    try:
        way = place_in_template(stack)
        figures = figures_of(stack, way)
        _check(total(figures))
    except (Unlike, MissingCodec) as error:
        yield from ((place, Skipped(str(error))) for place in stack.places)
        return
    for place, position, share in zip(stack.places, stack.positions, figures, strict=True):
        yield place, FaceZone(way, position, stack.steps[1:], share)


def _check(figures: FaceFigures) -> None:
    """Raises `Unlike` if little of what should be the face is in its place."""
    if figures.moved < _LEAST_MOVED * figures.points or not figures.points:
        raise Unlike("the face of its series was not found")


@dataclass(frozen=True, slots=True)
class ZonePainter:
    """Puts air in the place of faces; ``zones`` are those of the frames of one image."""

    zones: Mapping[int, FaceZone | Skipped]
    figures: list[FaceFigures] = field(default_factory=list)
    """Of the frames that were painted."""

    def paint(self, frame: Frame, index: int) -> bool:
        """Change the frame in place; False if no zone is known for it, or the face is in other slices."""
        zone = self.zones.get(index, _SERIES_NEEDED)
        if isinstance(zone, Skipped):
            return False
        face = zone.face(frame.samples.shape)
        frame.samples[face] = frame.samples.min()
        self.figures.append(zone.figures)
        return bool(face.any())

    @property
    def hides(self) -> bool:
        """Whether there is a frame that it changes."""
        return any(isinstance(zone, FaceZone) for zone in self.zones.values())

    def skipped(self, frames: int) -> str:
        """Why a frame keeps its face, if one does."""
        zones = (self.zones.get(index, _SERIES_NEEDED) for index in range(frames))
        return next((zone.reason for zone in zones if isinstance(zone, Skipped)), "")

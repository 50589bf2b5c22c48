"""Faces in axial CT slices of heads made unrecognizable: a new surface in front of the old one (spec 14)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.face_figures import FaceFigures
from philae.deid.pixels.face_place import Skipped
from philae.deid.pixels.face_survey import NO_FRONTS, known_faces, widened
from philae.deid.pixels.geometry import Geometry, geometries, is_axial
from philae.deid.pixels.head import NEIGHBOURHOOD, SKIN_HU, Front, above, facing_up, find_head, front_of, is_head
from philae.deid.pixels.mr_face import FaceZone, ZonePainter
from philae.deid.pixels.noise import Noise, landscape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.deid.pixels.face_survey import Fronts
    from philae.deid.pixels.frame import Frame, Samples
    from philae.deid.pixels.module import Image
    from philae.deid.pixels.order import Seeds

_TISSUE_HU: Final = (-150.0, 150.0)
_AIR_HU: Final = -1000.0
_DEEPEST_MM: Final = 3.0
"""So far behind the skin values are replaced, and so far behind that taken from."""
_HILLS: Final = ((12.0, 40.0), (4.0, 12.0))
"""How high in mm, and how far apart: what distorts the profile, and what distorts each feature."""
_JITTER_MM: Final = (1.0, 3.0)
_ACROSS_MM: Final = 30.0
"""To either side; a slice by itself does not know how far in front its neighbours are."""
_BEHIND_MM: Final = 8.0
_MOVED_MM: Final = 1.0


@dataclass(frozen=True, slots=True)
class FacePainter:
    """Paints a new face on every axial frame that shows a head; the same seeds, the same face.

    ``fronts`` are known of frames whose series was surveyed; of others each slice is judged by itself.
    """

    geometries: tuple[Geometry, ...]
    seeds: Seeds
    always: bool = False
    fronts: Mapping[int, Front | None] = field(default_factory=dict)
    figures: list[FaceFigures] = field(default_factory=list)
    """Of the frames that were painted."""

    def paint(self, frame: Frame, index: int) -> bool:
        """Change the frame in place; False if it is not axial or shows no head, unless ``always``.

        Raises `BadPixels` for an axial frame without Pixel Spacing.
        """
        geometry = self.geometries[index]
        if not is_axial(geometry.orientation) or frame.samples.ndim != 2:
            return False
        if len(geometry.spacing) != 2 or min(geometry.spacing) <= 0:
            raise BadPixels("Pixel Spacing (0028,0030) is missing; the sender must fill it")
        samples, spacing = facing_up(frame.samples, geometry)
        front = self._front(samples, geometry, spacing, index)
        if front is None:
            return False
        skin, target = front
        noise = Noise(self.seeds.instance + index.to_bytes(4, "big"))
        raised = self._raised(target, geometry, spacing, noise)
        self.figures.append(_painted(samples, skin, raised, geometry, spacing, noise))
        return True

    def _front(
        self, samples: Samples, geometry: Geometry, spacing: tuple[float, float], index: int
    ) -> tuple[Front, Front] | None:
        """The skin of the face, and the new front before it has hills; None where there is no head."""
        surveyed = self.fronts.get(index)
        is_known = self.always or index in self.fronts
        head = find_head(samples, geometry, spacing) if self.always or surveyed or not is_known else None
        if head is None or not (is_known or is_head(samples, head, geometry, spacing)):
            return None
        skin = front_of(samples, head, geometry)
        if skin is None:
            return None
        if surveyed is not None and (surveyed.left, len(surveyed.rows)) == (skin.left, len(skin.rows)):
            return skin, surveyed
        return skin, Front(skin.left, widened(skin.rows, _ACROSS_MM, spacing[1]))

    def _raised(self, front: Front, geometry: Geometry, spacing: tuple[float, float], noise: Noise) -> Front:
        """The front with hills and jitter."""
        x, z = (
            front.columns.astype(np.float64) * spacing[1],
            geometry.position[2] if len(geometry.position) == 3 else 0.0,
        )
        low, high = _JITTER_MM
        height = low + noise.integers(len(x), 1 << 16).astype(np.float64) / 65535 * (high - low)
        for number, (highest, knot) in enumerate(_HILLS):
            height += highest * landscape(self.seeds.series + bytes([number]), x, z, knot)
        rows = front.rows - np.maximum(1, np.rint(height / spacing[0])).astype(np.int64)
        return Front(front.left, np.maximum(rows, 0))


def face_painter(image: Image, seeds: Seeds, *, always: bool = False, fronts: Fronts = NO_FRONTS) -> FacePainter:
    """What defaces the image. ``always`` also takes what does not look like a head.

    ``fronts`` are those of its series, if it was surveyed; an image of several frames is a series by itself. Raises
    `PixelFault`.
    """
    known = known_faces(image, fronts)
    surveyed = {index: front for index, front in known.items() if front is None or isinstance(front, Front)}
    return FacePainter(geometries(image), seeds, always, surveyed)


def zone_painter(image: Image, fronts: Fronts = NO_FRONTS) -> ZonePainter:
    """What takes the face out of an MR image whose series was surveyed. Raises `PixelFault`."""
    known = known_faces(image, fronts)
    return ZonePainter({index: zone for index, zone in known.items() if isinstance(zone, FaceZone | Skipped)})


def _painted(
    samples: Samples, skin: Front, front: Front, geometry: Geometry, spacing: tuple[float, float], noise: Noise
) -> FaceFigures:
    """Fill the room between the new front and the skin with values from behind it, and smooth what is new."""
    original = samples.copy()
    deepest = int(np.ceil(_DEEPEST_MM / spacing[0]))
    rows, columns = np.arange(samples.shape[0])[:, None], skin.columns
    first, last = int(min(front.rows.min(), skin.rows.min())), min(int(skin.rows.max()) + deepest + 1, len(rows))
    band = rows[first:last]
    part = samples[first:last, columns]
    is_new = (band >= front.rows) & (band <= skin.rows + deepest)
    offsets = noise.integers(part.size, deepest + 1).reshape(part.shape)
    taken = original[np.minimum(skin.rows + deepest // 2 + offsets, len(rows) - 1), columns]
    low, high = sorted(geometry.pixel(level) for level in _TISSUE_HU)
    part[is_new] = np.clip(taken, low, high).astype(samples.dtype)[is_new]
    samples[first:last, columns] = part
    _clear(samples, front, original, geometry)
    _smooth(samples, columns, front.rows - NEIGHBOURHOOD, skin.rows + deepest + NEIGHBOURHOOD)
    return _figures(original, samples, skin, geometry, spacing)


def _clear(samples: Samples, front: Front, original: Samples, geometry: Geometry) -> None:
    """Air instead of what stands before the new face, such as a mask that has its shape."""
    before = np.arange(samples.shape[0])[:, None] < front.rows
    air = np.clip(geometry.pixel(_AIR_HU), original.min(), original.max())
    part = samples[:, front.columns]
    part[before & above(part, geometry, SKIN_HU)] = samples.dtype.type(round(float(air)))
    samples[:, front.columns] = part


def _smooth(samples: Samples, columns: NDArray[np.int64], tops: NDArray[np.int64], bottoms: NDArray[np.int64]) -> None:
    """5 x 5 means, from each column's top row to its bottom row."""
    first, last = max(0, int(tops.min())), min(samples.shape[0], int(bottoms.max()) + 1)
    left, right = int(columns.min()), int(columns.max()) + 1
    margin = NEIGHBOURHOOD
    padded = np.pad(samples.astype(np.float32), margin, mode="edge")[
        first : last + 2 * margin, left : right + 2 * margin
    ]
    height, width, sides = last - first, right - left, range(2 * margin + 1)
    added = sum(padded[at : at + height] for at in sides)
    assert isinstance(added, np.ndarray)  # noqa: S101 - the sum of five
    means = np.rint(sum(added[:, at : at + width] for at in sides) / len(sides) ** 2).astype(samples.dtype)
    rows = np.arange(first, last)[:, None]
    chosen = np.zeros((height, width), bool)
    chosen[:, columns - left] = (rows >= tops) & (rows <= bottoms)
    samples[first:last, left:right][chosen] = means[chosen]


def _figures(
    before: Samples, after: Samples, skin: Front, geometry: Geometry, spacing: tuple[float, float]
) -> FaceFigures:
    """What really changed, measured on the pixels."""
    columns = skin.columns
    outside = above(after[:, columns], geometry, SKIN_HU).argmax(0)
    moved = (skin.rows - outside) * spacing[0]
    deep = np.full(before.shape[1], before.shape[0])
    deep[columns] = skin.rows + int(np.ceil(_BEHIND_MM / spacing[0]))
    outer = np.ones(before.shape[1], bool)
    outer[columns] = False
    deep[outer] = 0
    behind = (np.arange(before.shape[0])[:, None] >= deep) & above(before, geometry, SKIN_HU)
    touched = behind & (before != after)
    is_moved = int(np.count_nonzero(moved >= _MOVED_MM))
    return FaceFigures(
        1, len(columns), is_moved, float(np.clip(moved, 0, None).sum()), int(behind.sum()), int(touched.sum())
    )

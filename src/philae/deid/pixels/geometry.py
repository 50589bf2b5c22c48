"""How the frames of a CT or MR image lie in the patient, and what their values mean."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.deid.pixels.errors import BadPixels
from philae.dicom.scan import elements

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from philae.deid.pixels.module import Image

_CT: Final = "1.2.840.10008.5.1.4.1.1.2"
_MR: Final = ("1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.4.1", "1.2.840.10008.5.1.4.1.1.4.4")
_ORIENTATION: Final = 0x00200037
_POSITION: Final = 0x00200032
_SPACING: Final = 0x00280030
_INTERCEPT: Final = 0x00281052
_SLOPE: Final = 0x00281053
_WANTED: Final = frozenset({_ORIENTATION, _POSITION, _SPACING, _INTERCEPT, _SLOPE})
_SHARED_GROUPS: Final = 0x52009229
_FRAME_GROUPS: Final = 0x52009230
_DOMINANT: Final = 0.8
_HOUNSFIELD_DEFAULTS: Final = {_INTERCEPT: (0.0,), _SLOPE: (1.0,)}


@dataclass(frozen=True, slots=True)
class Geometry:
    """One frame: orientation (row and column direction cosines), spacing in mm (between rows, between columns)."""

    orientation: tuple[float, ...]
    spacing: tuple[float, ...]
    slope: float
    intercept: float
    position: tuple[float, ...] = ()
    """Of the first pixel in the patient, in mm; empty where it is not told."""

    def pixel(self, hounsfield: float) -> float:
        """The stored value of a CT number."""
        return (hounsfield - self.intercept) / self.slope


def is_ct(sop_class_uid: str) -> bool:
    """CT, Enhanced CT and Legacy Converted Enhanced CT."""
    return f"{sop_class_uid}.".startswith(f"{_CT}.")


def is_mr(sop_class_uid: str) -> bool:
    """MR, Enhanced MR and Legacy Converted Enhanced MR; not spectra or colour maps."""
    return sop_class_uid in _MR


def is_axial(orientation: Sequence[float]) -> bool:
    """Whether rows and columns run along the patient's X and Y axes, in either order (spec 14)."""
    if len(orientation) != 6:
        return False
    return {_dominant_axis(orientation[:3]), _dominant_axis(orientation[3:])} == {0, 1}


def geometries(image: Image) -> tuple[Geometry, ...]:
    """One for each frame, from the top level or else the functional groups. Raises `BadPixels` for a slope of 0."""
    top: dict[int, tuple[float, ...]] = {}
    shared: dict[int, tuple[float, ...]] = {}
    of_frames: dict[int, dict[int, tuple[float, ...]]] = {}
    for header in elements(image.encoded):
        if header.tag not in _WANTED or header.length is None:
            continue
        numbers = _numbers(bytes(image.encoded.source[header.value : header.end]))
        if not header.path:
            top[header.tag] = numbers
        elif len(header.path) == 2 and header.path[0][0] == _SHARED_GROUPS:
            shared[header.tag] = numbers
        elif len(header.path) == 2 and header.path[0][0] == _FRAME_GROUPS:
            of_frames.setdefault(header.path[0][1], {})[header.tag] = numbers
    common = _HOUNSFIELD_DEFAULTS | shared | top
    return tuple(_geometry(common | of_frames.get(frame, {})) for frame in range(image.module.frames))


def _geometry(found: Mapping[int, tuple[float, ...]]) -> Geometry:
    slope = (found[_SLOPE] or (1.0,))[0]
    if not slope:
        raise BadPixels("Rescale Slope (0028,1053) is 0; the sender must correct it")
    intercept = (found[_INTERCEPT] or (0.0,))[0]
    orientation, spacing, position = (found.get(tag, ()) for tag in (_ORIENTATION, _SPACING, _POSITION))
    return Geometry(orientation, spacing, slope, intercept, position)


def _dominant_axis(vector: Sequence[float]) -> int | None:
    sizes = [abs(part) for part in vector]
    largest = max(sizes)
    return sizes.index(largest) if largest > _DOMINANT and sizes.count(largest) == 1 else None


def _numbers(raw: bytes) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in raw.decode("ascii").strip(" \0").split("\\") if part.strip())
    except ValueError:
        raise BadPixels("an attribute of the image plane or the rescaling is not a number") from None

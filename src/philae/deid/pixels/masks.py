"""Masks: which one fits an image, what it covers and how it is drawn (spec 13.2, 13.3)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from philae.deid.pixels.colour import fill_samples
from philae.deid.pixels.errors import UnusableMask

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from philae.deid.pixels.frame import Frame
    from philae.deid.pixels.module import Image, PixelModule
    from philae.deid.pixels.order import Device
    from philae.deid.profile import Mask, Rectangle

_ANY = "*"


class Area(NamedTuple):
    """Rows and columns of an image, each from the first to the one behind the last."""

    top: int
    bottom: int
    left: int
    right: int


def choose_mask(masks: Sequence[Mask], device: Device, columns: int, rows: int) -> Mask | None:
    """The mask for an image: station and size, else station, else any station and size, else any (spec Q36).

    Only masks count whose manufacturer, model and SOP class are those of the device, where they name any; of equal ones
    the one that names most. That their conditions hold is settled before.
    """
    wanted = (
        (device.station_name, columns, rows),
        (device.station_name, None, None),
        (_ANY, columns, rows),
        (_ANY, None, None),
    )
    fitting = sorted((mask for mask in reversed(masks) if _is_for(mask, device)), key=_narrowness)
    by_key = {(mask.station_name, mask.width, mask.height): mask for mask in fitting}
    return next((by_key[key] for key in wanted if key in by_key), None)


def _is_for(mask: Mask, device: Device) -> bool:
    pairs = zip(_narrowing(mask), (device.manufacturer, device.model_name, device.sop_class_uid), strict=True)
    return all(wanted in ("", found) for wanted, found in pairs)


def _narrowing(mask: Mask) -> tuple[str, str, str]:
    return mask.manufacturer, mask.model_name, mask.sop_class_uid


def _narrowness(mask: Mask) -> int:
    return sum(map(bool, (*_narrowing(mask), mask.condition)))


def mask_digest(mask: Mask) -> str:
    """SHA-256 of what the mask draws: the same colour and rectangles give the same digest, in every profile."""
    parts = [" ".join(map(str, part)) for part in (mask.color, *mask.rectangles)]
    parts += (f"keep {' '.join(map(str, part))}" for part in mask.keep)
    return sha256(";".join(parts).encode("ascii")).hexdigest()


def areas_of(mask: Mask, module: PixelModule, *, compat_karnak: bool = False) -> tuple[Area, ...]:
    """What the rectangles cover, borders included, clipped to the image.

    Raises `UnusableMask` for a rectangle wholly outside of it, which Karnak passes over.
    """
    areas = [*_all_but(mask.keep, module)] if mask.keep else []
    for number, rectangle in enumerate(mask.rectangles):
        area = _clipped(rectangle, module)
        if _is_inside(area):
            areas.append(area)
        elif not compat_karnak:
            raise UnusableMask(
                f"rectangle {number + 1} of the mask lies outside the image of {module.columns} x {module.rows} pixels; "
                "correct it, or give the mask the image size it is meant for"
            )
    return tuple(areas)


def _clipped(rectangle: Rectangle, module: PixelModule) -> Area:
    x, y, width, height = rectangle
    return Area(max(0, y), min(module.rows, y + height + 1), max(0, x), min(module.columns, x + width + 1))


def _is_inside(area: Area) -> bool:
    """Whether anything was left when it was clipped."""
    return area.top < area.bottom and area.left < area.right


def _all_but(kept: Sequence[Rectangle], module: PixelModule) -> Iterator[Area]:
    """What no kept rectangle covers, from one edge of any of them to the next."""
    areas = [area for area in (_clipped(rectangle, module) for rectangle in kept) if _is_inside(area)]
    edges = sorted({0, module.rows, *(edge for area in areas for edge in (area.top, area.bottom))})
    for top, bottom in pairwise(edges):
        left = 0
        for area in sorted(areas, key=lambda area: area.left):
            if area.top <= top and bottom <= area.bottom:
                if area.left > left:
                    yield Area(top, bottom, left, area.left)
                left = max(left, area.right)
        if left < module.columns:
            yield Area(top, bottom, left, module.columns)


@dataclass(frozen=True, slots=True)
class MaskPainter:
    """Draws a mask on every frame of an image."""

    mask: Mask
    image: Image
    areas: tuple[Area, ...]
    compat_karnak: bool = False

    def paint(self, frame: Frame, index: int) -> bool:
        """Fill the areas in place; whether there are any."""
        words = self.fill(frame.photometric)
        size = frame.samples.dtype.itemsize
        fill = np.array(words if len(words) > 1 else words[0], f"u{size}").view(frame.samples.dtype)
        for top, bottom, left, right in self.areas:
            frame.samples[top:bottom, left:right] = fill
        return bool(self.areas)

    def fill(self, photometric: str) -> tuple[int, ...]:
        """The samples to draw, as unsigned words. Raises `UnsupportedPixels`."""
        return fill_samples(self.mask.color, photometric, self.image, compat_karnak=self.compat_karnak)


def mask_painter(image: Image, mask: Mask | None, *, compat_karnak: bool = False) -> MaskPainter:
    """What draws ``mask`` on the image. Raises `UnusableMask` if none was found or it does not fit."""
    if mask is None:
        raise UnusableMask(
            f"pixels must be cleaned, but no mask is for this station and {image.module.columns} x "
            f"{image.module.rows} pixels; add one to the profile's masks, or one for station '*'"
        )
    areas = areas_of(mask, image.module, compat_karnak=compat_karnak)
    if mask.keep and not areas:
        raise UnusableMask("what the mask keeps is the whole image, so it masks nothing; correct it, or take it away")
    return MaskPainter(mask, image, areas, compat_karnak)

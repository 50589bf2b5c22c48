"""Frames as a viewer shows them: 8 bits, windowed, in colour where they have some (PS3.3 C.11.2)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import numpy as np

from philae.deid.pixels.colour import palette_colours, rgb_from_ybr
from philae.deid.pixels.loop import Look, moments
from philae.deid.pixels.rewrite import decoded_frames
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.pixels.frame import Frame, Samples
    from philae.deid.pixels.loop import View
    from philae.deid.pixels.module import Image

FEW_FRAMES: Final = 3
_CENTER: Final = 0x00281050
_WIDTH: Final = 0x00281051
_INTERCEPT: Final = 0x00281052
_SLOPE: Final = 0x00281053


def views(image: Image) -> Iterator[Look]:
    """What there is to look at, each once: up to `FEW_FRAMES` frames one by one.

    Of more frames the `moments` of the loop. All of it is seen with all values told apart, and through the window that
    the image comes with.
    """
    seen: set[bytes] = set()
    frames = image.module.frames
    for shown in _windows(image):
        each = decoded_frames(image)
        for look in map(Look, map(shown, each)) if frames <= FEW_FRAMES else moments(each, frames, shown):
            key = sha256(look.view.data).digest()
            if key not in seen:
                seen.add(key)
                yield look


def shown_as(model: Frame, frame: Frame, image: Image) -> View:
    """A frame in the shades that tell all values of ``model`` apart."""
    return _Shown(image, float(model.samples.min()), float(model.samples.max()))(frame)


class _Shown:
    """How samples become 8 bits: values from ``low`` to ``high``; without them what a frame itself spans."""

    def __init__(self, image: Image, low: float | None = None, high: float | None = None) -> None:
        self._image = image
        self._low, self._high = low, high

    def __call__(self, frame: Frame) -> View:
        samples = frame.samples
        if frame.photometric == "PALETTE COLOR":
            return palette_colours(samples, self._image)
        if samples.ndim == 3:
            colours = rgb_from_ybr(samples, frame.bits) if frame.photometric.startswith("YBR") else samples
            return np.ascontiguousarray(colours >> max(0, frame.bits - 8)).astype(np.uint8)
        return _stretched(samples, self._low, self._high)


def _stretched(samples: Samples, low: float | None, high: float | None) -> View:
    if low is None or high is None:
        low, high = float(samples.min()), float(samples.max())
    scaled = (samples.astype(np.float32) - low) * (255 / max(high - low, 1e-6))
    return np.asarray(np.clip(scaled, 0, 255), np.uint8)


def _windows(image: Image) -> Iterator[_Shown]:
    """All values there are, and the window that the image comes with where it has one."""
    yield _Shown(image)
    center, width = _number(image, _CENTER), _number(image, _WIDTH)
    slope = _number(image, _SLOPE) or 1.0
    if image.module.samples == 1 and center is not None and width is not None and width > 1:
        middle, reach = (center - (_number(image, _INTERCEPT) or 0.0)) / slope, abs(width / slope) / 2
        yield _Shown(image, middle - reach, middle + reach)


def _number(image: Image, tag: int) -> float | None:
    try:
        return float(first_text(image.value(tag)))
    except ValueError:
        return None

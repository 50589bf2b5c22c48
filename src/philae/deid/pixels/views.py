"""Frames as a viewer shows them: 8 bits, windowed, in colour where they have some (PS3.3 C.11.2)."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.colour import palette_colours, rgb_from_ybr
from philae.deid.pixels.rewrite import decoded_frames
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.pixels.frame import Frame, Samples
    from philae.deid.pixels.module import Image

View = NDArray[np.uint8]
"""Shape (rows, columns) or (rows, columns, 3)."""

FEW_FRAMES: Final = 3
_CENTER: Final = 0x00281050
_WIDTH: Final = 0x00281051
_INTERCEPT: Final = 0x00281052
_SLOPE: Final = 0x00281053


def views(image: Image) -> Iterator[View]:
    """What there is to look at, each once: up to `FEW_FRAMES` frames one by one.

    Of more frames the first, the one in the middle, and the brightest and the darkest that each pixel ever is: what
    stands in any frame stands out in one of them. All of it is seen with all values told apart, and through the window
    that the image comes with.
    """
    seen: set[bytes] = set()
    for shown in _windows(image):
        for view in _moments(image, shown):
            key = sha256(view.data).digest()
            if key not in seen:
                seen.add(key)
                yield view


def shown_as(model: Frame, frame: Frame, image: Image) -> View:
    """A frame in the shades that tell all values of ``model`` apart."""
    return _Shown(image, float(model.samples.min()), float(model.samples.max()))(frame)


def _moments(image: Image, shown: _Shown) -> Iterator[View]:
    frames = image.module.frames
    brightest = darkest = None
    for index, frame in enumerate(decoded_frames(image)):
        view = shown(frame)
        if frames <= FEW_FRAMES or index in (0, frames // 2):
            yield view
        if frames > FEW_FRAMES:
            brightest = view.copy() if brightest is None else np.maximum(brightest, view, out=brightest)
            darkest = view.copy() if darkest is None else np.minimum(darkest, view, out=darkest)
    if brightest is not None and darkest is not None:
        yield brightest
        yield darkest


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

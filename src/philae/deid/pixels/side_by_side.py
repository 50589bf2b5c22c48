"""One frame before and after as a picture for people, with what changed outlined."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.module import read_image
from philae.deid.pixels.picture import frame_of, in_colour, png_of
from philae.deid.pixels.views import shown_as
from philae.dicom.scan import Encoded
from philae.dicom.splice import joined

if TYPE_CHECKING:
    from philae.deid.output import Output
    from philae.deid.pixels.module import Image

_OUTLINE: Final = (255, 200, 0)
_OUTLINE_WIDTH: Final = 2
_GAP: Final = 8


def images(plain: Encoded, output: Output) -> tuple[Image | None, Image | None]:
    """The image of an instance that is not deflated, and that of its output. Raises as `read_image` does."""
    whole = joined(plain.source, [*output.segments()])
    return read_image(plain), read_image(Encoded(whole, 0, len(whole), output.syntax))


def side_by_side(before: Image, after: Image, frame: int) -> bytes:
    """A PNG of frame ``frame``, counted from 1. Raises `BadPixels` if there is none, and as decoding does."""
    first, second = frame_of(before, frame), frame_of(after, frame)
    left, right = in_colour(shown_as(first, first, before)), in_colour(shown_as(first, second, after))
    changed = (left != right).any(-1)
    left[_border(changed)] = _OUTLINE
    gap = np.full((left.shape[0], _GAP, 3), 255, np.uint8)
    return png_of(np.concatenate((left, gap, right), 1))


def _border(changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels just outside of what changed."""
    wide = np.pad(changed, _OUTLINE_WIDTH)
    rows, columns = changed.shape
    shifts = range(2 * _OUTLINE_WIDTH + 1)
    grown = np.logical_or.reduce([wide[y : y + rows, x : x + columns] for y in shifts for x in shifts])
    return np.asarray(grown & ~changed)

"""One frame before and after as a picture for people, with what changed outlined."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from philae.deid.pixels.codec import library
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.rewrite import decoded_frames
from philae.deid.pixels.views import shown_as

if TYPE_CHECKING:
    from philae.deid.pixels.frame import Frame
    from philae.deid.pixels.module import Image
    from philae.deid.pixels.views import View

_OUTLINE: Final = (255, 200, 0)
_OUTLINE_WIDTH: Final = 2
_GAP: Final = 8


def side_by_side(before: Image, after: Image, frame: int) -> bytes:
    """A PNG of frame ``frame``, counted from 1. Raises `BadPixels` if there is none, and as decoding does."""
    first, second = _frame(before, frame), _frame(after, frame)
    left, right = _in_colour(shown_as(first, first, before)), _in_colour(shown_as(first, second, after))
    changed = (left != right).any(-1)
    left[_border(changed)] = _OUTLINE
    gap = np.full((left.shape[0], _GAP, 3), 255, np.uint8)
    file = BytesIO()
    library("PIL.Image", "pillow").fromarray(np.concatenate((left, gap, right), 1)).save(file, "PNG")
    return file.getvalue()


def _frame(image: Image, number: int) -> Frame:
    for found in islice(decoded_frames(image), number - 1, number):
        return found
    raise BadPixels(f"there is no frame {number}; the image has {image.module.frames}")


def _in_colour(view: View) -> View:
    return view.copy() if view.ndim == 3 else np.repeat(view[..., None], 3, 2)


def _border(changed: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The pixels just outside of what changed."""
    wide = np.pad(changed, _OUTLINE_WIDTH)
    rows, columns = changed.shape
    shifts = range(2 * _OUTLINE_WIDTH + 1)
    grown = np.logical_or.reduce([wide[y : y + rows, x : x + columns] for y in shifts for x in shifts])
    return np.asarray(grown & ~changed)

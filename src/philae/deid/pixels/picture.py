"""One frame as a picture that browsers show."""

from __future__ import annotations

from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from philae.deid.pixels.codec import library
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.rewrite import decoded_frames
from philae.deid.pixels.views import shown_as

if TYPE_CHECKING:
    from philae.deid.pixels.frame import Frame
    from philae.deid.pixels.loop import View
    from philae.deid.pixels.module import Image


def picture(image: Image, frame: int) -> bytes:
    """A PNG of frame ``frame``, counted from 1. Raises `BadPixels` if there is none, and as decoding does."""
    found = frame_of(image, frame)
    return png_of(in_colour(shown_as(found, found, image)))


def frame_of(image: Image, number: int) -> Frame:
    """Frame ``number``, counted from 1. Raises `BadPixels` if there is none, and as decoding does."""
    for found in islice(decoded_frames(image), number - 1, number):
        return found
    raise BadPixels(f"there is no frame {number}; the image has {image.module.frames}")


def in_colour(view: View) -> View:
    """Of shape (rows, columns, 3), whatever it was."""
    return view.copy() if view.ndim == 3 else np.repeat(view[..., None], 3, 2)


def png_of(view: View) -> bytes:
    """A PNG of a view in colour."""
    file = BytesIO()
    library("PIL.Image", "pillow").fromarray(view).save(file, "PNG")
    return file.getvalue()

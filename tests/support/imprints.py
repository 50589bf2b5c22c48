"""Pictures as devices make them, with text burned in: look, glyph height, contrast, place and direction as wanted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFont

NAME = "DOE JOHN 1957"
MARGIN = 6
MIDDLE = 0.5
"""What is darker gets bright print, what is brighter dark one."""


@dataclass(frozen=True)
class Imprint:
    """``place`` is a corner (tl, tr, bl, br) or ``in``; ``contrast`` a share of the whole range."""

    look: str
    height: int
    contrast: float
    place: str = "tl"
    upright: bool = True
    text: str = NAME

    def __str__(self) -> str:
        return f"{self.look} {self.height} px {self.contrast} {self.place} {'0' if self.upright else '90'}"


def background(look: str, size: int) -> np.ndarray:
    """Shares of the whole range: a sector of speckle, a slice of a trunk, a page, vessels, a soft projection."""
    random = np.random.default_rng(size)
    y, x = np.mgrid[0:size, 0:size]
    if look == "US":
        return speckle(random, size)
    if look == "CT":
        trunk = ((x - size / 2) / (0.4 * size)) ** 2 + ((y - size / 2) / (0.3 * size)) ** 2 < 1
        return np.clip(np.where(trunk, 0.45, 0.02) + random.normal(0, 0.03, (size, size)), 0, 1)
    if look == "XA":
        vessels = [
            np.abs(y - size / 2 - size * (0.1 * n + 0.2 * np.sin(x / (30 + 9 * n)))) < 2 + n for n in range(-2, 3)
        ]
        return np.clip(np.where(np.any(vessels, 0), 0.5, 0.6) + random.normal(0, 0.03, (size, size)), 0, 1)
    if look == "SC":
        return np.full((size, size), 0.85)
    return 0.3 + 0.4 * np.sin(3 * x / size) * np.sin(2 * y / size) + random.normal(0, 0.02, (size, size))


def speckle(random: np.random.Generator, size: int) -> np.ndarray:
    """The sector of an ultrasound probe, as shares of the whole range."""
    y, x = np.mgrid[0:size, 0:size]
    sector = (np.hypot(x - size / 2, y - 30) < 0.85 * size) & (np.abs(np.arctan2(x - size / 2, y)) < 0.6)
    grains = random.rayleigh(0.12, (size // 2, size // 2)).repeat(2, 0).repeat(2, 1)
    return np.where(sector, np.clip(grains, 0, 1), 0.0)


def imprinted(imprint: Imprint, size: int = 512) -> tuple[np.ndarray, tuple[slice, slice]]:
    """An 8-bit picture, and where its text is."""
    return printed_on(background(imprint.look, size), imprint)


def printed_on(
    picture: np.ndarray, imprint: Imprint, ground: float | None = None
) -> tuple[np.ndarray, tuple[slice, slice]]:
    """A picture in shares of the whole range with text on it, in 8 bits, and where that is.

    The contrast is to ``ground``, by default what is there on average.
    """
    size = len(picture)
    stroke = _drawn(imprint.text, imprint.height)
    stroke = stroke if imprint.upright else np.rot90(stroke)
    rows, columns = stroke.shape
    far = (size - rows - MARGIN, size - columns - MARGIN)
    middle = (size // 2 - rows // 2, size // 2 - columns // 2)
    corners = {"tl": (MARGIN, MARGIN), "tr": (MARGIN, far[1]), "bl": (far[0], MARGIN), "br": far, "in": middle}
    top, left = corners[imprint.place]
    where = slice(top, top + rows), slice(left, left + columns)
    ground = float(picture[where].mean()) if ground is None else ground
    level = np.clip(ground + (imprint.contrast if ground <= MIDDLE else -imprint.contrast), 0, 1)
    printed = picture.copy()
    printed[where] = picture[where] * (1 - stroke) + stroke * level
    return as_8_bits(printed), where


def as_8_bits(picture: np.ndarray) -> np.ndarray:
    """Shares of the whole range as a picture."""
    return np.rint(np.clip(picture, 0, 1) * 255).astype("u1")


def speckle_loop(imprint: Imprint, shown: slice, size: int, frames: int = 50) -> tuple[np.ndarray, tuple[slice, slice]]:
    """Speckle that never stands still, with text in the frames where it is ``shown``, and where the text is."""
    random = np.random.default_rng(5)
    plain = [speckle(random, size) for _ in range(frames)]
    where = printed_on(plain[0], imprint)[1]
    ground = float(np.mean([picture[where] for picture in plain]))
    loop = np.stack([as_8_bits(picture) for picture in plain])
    loop[shown] = np.stack([printed_on(picture, imprint, ground)[0] for picture in plain])[shown]
    return loop, where


def _drawn(text: str, height: int) -> np.ndarray:
    """The text as shares of ink, capitals so many pixels high."""
    sizes = (ImageFont.load_default(size) for size in range(height, 3 * height))
    font = next(each for each in sizes if each.getbbox("H")[3] - each.getbbox("H")[1] >= height)
    left, top, right, bottom = map(int, font.getbbox(text))
    page = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(page).text((1 - left, 1 - top), text, fill=255, font=font)
    return np.asarray(page) / 255

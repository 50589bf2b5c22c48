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
        sector = (np.hypot(x - size / 2, y - 30) < 0.85 * size) & (np.abs(np.arctan2(x - size / 2, y)) < 0.6)
        speckle = random.rayleigh(0.12, (size // 2, size // 2)).repeat(2, 0).repeat(2, 1)
        return np.where(sector, np.clip(speckle, 0, 1), 0.0)
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


def imprinted(imprint: Imprint, size: int = 512) -> tuple[np.ndarray, tuple[slice, slice]]:
    """An 8-bit picture, and where its text is."""
    picture = background(imprint.look, size)
    stroke = _drawn(imprint.text, imprint.height)
    stroke = stroke if imprint.upright else np.rot90(stroke)
    rows, columns = stroke.shape
    far = (size - rows - MARGIN, size - columns - MARGIN)
    middle = (size // 2 - rows // 2, size // 2 - columns // 2)
    corners = {"tl": (MARGIN, MARGIN), "tr": (MARGIN, far[1]), "bl": (far[0], MARGIN), "br": far, "in": middle}
    top, left = corners[imprint.place]
    where = slice(top, top + rows), slice(left, left + columns)
    ground = picture[where].mean()
    level = np.clip(ground + (imprint.contrast if ground <= MIDDLE else -imprint.contrast), 0, 1)
    picture[where] = picture[where] * (1 - stroke) + stroke * level
    return np.rint(np.clip(picture, 0, 1) * 255).astype("u1"), where


def _drawn(text: str, height: int) -> np.ndarray:
    """The text as shares of ink, capitals so many pixels high."""
    sizes = (ImageFont.load_default(size) for size in range(height, 3 * height))
    font = next(each for each in sizes if each.getbbox("H")[3] - each.getbbox("H")[1] >= height)
    left, top, right, bottom = map(int, font.getbbox(text))
    page = Image.new("L", (right - left + 2, bottom - top + 2))
    ImageDraw.Draw(page).text((1 - left, 1 - top), text, fill=255, font=font)
    return np.asarray(page) / 255

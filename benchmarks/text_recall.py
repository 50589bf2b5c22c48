"""How much burned-in text is found, by look, glyph height and contrast: ``python -m benchmarks.text_recall``."""

from __future__ import annotations

import sys
from itertools import product

import numpy as np

from philae.deid.pixels.text_finder import text_areas
from tests.support.imprints import Imprint, background, imprinted

LOOKS = ("US", "US yellow", "CT", "XA", "SC", "DX")
HEIGHTS = (8, 10, 14, 24, 40)
CONTRASTS = (0.2, 0.3, 0.6, 1.0)
PLACES = (("tl", True), ("tr", False), ("bl", True), ("br", False), ("in", True), ("in", False))
BESIDE = 24
"""Pixels around the text that do not count as beside it."""
PROMISED_HEIGHT, PROMISED_CONTRAST = 10, 0.3
PROMISED_RECALL, PROMISED_BESIDE = 0.99, 0.005


def share_found(imprint: Imprint, *, is_yellow: bool) -> tuple[float, float]:
    """The share of the text that is covered, and of the picture beside it."""
    picture, (rows, columns) = imprinted(imprint)
    if is_yellow:
        ground = np.rint(np.clip(background(imprint.look, len(picture)), 0, 1) * 255).astype("u1")
        picture = np.stack((picture, picture, ground), -1)
    mask = np.zeros(picture.shape[:2], bool)
    for area in text_areas(picture):
        mask[area.top : area.bottom, area.left : area.right] = True
    found = float(mask[rows, columns].mean())
    mask[max(0, rows.start - BESIDE) : rows.stop + BESIDE, max(0, columns.start - BESIDE) : columns.stop + BESIDE] = (
        False
    )
    return found, float(mask.mean())


def main(heights: tuple[int, ...] = HEIGHTS, contrasts: tuple[float, ...] = CONTRASTS) -> int:
    """Print a table; 1 if a cell misses what is promised from 10 px and a contrast of 0.3 on."""
    names = " | ".join(f"{place}{'' if upright else ', 90'}" for place, upright in PLACES)
    print(f"| Look | Height | Contrast | {names} | worst beside |\n|---|---|---|{'---|' * (len(PLACES) + 1)}")
    missed = 0
    for look, height, contrast in product(LOOKS, heights, contrasts):
        base, _, colour = look.partition(" ")
        figures = [
            share_found(Imprint(base, height, contrast, place, upright), is_yellow=bool(colour))
            for place, upright in PLACES
        ]
        least, beside = min(found for found, _ in figures), max(beside for _, beside in figures)
        if height >= PROMISED_HEIGHT and contrast >= PROMISED_CONTRAST:
            missed += least < PROMISED_RECALL or beside >= PROMISED_BESIDE
        shares = " | ".join(f"{found:.2f}" for found, _ in figures)
        print(f"| {look} | {height} px | {contrast} | {shares} | {100 * beside:.2f} % |")
        sys.stdout.flush()
    print(f"\n{missed} cells of those promised miss")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())

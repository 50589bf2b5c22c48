"""How much burned-in text is found, by look, glyph height and contrast: ``python -m benchmarks.text_recall``."""

from __future__ import annotations

import sys
from itertools import product

import numpy as np

from philae.deid.pixels.text_finder import text_areas
from tests.support.imprints import Imprint, imprinted

LOOKS = ("US", "CT", "SC", "DX")
HEIGHTS = (8, 10, 14, 24, 40)
CONTRASTS = (0.2, 0.3, 0.6, 0.8)
PLACES = (("tl", True), ("in", True), ("br", False))
BESIDE = 24


def share_found(imprint: Imprint) -> tuple[float, float]:
    """The share of the text that is covered, and of the picture beside it."""
    picture, (rows, columns) = imprinted(imprint)
    mask = np.zeros(picture.shape, bool)
    for area in text_areas(picture):
        mask[area.top : area.bottom, area.left : area.right] = True
    found = float(mask[rows, columns].mean())
    mask[max(0, rows.start - BESIDE) : rows.stop + BESIDE, max(0, columns.start - BESIDE) : columns.stop + BESIDE] = (
        False
    )
    return found, float(mask.mean())


def main(heights: tuple[int, ...] = HEIGHTS, contrasts: tuple[float, ...] = CONTRASTS) -> None:
    """Print a table."""
    print("| Look | Height | Contrast | corner | inside | corner, 90 | worst beside |\n|---|---|---|---|---|---|---|")
    for look, height, contrast in product(LOOKS, heights, contrasts):
        figures = [share_found(Imprint(look, height, contrast, place, upright)) for place, upright in PLACES]
        shares = " | ".join(f"{found:.2f}" for found, _ in figures)
        print(f"| {look} | {height} px | {contrast} | {shares} | {100 * max(beside for _, beside in figures):.1f} % |")
        sys.stdout.flush()


if __name__ == "__main__":
    main()

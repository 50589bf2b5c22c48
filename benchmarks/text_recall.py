"""How much burned-in text is found, by look, glyph height and contrast: ``python -m benchmarks.text_recall``."""

from __future__ import annotations

import sys
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from philae.deid.pixels.detection import found_text
from philae.deid.pixels.order import Detection
from philae.deid.pixels.text_finder import text_areas
from tests.support.images import GREY, dataset, image_of
from tests.support.imprints import Imprint, as_8_bits, background, imprinted, speckle_loop

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.deid.pixels.masks import Area

LOOKS = ("US", "US yellow", "CT", "XA", "SC", "DX")
HEIGHTS = (8, 10, 14, 24, 40)
CONTRASTS = (0.2, 0.3, 0.6, 1.0)
PLACES = (("tl", True), ("tr", False), ("bl", True), ("br", False), ("in", True), ("in", False))
LOOP, LOOP_SIDE = 50, 512
SHOWN = {"in all frames": slice(None), "in an eighth": slice(31, 38), "in the last five": slice(45, 50)}
BESIDE = 24
"""Pixels around the text that do not count as beside it."""
PROMISED_HEIGHT, PROMISED_CONTRAST = 10, 0.3
PROMISED_RECALL, PROMISED_BESIDE = 0.99, 0.005


def share_found(imprint: Imprint, *, is_yellow: bool) -> tuple[float, float]:
    """The share of the text that is covered, and of the picture beside it."""
    picture, where = imprinted(imprint)
    if is_yellow:
        ground = as_8_bits(background(imprint.look, len(picture)))
        picture = np.stack((picture, picture, ground), -1)
    return _shares(text_areas(picture), picture.shape, where)


def share_found_in_loop(imprint: Imprint, shown: slice) -> tuple[float, float]:
    """The same of a loop of moving speckle with the text in the frames where it is ``shown``."""
    loop, where = speckle_loop(imprint, shown, LOOP_SIDE, LOOP)
    found = found_text(image_of(dataset(GREY, loop)), Detection("mask", (), is_told=False))
    return _shares(found.covered, loop[0].shape, where)


def _shares(areas: Iterable[Area], shape: tuple[int, ...], where: tuple[slice, slice]) -> tuple[float, float]:
    mask = np.zeros(shape[:2], bool)
    for area in areas:
        mask[area.top : area.bottom, area.left : area.right] = True
    found = float(mask[where].mean())
    rows, columns = (slice(max(0, part.start - BESIDE), part.stop + BESIDE) for part in where)
    mask[rows, columns] = False
    return found, float(mask.mean())


def main(heights: tuple[int, ...] = HEIGHTS, contrasts: tuple[float, ...] = CONTRASTS) -> int:
    """Print both tables; 1 if a cell misses what is promised from 10 px and a contrast of 0.3 on."""
    missed = _stills(heights, contrasts) + loops(heights, contrasts)
    print(f"\n{missed} cells of those promised miss")
    return 1 if missed else 0


def _stills(heights: tuple[int, ...], contrasts: tuple[float, ...]) -> int:
    """How many cells miss, of single pictures."""
    _head("Look", [f"{place}{'' if upright else ', 90'}" for place, upright in PLACES])
    missed = 0
    for look, height, contrast in product(LOOKS, heights, contrasts):
        base, _, colour = look.partition(" ")
        imprints = [Imprint(base, height, contrast, place, upright) for place, upright in PLACES]
        missed += _row(look, imprints[0], [share_found(each, is_yellow=bool(colour)) for each in imprints])
    return missed


def loops(heights: tuple[int, ...], contrasts: tuple[float, ...]) -> int:
    """How many cells miss, of loops of 50 frames."""
    print()
    _head("50 frames", list(SHOWN))
    missed = 0
    for height, contrast in product(heights, contrasts):
        imprint = Imprint("US", height, contrast, "in", text="DOE 1957")
        missed += _row("moving speckle", imprint, [share_found_in_loop(imprint, shown) for shown in SHOWN.values()])
    return missed


def _head(first: str, columns: list[str]) -> None:
    print(f"| {first} | Height | Contrast | {' | '.join(columns)} | worst beside |")
    print(f"|---|---|---|{'---|' * (len(columns) + 1)}")


def _row(name: str, imprint: Imprint, figures: list[tuple[float, float]]) -> bool:
    """Whether the cell misses what is promised of it."""
    least, beside = min(found for found, _ in figures), max(beside for _, beside in figures)
    shares = " | ".join(f"{found:.2f}" for found, _ in figures)
    print(f"| {name} | {imprint.height} px | {imprint.contrast} | {shares} | {100 * beside:.2f} % |", flush=True)
    is_promised = imprint.height >= PROMISED_HEIGHT and imprint.contrast >= PROMISED_CONTRAST
    return is_promised and (least < PROMISED_RECALL or beside >= PROMISED_BESIDE)


if __name__ == "__main__":
    sys.exit(main())

"""Which of the boxes that a detector finds count as text."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from philae.deid.pixels import text_finder
from philae.deid.pixels.loop import View
from philae.deid.pixels.masks import Area
from philae.deid.pixels.text_finder import text_areas

PICTURE = np.zeros((200, 300), "u1")
LINE, VESSELS, SIGN = (20, 10, 150, 24), (18, 12, 152, 58), (200, 150, 18, 18)
"""Left, top, width, height."""


def box(left: int, top: int, width: int, height: int) -> np.ndarray:
    right, bottom = left + width, top + height
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], np.float32)


def found(
    monkeypatch: pytest.MonkeyPatch,
    looks: Sequence[Sequence[tuple[int, ...]]],
    says: str = "",
    surely: float = 0.9,
    known: Sequence[Area] | None = None,
) -> list[Area]:
    """What comes of the boxes of the picture and of its negative, both upright; everything that is read is ``says``."""
    upright = iter([np.array([box(*each) for each in look]) for look in looks])

    def said(picture: View, *, use_det: bool, use_rec: bool) -> SimpleNamespace:
        assert use_det != use_rec
        is_upright = picture.shape[:2] == PICTURE.shape
        return SimpleNamespace(boxes=next(upright) if use_det and is_upright else None, txts=(says,), scores=(surely,))

    monkeypatch.setattr(text_finder, "_said", said)
    return text_areas(PICTURE, known)


def test_a_line_counts_whatever_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    (area,) = found(monkeypatch, [[LINE], []])

    assert (area.left, area.top) < (20, 10)
    assert (area.right, area.bottom) > (170, 34)


@pytest.mark.parametrize("says, surely, count", [("", 0.0, 0), ("2", 0.13, 0), (" ", 0.9, 1), ("DOE", 0.5, 1)])
def test_what_stands_in_a_picture_composed_of_many_counts_if_it_says_something_surely(
    says: str, surely: float, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(found(monkeypatch, [[LINE], []], says, surely, known=[])) == count


@pytest.mark.parametrize("says, count", [("", 1), (" ", 2), ("DOE", 2)])
def test_what_is_large_counts_if_it_says_something_even_blanks(
    says: str, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blanks are what the recogniser makes of scripts that it cannot read."""
    assert len(found(monkeypatch, [[LINE, VESSELS], []], says)) == count


def test_text_that_is_known_is_no_news_in_whatever_tile_it_stands() -> None:
    known = Area(900, 960, 30, 1100)

    assert text_finder._moved([known], 928, 0) == [Area(0, 32, 30, 1100)]
    assert text_finder._moved([known], 928, 928) == [Area(0, 32, 0, 172)]
    assert text_finder._moved([known], 1856, 1856) == [Area(0, 0, 0, 0)]


def test_what_surrounds_a_line_does_not_count_for_what_the_line_says() -> None:
    picture = np.full((100, 200, 3), 7, "u1")
    picture[10:20, 10:50] = 250

    rest = text_finder._without(picture, Area(0, 60, 0, 100), [Area(10, 20, 10, 50)])

    assert (rest == 7).all()
    assert rest.shape == (60, 100, 3)
    assert (picture[10:20, 10:50] == 250).all()


@pytest.mark.parametrize(
    "looks, count",
    [([[SIGN], []], 0), ([[SIGN], [SIGN]], 1), ([[SIGN, (222, 150, 18, 18)], []], 2), ([[SIGN, LINE], []], 1)],
)
def test_a_single_sign_counts_if_it_is_seen_twice_or_beside_others(
    looks: list[list[tuple[int, ...]]], count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(found(monkeypatch, looks)) == count

"""Masks learnt from images."""

from __future__ import annotations

import pytest

from philae.deid.pixels import proposal
from philae.deid.pixels.masks import Area
from philae.deid.pixels.proposal import Kind, Learning, together
from philae.deid.profile import Mask, Rectangle
from tests.support.images import GREY, dataset, image_of, pixels

IMAGE = image_of(dataset(GREY, pixels(GREY)))


def learning(monkeypatch: pytest.MonkeyPatch, *images: list[Area]) -> Learning:
    """What comes of images with text in these places."""
    pending = iter(images)
    monkeypatch.setattr(proposal, "text_areas", lambda _view, _known: next(pending))
    learnt = Learning()
    for _ in images:
        learnt.look(Kind("ROOM 2", 62, 48), IMAGE)
    return learnt


def test_text_of_any_image_is_covered_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    name, longer, scale = Area(2, 10, 2, 20), Area(2, 10, 2, 30), Area(40, 46, 50, 60)

    (found,) = learning(monkeypatch, [name], [longer, scale], []).proposals()

    assert found.mask == Mask("ROOM 2", 62, 48, rectangles=(Rectangle(2, 2, 27, 7), Rectangle(50, 40, 9, 5)))
    assert (found.seen, found.images) == ((2, 1), 3)


def test_images_without_text_get_a_mask_without_rectangles(monkeypatch: pytest.MonkeyPatch) -> None:
    (found,) = learning(monkeypatch, [], []).proposals()

    assert found.mask.rectangles == ()
    assert found.images == 2


def test_lines_of_a_block_are_covered_together_and_nothing_twice() -> None:
    lines = [Area(top, top + 10, 5, 60 + top) for top in (0, 12, 24)]
    apart = Area(100, 110, 5, 60)

    blocks = together([lines[0], apart, lines[2], lines[1]])

    assert blocks == [Area(0, 34, 5, 84), apart]

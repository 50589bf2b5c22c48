"""What there is to look at in an image."""

from __future__ import annotations

import numpy as np
import pytest

from philae.deid.pixels.views import views
from tests.support.images import COLOUR, GREY, GREY_16, KINDS, PALETTE, Kind, dataset, image_of, pixels


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_image_has_a_view_of_8_bits_over_its_whole_range(kind: Kind) -> None:
    (look,) = views(image_of(dataset(kind, pixels(kind))))

    view = look.view
    assert view.dtype == np.uint8
    assert view.shape[:2] == (48, 62)
    assert (view.ndim == 3) == (kind.samples == 3 or kind is PALETTE)
    assert int(view.max()) - int(view.min()) > 150


def test_colours_stay_colours() -> None:
    (look,) = views(image_of(dataset(COLOUR, pixels(COLOUR))))

    assert (look.view == pixels(COLOUR)[0]).all()


def test_an_image_is_also_seen_through_its_window() -> None:
    made = dataset(GREY_16, pixels(GREY_16), WindowCenter="1000", WindowWidth="200", RescaleIntercept="-500")
    made.RescaleSlope = "2"

    whole, windowed = (look.view for look in views(image_of(made)))

    values = pixels(GREY_16)[0]
    assert (windowed[values < 700] == 0).all()
    assert (windowed[values > 800] == 255).all()
    assert not (whole == windowed).all()


def test_a_few_frames_are_seen_one_by_one_and_equal_ones_once() -> None:
    frames = np.stack([pixels(GREY)[0], pixels(GREY)[0], pixels(GREY)[0][::-1]])

    assert len(list(views(image_of(dataset(GREY, frames))))) == 2


def test_what_stands_in_any_frame_of_a_loop_is_seen() -> None:
    loop = np.full((50, 16, 16), 100, "u1")
    loop[:, 0, 0], loop[:, 0, 1] = 0, 255
    loop[13, 4, 4], loop[41, 8, 8] = 250, 5

    seen = list(views(image_of(dataset(GREY, loop))))

    assert len(seen) == 3
    assert any(look.view[4, 4] == 250 for look in seen)
    assert any(look.view[8, 8] == 5 for look in seen)
    assert [look.is_composed for look in seen] == [False, True, True]

"""A frame before and after, for people."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Picture

from philae.deid.pixels.cleaning import clean
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.side_by_side import side_by_side
from tests.support.images import COLOUR, GREY, Kind, changed_image, dataset, image_of, mask_of, pixels


@pytest.mark.parametrize("kind", [GREY, COLOUR], ids=lambda kind: kind.name)
def test_the_frame_is_shown_twice_and_what_changed_is_outlined(kind: Kind) -> None:
    before = image_of(dataset(kind, pixels(kind, frames=2)))
    change = clean(before, mask_of((20, 20, 9, 9)))
    assert change is not None

    shown = np.asarray(Picture.open(BytesIO(side_by_side(before, changed_image(change), 2))))

    left, right = shown[:, :62], shown[:, -62:]
    assert shown.shape == (48, 2 * 62 + 8, 3)
    assert (left[19, 18:32] == (255, 200, 0)).all()
    assert (left[0:10] == right[0:10]).all()
    assert not right[20:30, 20:30].any()
    assert left[20:30, 20:30].any()


def test_a_frame_that_is_not_there_is_said_to_be_missing() -> None:
    image = image_of(dataset(GREY, pixels(GREY)))

    with pytest.raises(BadPixels, match="no frame 2; the image has 1"):
        side_by_side(image, image, 2)

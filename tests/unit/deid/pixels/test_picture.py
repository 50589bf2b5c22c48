from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image as Picture

from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.picture import picture
from tests.support.images import KINDS, Kind, dataset, image_of, pixels


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_of_image_becomes_a_picture_of_its_size(kind: Kind) -> None:
    shown = np.asarray(Picture.open(BytesIO(picture(image_of(dataset(kind, pixels(kind, frames=2))), 2))))

    assert shown.shape == (48, 62, 3)
    assert shown.min() < shown.max()


def test_a_frame_that_is_not_there_is_said_to_be_missing() -> None:
    with pytest.raises(BadPixels, match="no frame 2; the image has 1"):
        picture(image_of(dataset(KINDS[0], pixels(KINDS[0]))), 2)

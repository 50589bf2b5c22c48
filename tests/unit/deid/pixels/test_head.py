"""Where a head is, and where its face begins."""

from __future__ import annotations

import numpy as np
import pytest

from philae.deid.pixels.geometry import Geometry
from philae.deid.pixels.head import find_head, front_of, is_head
from tests.support.heads import AXIAL, HEAD, SIZE, SPACING, TRUNK, ellipse, slice_of, thigh

PLANE = Geometry(tuple(map(float, AXIAL)), (SPACING, SPACING), 1, 0)


@pytest.mark.parametrize(
    "values, expected",
    [
        (slice_of(*HEAD), True),
        (slice_of(*HEAD, nose=20), True),
        (slice_of(*HEAD, skull=False), False),
        (slice_of(*TRUNK, skull=False), False),
        (thigh(), False),
    ],
    ids=["head", "head with a nose", "no bone", "trunk", "thigh"],
)
def test_heads_are_told_from_what_has_their_size_or_their_bone(values: np.ndarray, *, expected: bool) -> None:
    head = find_head(values, PLANE, (SPACING, SPACING))

    assert head is not None
    assert is_head(values, head, PLANE, (SPACING, SPACING)) is expected


def test_the_front_is_the_skin_even_behind_a_thin_mask() -> None:
    values = slice_of(*HEAD)
    bare = values.copy()
    values[ellipse(HEAD[0] + 6, HEAD[1] + 6) & ~ellipse(HEAD[0] + 4, HEAD[1] + 4)] = 60
    head = find_head(bare, PLANE, (SPACING, SPACING))
    assert head is not None

    front = front_of(values, head, PLANE)

    assert front is not None
    skin = (bare[:, front.columns] > -500).argmax(0)
    middle = slice(len(skin) // 4, -len(skin) // 4)
    assert np.abs(front.rows - skin)[middle].max() <= 2
    assert front.columns[0] < SIZE // 2 < front.columns[-1]

"""Numbers that follow from a seed."""

from __future__ import annotations

import numpy as np

from philae.deid.pixels.noise import Noise, landscape

PLACES = np.linspace(-200.0, 200.0, 801)


def test_a_stream_is_the_same_for_the_same_seed_and_goes_on() -> None:
    one, other = Noise(b"seed"), Noise(b"seed")

    assert (one.integers(100, 7) == other.integers(100, 7)).all()
    assert (one.integers(100, 7) != other.integers(101, 7)[:100]).sum() == 0
    assert set(Noise(b"seed").integers(1000, 7)) == set(range(7))


def test_neighbours_in_a_landscape_are_alike_and_far_places_are_not() -> None:
    here, near, far = (landscape(b"seed", PLACES, z, 40.0) for z in (10.0, 11.0, 150.0))

    assert np.abs(np.diff(here)).max() < 0.02
    assert np.abs(here - near).max() < 0.05
    assert np.abs(here - far).max() > 0.3
    assert 0 <= here.min() < here.max() <= 1


def test_a_landscape_is_the_same_whatever_part_of_it_is_asked_for() -> None:
    whole = landscape(b"seed", PLACES, -3.5, 12.0)

    np.testing.assert_array_equal(landscape(b"seed", PLACES[300:500], -3.5, 12.0), whole[300:500])
    assert (landscape(b"other", PLACES, -3.5, 12.0) != whole).any()

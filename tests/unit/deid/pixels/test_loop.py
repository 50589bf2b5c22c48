"""What there is to look at in a loop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest

from philae.deid.pixels.frame import Frame, Samples
from philae.deid.pixels.loop import View, moments
from tests.support.imprints import Imprint, speckle_loop

FRAMES, SIZE = 50, 128
PRINT = Imprint("US", 10, 0.3, "in", text="DOE JOHN")


def as_it_is(frame: Frame) -> View:
    return np.asarray(frame.samples)


def seen_of(loop: Sequence[Samples], photometric: str = "MONOCHROME2") -> Iterator[View]:
    frames = (Frame(samples, 8, photometric) for samples in loop)
    return (look.view for look in moments(frames, len(loop), as_it_is))


def loop(first: int, last: int) -> list[View]:
    """Speckle that never stands still, and print from the first frame to before the last."""
    return list(speckle_loop(PRINT, slice(first, last), SIZE, FRAMES)[0])


def looked_at(views: Sequence[View], photometric: str = "MONOCHROME2") -> list[int]:
    """Which of the frames are among the moments; the brightest and the darkest come last."""
    numbers = {id(view): number for number, view in enumerate(views)}
    *frames, _, _ = seen_of(views, photometric)
    return [numbers[id(view)] for view in frames]


@pytest.mark.parametrize("first, last", [(1, 8), (30, 37), (43, 50)])
def test_print_that_stands_for_an_eighth_of_a_loop_is_seen_in_a_frame_of_its_own(first: int, last: int) -> None:
    assert any(first <= number < last for number in looked_at(loop(first, last)))


def test_speckle_and_what_stands_all_the_time_cost_no_more_frames() -> None:
    assert looked_at(loop(0, 0)) == looked_at(loop(0, FRAMES)) == [0, FRAMES // 2]


def test_what_changes_all_the_time_costs_a_few_frames_only() -> None:
    steps = [np.full((SIZE, SIZE), 40 * (number // 6 % 2), "u1") for number in range(10 * FRAMES)]

    assert len(looked_at(steps)) <= 10


def test_what_any_frame_shows_stands_in_the_brightest_or_the_darkest() -> None:
    views = [np.full((16, 16), 100, "u1") for _ in range(FRAMES)]
    views[13][4, 4], views[41][8, 8] = 250, 5

    *_, brightest, darkest = seen_of(views)

    assert (brightest[4, 4], brightest[8, 8]) == (250, 100)
    assert (darkest[4, 4], darkest[8, 8]) == (100, 5)


@pytest.mark.parametrize("photometric", ["RGB", "PALETTE COLOR"])
def test_colours_that_change_are_new(photometric: str) -> None:
    views = [np.zeros((SIZE, SIZE, 3), "u1") for _ in range(FRAMES)]
    for view in views[10:]:
        view[40:60, 40:100, 2] = 200

    assert looked_at(views, photometric) == [0, 14, FRAMES // 2]


def test_the_extremes_of_grey_frames_are_shown_in_shades_of_their_own() -> None:
    """A frame by itself may be shown brighter than its neighbours; what is faint in it would cover print in others."""
    values = [np.full((16, 16), 100, "u2") for _ in range(FRAMES)]
    values[13][4, 4] = 400

    def shown(frame: Frame) -> View:
        return np.asarray(np.rint(frame.samples * (255 / frame.samples.max())), np.uint8)

    *_, brightest, _ = moments((Frame(each, 16, "MONOCHROME2") for each in values), FRAMES, shown)

    assert brightest.is_composed
    assert (brightest.view[4, 4], brightest.view[0, 0]) == (255, 64)


def test_signed_values_differ_by_as_much_as_they_do() -> None:
    values = [np.full((SIZE, SIZE), -32768, "i2") for _ in range(FRAMES)]
    for each in values[10:]:
        each[40:60, 40:100] = 32767

    assert len(list(seen_of(values))) == 5

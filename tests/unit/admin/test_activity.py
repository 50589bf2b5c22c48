from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from philae.admin.activity import DAY, PERIOD, WINDOWS, Ended, beginning, moment_of, per_minute, period_of

NOW = datetime(2026, 3, 1, 12, 34, 56, tzinfo=UTC)


def ended(begin: datetime, delivered: int = 0, stopped: int = 0) -> Ended:
    return Ended(1, begin, delivered, 0, stopped)


def test_a_period_is_known_by_its_number_for_ever() -> None:
    assert moment_of(period_of(NOW)) == datetime(2026, 3, 1, 12, 30, tzinfo=UTC)


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_ends_with_the_stretch_that_is_under_way(name: str) -> None:
    window = WINDOWS[name]

    series = window.series([], NOW)

    assert len(series) == window.count
    assert series[0].begin == window.begin(NOW)
    assert series[-1].begin <= NOW < series[-1].begin + window.step
    assert window.step % PERIOD == timedelta(0)


def test_destinations_are_drawn_together() -> None:
    hour = beginning(NOW, DAY.step)

    series = DAY.series([ended(hour, 3), ended(hour, 4, 1), ended(hour - DAY.step, 5)], NOW)

    assert [(each.delivered, each.stopped) for each in series[-3:]] == [(0, 0), (5, 0), (7, 1)]


def test_a_rate_leaves_out_what_is_long_ago() -> None:
    period = beginning(NOW, PERIOD)

    found = [ended(period, 10), ended(period - PERIOD, 20), ended(period - 2 * PERIOD, 1000)]

    assert per_minute(found, period + PERIOD / 2) == pytest.approx(30 / 15)

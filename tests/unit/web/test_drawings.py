from __future__ import annotations

from datetime import UTC, datetime

import pytest

from philae.admin.activity import Ended
from philae.web.drawings import bars, highest, rounded, scale

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def ended(delivered: int, stopped: int = 0) -> Ended:
    return Ended(1, NOW, delivered, 0, stopped)


def test_bars_stay_inside_and_stand_on_top_of_each_other() -> None:
    below, above, alone = bars([ended(30, 10), ended(0), ended(20)], 90, 40)

    assert (below.kind, below.height, below.y) == ("delivered", 30, 10)
    assert (above.kind, above.height, above.y) == ("stopped", 10, 0)
    assert (alone.x, alone.x + alone.width <= 90) == (60, True)


def test_what_is_small_beside_much_is_still_seen() -> None:
    _, faint = bars([ended(1_000_000, 1)], 90, 40)

    assert faint.height >= 1
    assert faint.y >= 0


def test_a_chart_of_nothing_is_empty() -> None:
    assert list(bars([ended(0)], 90, 40)) == []
    assert highest([]) == 1


@pytest.mark.parametrize("most,end", [(1, 1), (3, 5), (7, 10), (10, 10), (72, 100), (101, 200), (999_999, 1_000_000)])
def test_an_axis_ends_with_a_round_number(most: int, end: int) -> None:
    assert scale(most) == end


@pytest.mark.parametrize("rate,told", [(0.04, 0), (2.55, 2.5), (9.94, 9.9), (10.4, 10), (1234.5, 1234)])
def test_a_rate_is_as_exact_as_anybody_reads_it(rate: float, told: float) -> None:
    assert rounded(rate) == pytest.approx(told, abs=0.06)

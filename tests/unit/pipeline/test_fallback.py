from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import pytest

from philae.config.configuration import Configuration
from philae.pipeline import fallback as module
from philae.pipeline.circuit import Trouble
from philae.pipeline.fallback import fall_back
from philae.pipeline.outcome import State
from tests.support.instances import NOW
from tests.support.lanes import make_destination, make_node

AWAY = Trouble("connection refused", NOW - timedelta(minutes=5), NOW)


class FakeFallbacks:
    """Has so many instances to hand over; ``asked`` is what for."""

    def __init__(self, waiting: int = 1) -> None:
        self.waiting = waiting
        self.asked: list[tuple[int, int, int, set[State]]] = []

    def open(
        self, destination_id: int, fallback_id: int, config_version: int, states: Collection[State], limit: int
    ) -> int:
        self.asked.append((destination_id, fallback_id, config_version, set(states)))
        count = min(self.waiting, limit)
        self.waiting -= count
        return count


def configuration(enabled: bool = True, **settings: Any) -> Configuration:
    main = make_destination(1, name="main").model_copy(update={"fallback": "spare", **settings})
    return Configuration(
        version=7, forward_nodes=(make_node(main, make_destination(2, name="spare", enabled=enabled)),)
    )


@pytest.mark.parametrize(
    "trouble, after_s, states",
    [
        (None, None, {State.FAILED}),
        (AWAY, None, {State.FAILED}),
        (None, 60.0, {State.FAILED}),
        (AWAY, 301.0, {State.FAILED}),
        (AWAY, 300.0, {State.FAILED, State.QUEUED}),
    ],
)
def test_what_waits_goes_over_only_when_the_destination_has_been_away_for_long(
    trouble: Trouble | None, after_s: float | None, states: set[State]
) -> None:
    fallbacks = FakeFallbacks()

    opened = fall_back(1, trouble, configuration(fallback_after_s=after_s), fallbacks, NOW)

    assert opened == 1
    assert fallbacks.asked == [(1, 2, 7, states)]


@pytest.mark.parametrize(
    "without", [configuration(fallback=None), configuration(enabled=False), configuration(fallback="nowhere")]
)
def test_without_a_fallback_that_can_take_it_nothing_is_opened(without: Configuration) -> None:
    fallbacks = FakeFallbacks()

    assert fall_back(1, AWAY, without, fallbacks, NOW) == 0
    assert fallbacks.asked == []


def test_a_long_queue_goes_over_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "AT_ONCE", 10)
    fallbacks = FakeFallbacks(waiting=200)

    opened = [fall_back(1, None, configuration(), fallbacks, NOW) for _ in range(4)]

    assert opened == [80, 80, 40, 0]

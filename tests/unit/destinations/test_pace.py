from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from philae.config.destination import Destination
from philae.config.sending import RateSettings
from philae.destinations import sender_for
from philae.destinations.pace import PacedSender
from philae.destinations.report_only import ReportOnlySender, ReportOnlySettings
from philae.pipeline.model import Outgoing
from tests.support.lanes import ct_dataset, make_node, outgoing_of


class Clock:
    """Stands still unless somebody sleeps or the test says so."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def some(count: int) -> list[Outgoing]:
    return [outgoing_of(number, ct_dataset(f"1.2.{number}")) for number in range(count)]


def paced(clock: Clock, lanes: int = 1, **rate: Any) -> PacedSender:
    sender = ReportOnlySender(ReportOnlySettings(), make_node())
    return PacedSender(sender, RateSettings(**rate), lanes, lambda: clock.now, clock.sleep)


def test_instances_are_spread_over_time_and_the_first_waits_for_nothing() -> None:
    clock = Clock()

    answers = list(paced(clock, instances_per_s=4).deliver(set(), iter(some(3))))

    assert clock.slept == [0.25, 0.25]
    assert len(answers) == 3


def test_lanes_share_the_rate() -> None:
    clock = Clock()

    list(paced(clock, lanes=3, instances_per_s=4).deliver(set(), iter(some(2))))

    assert clock.slept == [0.75]


def test_a_large_instance_makes_the_next_one_wait_longer() -> None:
    clock = Clock()
    large = outgoing_of(1, ct_dataset(pixels=bytes(8000)))

    list(paced(clock, instances_per_s=100, bytes_per_s=large.body.length).deliver(set(), iter([large, *some(1)])))

    assert clock.slept == [1.0]


def test_what_was_not_sent_is_not_made_up_for() -> None:
    clock = Clock()

    def slowly() -> Iterator[Outgoing]:
        for outgoing in some(4):
            clock.now += 10.0 if outgoing.sop_instance_uid == "1.2.1" else 0.0
            yield outgoing

    list(paced(clock, instances_per_s=1).deliver(set(), slowly()))

    assert clock.slept == [1.0, 1.0]


def test_only_a_destination_with_a_rate_is_slowed_down() -> None:
    destination = Destination(name="a", settings=ReportOnlySettings())
    slow = destination.model_copy(update={"rate": RateSettings(instances_per_s=1)})

    assert isinstance(sender_for(destination, make_node()), ReportOnlySender)
    assert isinstance(sender_for(slow, make_node()), PacedSender)

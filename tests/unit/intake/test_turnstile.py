from __future__ import annotations

from pathlib import Path

import pytest

from philae.config.forward_node import ForwardNode, SenderLimits, Source
from philae.intake import turnstile as module
from philae.intake.turnstile import Passage, Turnstile
from tests.support.lanes import make_destination

TWO = SenderLimits(associations=2)
ONE = SenderLimits(associations=1)
CT, MR = Source(ae_title="CT/1", limits=ONE), Source(ae_title="MR")


def node(limits: SenderLimits = TWO, ae_title: str = "PHILAE") -> ForwardNode:
    return ForwardNode(ae_title=ae_title, sources=(CT, MR), limits=limits, destinations=(make_destination(),))


@pytest.fixture(params=["one process", "two processes"])
def turnstiles(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Turnstile, Turnstile]:
    """Of two intakes; locks are held by open files, so that two objects are as good as two processes."""
    one = Turnstile(tmp_path)
    return one, one if request.param == "one process" else Turnstile(tmp_path)


class Clock:
    """Goes on only while somebody sleeps."""

    now = 5000.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def entered(passage: Passage | None) -> Passage:
    assert passage is not None
    return passage


def test_a_node_takes_as_many_associations_as_it_says(turnstiles: tuple[Turnstile, Turnstile]) -> None:
    first, second = turnstiles
    inside = [entered(first.enter(node(), MR)), entered(second.enter(node(), MR))]

    refused = first.enter(node(), MR)
    inside.pop().leave()

    assert refused is None
    assert second.enter(node(), MR) is not None


def test_a_source_has_limits_of_its_own_and_takes_no_place_in_vain(turnstiles: tuple[Turnstile, Turnstile]) -> None:
    first, second = turnstiles
    inside = entered(first.enter(node(), CT))

    assert second.enter(node(), CT) is None
    assert second.enter(node(), MR) is not None
    inside.leave()


def test_nodes_do_not_share_places(tmp_path: Path) -> None:
    turnstile = Turnstile(tmp_path)
    entered(turnstile.enter(node(ONE), MR))

    assert turnstile.enter(node(ONE, "OTHER"), MR) is not None


def test_without_limits_nothing_is_written(tmp_path: Path) -> None:
    passage = entered(Turnstile(tmp_path).enter(node(SenderLimits()), None))
    passage.wait()
    passage.leave()

    assert list(tmp_path.iterdir()) == []


def test_all_senders_together_are_no_faster_than_the_node_says(
    turnstiles: tuple[Turnstile, Turnstile], clock: Clock
) -> None:
    slow = node(SenderLimits(instances_per_s=4))
    passages = [entered(each.enter(slow, MR)) for each in turnstiles]
    began = clock.now

    for number in range(9):
        passages[number % 2].wait()

    assert clock.now - began == pytest.approx(8 / 4)


def test_what_a_sender_did_not_use_is_not_made_up_for(tmp_path: Path, clock: Clock) -> None:
    passage = entered(Turnstile(tmp_path).enter(node(SenderLimits(instances_per_s=4)), MR))
    passage.wait()
    clock.now += 60
    began = clock.now

    for _ in range(3):
        passage.wait()

    assert clock.now - began == pytest.approx(2 / 4)


def test_a_pace_from_before_the_machine_was_started_keeps_nobody_waiting(tmp_path: Path, clock: Clock) -> None:
    slow = node(SenderLimits(instances_per_s=4))
    clock.now = 9_000_000.0
    entered(Turnstile(tmp_path).enter(slow, MR)).wait()
    clock.now = began = 100.0

    entered(Turnstile(tmp_path).enter(slow, MR)).wait()

    assert clock.now == began

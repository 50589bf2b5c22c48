from __future__ import annotations

from datetime import UTC, datetime

import pytest

from philae.pipeline import circuit as module
from philae.pipeline.circuit import Circuit
from philae.pipeline.retry import RetryCurve

CURVE = RetryCurve(base_s=2.0, cap_s=100.0, jitter=0.0)


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


def test_a_destination_that_never_failed_may_be_tried_by_all(clock: Clock) -> None:
    circuit = Circuit(CURVE)

    assert [circuit.wait_s(), circuit.wait_s()] == [0.0, 0.0]


def test_a_failure_keeps_every_lane_waiting(clock: Clock) -> None:
    circuit = Circuit(CURVE)
    circuit.failed()

    clock.now += 0.5

    assert [circuit.wait_s(), circuit.wait_s()] == [1.5, 1.5]


def test_one_lane_finds_out_while_the_others_wait(clock: Clock) -> None:
    circuit = Circuit(CURVE)
    circuit.failed()
    clock.now += 2.0

    first, second = circuit.wait_s(), circuit.wait_s()

    assert first == 0.0
    assert second == 2.0


def test_a_failed_probe_doubles_the_delay(clock: Clock) -> None:
    circuit = Circuit(CURVE)
    delays = [circuit.failed()]
    for _ in range(3):
        clock.now += delays[-1]
        assert circuit.wait_s() == 0.0
        delays.append(circuit.failed())

    assert delays == [2.0, 4.0, 8.0, 16.0]


def test_lanes_that_were_under_way_together_count_as_one_failure(clock: Clock) -> None:
    circuit = Circuit(CURVE)

    delays = [circuit.failed() for _ in range(4)]

    assert delays == [2.0] * 4


def test_an_answer_closes_it_for_all(clock: Clock) -> None:
    circuit = Circuit(CURVE)
    circuit.failed()

    circuit.succeeded()

    assert [circuit.wait_s(), circuit.wait_s()] == [0.0, 0.0]


def test_a_lane_without_work_passes_the_probe_on(clock: Clock) -> None:
    circuit = Circuit(CURVE)
    circuit.failed()
    clock.now += 2.0
    assert circuit.wait_s() == 0.0

    circuit.not_tried()

    assert circuit.wait_s() == 0.0


def test_having_nothing_to_try_with_does_not_end_the_waiting(clock: Clock) -> None:
    circuit = Circuit(CURVE)
    circuit.failed()

    circuit.not_tried()

    assert circuit.wait_s() == 2.0


def test_trouble_lasts_from_the_first_failure_to_the_next_answer(clock: Clock) -> None:
    circuit = Circuit(CURVE)
    assert (circuit.trouble, circuit.has_answered) == (None, False)

    circuit.failed("connection refused")
    first = circuit.trouble
    clock.now += 50
    circuit.wait_s()
    circuit.failed("no route")
    second = circuit.trouble
    circuit.succeeded()

    assert first is not None
    assert second is not None
    assert (second.reason, second.since) == ("no route", first.since)
    assert second.tried_at >= first.tried_at
    assert (circuit.trouble, circuit.has_answered) == (None, True)


def test_a_destination_that_was_out_of_reach_before_is_tried_at_once_and_not_in_trouble_until_that_fails(
    clock: Clock,
) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    circuit = Circuit(CURVE, long_ago)
    before = circuit.wait_s(), circuit.trouble

    circuit.failed("still away")

    assert before == (0.0, None)
    assert circuit.trouble is not None
    assert circuit.trouble.since == long_ago


def test_what_was_before_is_over_when_it_answers(clock: Clock) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    circuit = Circuit(CURVE, long_ago)
    circuit.succeeded()

    circuit.failed("gone again")

    assert circuit.trouble is not None
    assert circuit.trouble.since > long_ago

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from threading import Thread

import pytest

from philae.deid.errors import MissingPatientId
from philae.pipeline import lane
from philae.pipeline.circuit import Circuit
from philae.pipeline.model import Excluded, Settlement
from philae.pipeline.outcome import Refused, State, TryAgain
from philae.pipeline.ports import LedgerUnavailable
from philae.pipeline.record import Patience
from philae.pipeline.retry import RetryCurve
from tests.support.lanes import LANE, STORED, WORKER, Bench

LATER = RetryCurve(base_s=60.0, jitter=0.0)


def test_a_batch_is_delivered_in_order_and_settled() -> None:
    bench = Bench()
    names = bench.accept(5)

    bench.work_off()

    assert bench.ends() == [(name, State.SENT) for name in names]
    assert bench.ledger.settled[0].detail == "0000H success"


def test_a_transient_answer_ends_the_batch_and_keeps_order() -> None:
    bench = Bench()
    bench.accept(4)
    bench.answers["2"] = TryAgain("A700H")

    bench.work_off()
    bench.answers.clear()
    bench.work_off(2)

    delivered = [name for name, state in bench.ends() if state is State.SENT]
    assert delivered == ["1", "2", "3", "4"]


def test_what_was_not_tried_goes_back_without_an_attempt_counted() -> None:
    bench = Bench()
    bench.accept(4)
    bench.answers["2"] = TryAgain("A700H")
    bench.patience = Patience(RetryCurve(base_s=1e-6, cap_s=1e-6))

    bench.work_off()

    attempts = {each.instance.identifiers.sop_instance_uid: each.attempts for each in claimed(bench)}
    assert attempts == {"2": 1, "3": 0, "4": 0}


def test_a_delayed_instance_holds_back_those_behind_it() -> None:
    bench = Bench()
    bench.accept(3)
    bench.answers["1"] = TryAgain("A700H")
    bench.patience = Patience(LATER)

    bench.work_off(3)

    assert bench.ledger.states() == {State.QUEUED: 3}
    assert bench.log.count("send 1") == 1
    assert "send 2" not in bench.log


def test_a_deidentification_error_holds_only_its_own_instance() -> None:
    bench = Bench()
    bench.accept(3)
    bench.faults["2"] = MissingPatientId()

    bench.work_off()

    assert bench.ledger.states() == {State.SENT: 2, State.HELD: 1}
    assert "Patient ID (0010,0020) is absent" in bench.detail("2")


@pytest.mark.parametrize("culprit", ["1", "2", "3", "4"])
def test_an_unexpected_exception_while_preparing_holds_exactly_the_culprit(culprit: str) -> None:
    bench = Bench()
    bench.accept(4)
    bench.faults[culprit] = ZeroDivisionError("a patient's name")

    bench.work_off(2)

    assert bench.ledger.states() == {State.SENT: 3, State.HELD: 1}
    assert bench.detail(culprit) == "unexpected ZeroDivisionError in the gateway; its log says more"


def test_an_unexpected_exception_while_answering_holds_the_instance_under_way() -> None:
    bench = Bench()
    bench.accept(4)
    bench.faults["1"] = Excluded("not wanted")
    bench.answers["2"] = ZeroDivisionError("boom")

    bench.work_off()

    assert dict(bench.ends()) == {
        "1": State.EXCLUDED,
        "2": State.HELD,
        "3": State.QUEUED,
        "4": State.QUEUED,
    }
    assert bench.log[-1] == "close"


def test_after_an_unexpected_exception_the_connection_is_given_up_and_files_are_closed() -> None:
    bench = Bench()
    bench.accept(3)
    bench.faults["2"] = ZeroDivisionError("boom")

    bench.work_off()

    assert bench.log[-1] == "close"
    assert not any(file.is_open for file in bench.spool.opened)


def test_an_instance_that_fails_ten_times_by_itself_is_failed_and_frees_its_lane() -> None:
    bench = Bench()
    bench.accept(2)
    bench.answers["1"] = TryAgain("A700H refused, out of resources")

    bench.work_off(11)

    assert bench.ledger.states() == {State.FAILED: 1, State.SENT: 1}
    assert bench.detail("1") == "gave up after 10 attempts: A700H refused, out of resources"
    assert bench.log.count("send 1") == 10


@pytest.mark.parametrize("refusals", [0, 3])
def test_the_journal_is_told_of_every_end_once_and_before_the_ledger(
    refusals: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lane, "sleep", lambda _: None)
    bench = Bench()
    told: list[tuple[State, int]] = []
    bench.accept(3)
    bench.ledger.refuse_settling = refusals

    def journal(settlements: Sequence[Settlement]) -> None:
        told.extend((each.state, len(bench.ledger.settled)) for each in settlements)

    runner = bench.runner()
    runner.journal = journal
    runner.work_off_a_batch()

    assert told == [(State.SENT, 0)] * 3
    assert bench.ledger.states() == {State.SENT: 3}


def test_a_refusal_fails_its_instance_alone() -> None:
    bench = Bench()
    bench.accept(3)
    bench.answers["1"] = Refused("C000H cannot understand")

    bench.work_off()

    assert bench.ledger.states() == {State.FAILED: 1, State.SENT: 2}


def test_an_unreachable_destination_opens_the_circuit_and_counts_no_attempt() -> None:
    bench = Bench()
    bench.accept(3)
    bench.circuit = Circuit(LATER)
    bench.unreachable = [TryAgain("cannot connect to 127.0.0.1:104: connection refused")]

    bench.work_off()

    assert bench.circuit.wait_s() > 0
    assert [each.attempts for each in claimed(bench)] == [0, 0, 0]


def test_an_open_circuit_lets_no_lane_claim() -> None:
    bench = Bench()
    bench.accept(1)
    bench.circuit = Circuit(LATER)
    bench.circuit.failed()
    runner = bench.runner()

    def stop(*_: object) -> float:
        bench.wake.stop()
        return 0.0

    bench.wake.wait = stop  # type: ignore[assignment, method-assign]
    runner.run()

    assert bench.ledger.states() == {State.QUEUED: 1}
    assert not bench.log


def test_an_answer_closes_the_circuit_again() -> None:
    bench = Bench()
    bench.accept(2)
    bench.unreachable = [TryAgain("no route")]

    bench.work_off(2)

    assert bench.circuit.wait_s() == bench.circuit.wait_s() == 0.0
    assert bench.ledger.states() == {State.SENT: 2}


def test_a_connection_stays_open_between_batches() -> None:
    bench = Bench()
    bench.accept(40)

    bench.work_off(2)

    assert bench.ledger.states() == {State.SENT: 40}
    assert "close" not in bench.log


def test_a_ledger_that_is_not_available_at_settle_loses_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.accept(2)
    bench.answers["2"] = Refused("C000H")
    monkeypatch.setattr(lane, "LOOK_EVERY_S", 0.001)
    bench.ledger.refuse_settling = 3

    bench.work_off()

    assert bench.ends() == [("1", State.SENT), ("2", State.FAILED)]
    assert bench.log.count("send 1") == 1


def test_a_ledger_that_is_not_available_at_claim_is_no_work() -> None:
    bench = Bench()
    bench.accept(1)
    bench.ledger.refuse_claiming = True

    assert not bench.runner().work_off_a_batch()


def test_a_configuration_that_cannot_be_read_now_holds_nothing() -> None:
    bench = Bench()
    bench.accept(3)
    bench.faults["2"] = LedgerUnavailable("the database is gone")

    assert not bench.runner().work_off_a_batch()
    bench.faults.clear()
    bench.work_off()

    assert bench.ledger.states() == {State.SENT: 3}


def test_results_are_settled_on_the_way_when_a_batch_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.accept(3)
    monkeypatch.setattr(lane, "SETTLE_EVERY_S", -1.0)
    seen: list[int] = []
    settle = bench.ledger.settle

    def counted(settlements: list, worker: str) -> None:
        seen.append(len(settlements))
        settle(settlements, worker)

    bench.ledger.settle = counted  # type: ignore[method-assign, assignment]
    bench.work_off()

    assert seen == [1, 1, 1, 0]
    assert bench.ledger.states() == {State.SENT: 3}


def test_told_to_stop_a_lane_finishes_what_is_in_hand_and_gives_the_rest_back() -> None:
    bench = Bench()
    bench.accept(5)

    class Stopping(dict):
        def get(self, name: str, default: object = None) -> object:
            bench.wake.stop()
            return STORED

    bench.answers = Stopping()
    bench.runner().run()

    assert bench.ends()[:2] == [("1", State.SENT), ("2", State.SENT)]
    assert bench.ledger.states() == {State.SENT: 2, State.QUEUED: 3}
    assert bench.log[-1] == "close"


def test_a_running_lane_works_off_what_arrives_and_stops_when_told() -> None:
    bench = Bench()
    bench.accept(3)
    thread = Thread(target=bench.runner().run)
    thread.start()

    while bench.ledger.states() != {State.SENT: 3}:
        bench.wake.wait(bench.wake.count, 0.005)
    bench.wake.stop()
    thread.join(30)

    assert not thread.is_alive()
    assert bench.log[-1] == "close"


def test_an_idle_connection_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.accept(1)
    waits: list[float] = []

    def wait(seen: int, timeout_s: float) -> float:
        waits.append(timeout_s)
        if len(waits) == 3:
            assert bench.log[-1] == "close"
            bench.wake.stop()
        return 10.0

    bench.wake.wait = wait  # type: ignore[method-assign]
    bench.runner().run()

    assert len(waits) == 3


def claimed(bench: Bench) -> list:
    return bench.ledger.claim(LANE, WORKER, 32, datetime.now(UTC) + timedelta(hours=1))


def test_a_lane_that_is_closed_takes_nothing_and_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench()
    bench.accept(3)
    bench.closed_s = 60.0
    waited: list[float] = []

    def wait(_seen: int, timeout_s: float) -> float:
        waited.append(timeout_s)
        bench.wake.stop()
        return timeout_s

    monkeypatch.setattr(bench.wake, "wait", wait)
    bench.runner().run()

    assert len(waited) == 1
    assert bench.ledger.states() == {State.QUEUED: 3}
    assert bench.log == []


def test_a_window_that_closes_leaves_the_rest_of_a_batch_in_the_queue() -> None:
    bench = Bench()
    bench.accept(3)
    bench.on_prepare["2"] = lambda: setattr(bench, "closed_s", 60.0)

    bench.work_off()

    assert bench.ledger.states() == {State.SENT: 2, State.QUEUED: 1}
    assert bench.circuit.trouble is None

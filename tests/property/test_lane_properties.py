"""Whatever a receiver answers and whenever a worker dies: nothing is lost, invented or out of order."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator
from datetime import timedelta
from unittest.mock import patch

from hypothesis import given
from hypothesis import strategies as st

from philae.deid.errors import MissingPatientId
from philae.pipeline import lane
from philae.pipeline.model import Excluded, Outgoing
from philae.pipeline.outcome import WAITING, Refused, State, TryAgain
from tests.support.lanes import ANSWER, LANE, STORED, WORKER, Bench

ANSWERS = (
    "stored",
    "transient",
    "refused",
    "abort",
    "abort after storing",
    "unexpected",
    "killed",
    "killed after storing",
)
FAULTS: dict[str, Exception | Excluded] = {
    "held": MissingPatientId(),
    "excluded": Excluded("not wanted"),
    "unexpected": ZeroDivisionError("boom"),
}


class Killed(BaseException):
    """The worker's process is gone."""


class Receiver:
    """Answers by a schedule; after its end everything is stored."""

    def __init__(self, schedule: list[str], connections: list[bool]) -> None:
        self._schedule = deque(schedule)
        self._connections = deque(connections)
        self.has: list[str] = []

    def deliver(
        self, wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, ANSWER]]:
        """One instance under way while the next is prepared."""
        under_way: Outgoing | None = None
        for outgoing in outgoings:
            if under_way is not None:
                yield under_way, self._answer(under_way)
            if self._connections and not self._connections.popleft():
                raise TryAgain("cannot connect")
            under_way = outgoing
        if under_way is not None:
            yield under_way, self._answer(under_way)

    def close(self) -> None:
        """Nothing to take leave of."""

    def _answer(self, outgoing: Outgoing) -> ANSWER:
        word = self._schedule.popleft() if self._schedule else "stored"
        if word in ("stored", "abort after storing", "killed after storing"):
            self.has.append(outgoing.sop_instance_uid)
        match word:
            case "stored":
                return STORED
            case "refused":
                return Refused("C000H")
            case "unexpected":
                raise ZeroDivisionError("boom")
            case "killed" | "killed after storing":
                raise Killed
            case _:
                return TryAgain(word)


@given(
    count=st.integers(1, 40),
    schedule=st.lists(st.sampled_from(ANSWERS), max_size=40),
    connections=st.lists(st.booleans(), max_size=40),
    faults=st.dictionaries(st.integers(1, 40).map(str), st.sampled_from(sorted(FAULTS)), max_size=8),
    refuse_settling=st.integers(0, 3),
)
def test_nothing_is_lost_invented_or_out_of_order(
    count: int, schedule: list[str], connections: list[bool], faults: dict[str, str], refuse_settling: int
) -> None:
    bench, receiver = Bench(), Receiver(schedule, connections)
    bench.accept(count)
    bench.faults = {name: FAULTS[word] for name, word in faults.items()}
    bench.ledger.refuse_settling = refuse_settling

    with patch.object(lane, "LOOK_EVERY_S", 0.0):
        while any(state in WAITING for state in bench.ledger.states()):
            runner = bench.runner(lambda: receiver)
            try:
                runner.work_off_a_batch()
            except Killed:
                bench.ledger.release(WORKER)
                bench.ledger.acquire([LANE], WORKER, timedelta(minutes=1))
            assert sum(bench.ledger.states().values()) == bench.ledger.counts().opened == count

    ends = bench.ends()
    sent = [name for name, state in ends if state is State.SENT]
    assert set(sent) <= set(receiver.has)
    assert len(sent) == len(set(sent))
    assert sent == sorted(sent, key=int)
    finals = dict(ends)
    held = {name for name, state in finals.items() if state is State.HELD}
    assert {name for name, state in finals.items() if state is State.EXCLUDED} == {
        name for name, word in faults.items() if word == "excluded" and int(name) <= count
    }
    expected_held = {name for name, word in faults.items() if word != "excluded" and int(name) <= count}
    assert expected_held <= held
    assert len(held - expected_held) <= schedule.count("unexpected")
    assert not set(receiver.has) & {name for name in faults if int(name) <= count}

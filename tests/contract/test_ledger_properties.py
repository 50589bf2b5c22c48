"""Any sequence of operations leaves the real ledger where the simple one is, and the counts right."""

from __future__ import annotations

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from philae.pipeline.model import Delivery, Lane, Settlement
from philae.pipeline.outcome import TRANSITIONS, State
from philae.store.database import Database, sqlite_url
from philae.store.ledger import SqlLedger
from philae.store.reading import recount
from philae.store.schema import migrate
from tests.support.fakes import FakeLedger
from tests.support.instances import make_instance

DESTINATIONS = (1, 2)
WORKERS = st.sampled_from(["a", "b"])
LANES = st.builds(
    lambda destination, count, index: Lane(destination, index % count, count),
    st.sampled_from(DESTINATIONS),
    st.sampled_from([1, 2]),
    st.integers(0, 1),
)
LEASES = st.sampled_from([timedelta(hours=1), timedelta(seconds=-1)])


class LedgerMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.database = Database(sqlite_url(Path(self.folder.name) / "philae.db"), durable=False)
        migrate(self.database)
        self.real = SqlLedger(self.database)
        self.simple = FakeLedger()
        self.next_id = 1
        self.ids: set[int] = set()
        self.in_hand: list[tuple[str, Delivery]] = []

    def teardown(self) -> None:
        self.database.close()
        self.folder.cleanup()

    @rule(
        series=st.integers(0, 5),
        to=st.sets(st.sampled_from(DESTINATIONS)),
        back=st.integers(0, 3),
        version=st.integers(1, 3),
    )
    def open(self, series: int, to: set[int], back: int, version: int) -> None:
        """Now and then an instance that began earlier is opened later."""
        self.next_id += 10
        instance = make_instance(self.next_id - back * 11, series=f"1.{series}")
        if instance.id not in self.ids:
            self.ids.add(instance.id)
            for ledger in (self.real, self.simple):
                ledger.open(instance, sorted(to), version)

    @rule(lanes=st.sets(LANES, max_size=3), worker=WORKERS, lease=LEASES)
    def acquire(self, lanes: set[Lane], worker: str, lease: timedelta) -> None:
        counts = {lane.destination_id: lane.count for lane in lanes}
        wanted = {lane for lane in lanes if counts[lane.destination_id] == lane.count}

        assert self.real.acquire(wanted, worker, lease) == self.simple.acquire(wanted, worker, lease)

    @rule(worker=WORKERS)
    def release(self, worker: str) -> None:
        self.real.release(worker)
        self.simple.release(worker)

    @rule(lane=LANES, worker=WORKERS, limit=st.integers(1, 4), later=st.booleans())
    def claim(self, lane: Lane, worker: str, limit: int, later: bool) -> None:
        now = datetime.now(UTC) + timedelta(hours=1 if later else 0)
        batch = self.real.claim(lane, worker, limit, now)

        assert batch == self.simple.claim(lane, worker, limit, now)
        self.in_hand += [(worker, delivery) for delivery in batch]

    @precondition(lambda self: self.in_hand)
    @rule(data=st.data())
    def settle(self, data: st.DataObject) -> None:
        worker, _ = data.draw(st.sampled_from(self.in_hand))
        mine = [delivery for holder, delivery in self.in_hand if holder == worker]
        some = data.draw(
            st.lists(st.sampled_from(mine), min_size=1, unique_by=lambda each: (each.instance.id, each.destination_id))
        )
        settlements = [self.settlement(delivery, data) for delivery in some]
        for ledger in (self.real, self.simple):
            ledger.settle(settlements, worker)
        if data.draw(st.booleans()):
            self.in_hand = [(holder, each) for holder, each in self.in_hand if each not in some]

    def settlement(self, delivery: Delivery, data: st.DataObject) -> Settlement:
        state = data.draw(st.sampled_from(sorted(TRANSITIONS[State.SENDING])))
        delayed = state is State.QUEUED and data.draw(st.booleans())
        return Settlement(delivery, state, not_before=datetime.now(UTC) + timedelta(minutes=30) if delayed else None)

    @rule()
    def reconcile(self) -> None:
        now = datetime.now(UTC)
        assert self.real.reconcile(now) == self.simple.reconcile(now)

    @rule(limit=st.integers(1, 3))
    def drop(self, limit: int) -> None:
        finished = self.real.finished(limit)
        assert finished == self.simple.finished(limit)
        self.real.dropped(finished)
        self.simple.dropped(finished)

    @invariant()
    def counts_are_those_of_the_rows(self) -> None:
        counts, simple = self.real.counts(), self.simple.counts()
        assert counts == recount(self.database)
        assert counts.by_destination == simple.by_destination
        assert counts.accepted == simple.accepted
        assert counts.opened == sum(sum(states.values()) for states in counts.by_destination.values())


LedgerMachine.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestLedger = LedgerMachine.TestCase

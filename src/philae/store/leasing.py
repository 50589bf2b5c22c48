"""Decides which worker works off which lane, and takes back what a lost one had in hand."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa

from philae.pipeline.model import Lane
from philae.pipeline.outcome import State
from philae.store.moments import MICROSECOND, microseconds
from philae.store.tables.deliveries import delivery
from philae.store.tables.lanes import lease
from philae.store.tallies import Moves

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence
    from datetime import datetime, timedelta

    from philae.store.database import Database, Transaction
    from philae.store.tallies import Tallies

_NO_DESTINATION: Final = 0
"""Whoever changes leases first writes the lease of this one: so there is one at a time."""


class _Lease(NamedTuple):
    lane: Lane
    worker: str
    expires_at: int

    def excludes(self, lane: Lane, worker: str) -> bool:
        """Whether ``worker`` may not have ``lane`` beside this lease."""
        same_lane = self.lane == lane and self.worker != worker
        return self.lane.destination_id == lane.destination_id and (same_lane or self.lane.count != lane.count)


class _Sending(NamedTuple):
    """A delivery in a worker's hand."""

    instance_id: int
    destination_id: int
    slot: int
    worker: str

    def runs_on(self, lane: Lane) -> bool:
        return lane.destination_id == self.destination_id and self.slot % lane.count == lane.index

    def is_covered(self, leases: Iterable[_Lease]) -> bool:
        return any(each.worker == self.worker and self.runs_on(each.lane) for each in leases)


class Leasing:
    """Leases of lanes. Two counts of lanes never live side by side at one destination: they would share series."""

    def __init__(self, database: Database, tallies: Tallies) -> None:
        self._database = database
        self._tallies = tallies
        key = [lease.c.destination_id, lease.c.lane, lease.c.lanes]
        into = database.upsert(lease)
        self._take = database.prepare(
            into.on_conflict_do_update(
                index_elements=key,
                set_={"worker": into.excluded.worker, "expires_at": into.excluded.expires_at},
            )
        )
        self._all = database.prepare(
            sa.select(*key, lease.c.worker, lease.c.expires_at).where(
                lease.c.destination_id != sa.literal_column(str(_NO_DESTINATION))
            )
        )
        self._end = database.prepare(
            sa.delete(lease).where(*(column == sa.bindparam(f"at_{column.name}") for column in key))
        )
        is_sending = delivery.c.state == sa.literal_column(str(int(State.SENDING)))
        self._sending = database.prepare(
            sa.select(delivery.c.instance_id, delivery.c.destination_id, delivery.c.slot, delivery.c.worker)
            .where(is_sending, delivery.c.worker > sa.literal_column("''"))
            .order_by(delivery.c.worker, delivery.c.destination_id, delivery.c.instance_id)
            .with_for_update()
        )
        self._requeue = database.prepare(
            sa.update(delivery)
            .where(
                delivery.c.instance_id == sa.bindparam("at_instance"),
                delivery.c.destination_id == sa.bindparam("at_destination"),
            )
            .values(state=sa.literal_column(str(int(State.QUEUED))), worker=sa.null(), changed_at=sa.bindparam("now"))
        )

    def acquire(self, lanes: Collection[Lane], worker: str, duration: timedelta) -> set[Lane]:
        """A lane that ``worker`` no longer asks for ends as soon as nothing of it is under way."""
        now = time_ns() // 1000
        expires_at = now + duration // MICROSECOND
        with self._database.write() as transaction:
            leases = self._leases(transaction)
            sending = self._all_sending(transaction)
            ended = [each for each in leases if _has_ended(each, lanes, worker, sending, now)]
            kept = [each for each in leases if each not in ended]
            held = {lane for lane in lanes if not any(each.excludes(lane, worker) for each in kept)}
            self._delete(transaction, ended)
            transaction.run(self._take, [_row(_Lease(lane, worker, expires_at)) for lane in sorted(held, key=_order)])
            left_over = [each for each in sending if each.worker != worker and any(map(each.runs_on, held))]
            self._take_back(transaction, left_over)
        return held

    def release(self, worker: str) -> None:
        """The worker leaves: its lanes are free at once."""
        with self._database.write() as transaction:
            self._delete(transaction, [each for each in self._leases(transaction) if each.worker == worker])
            self._take_back(transaction, [each for each in self._all_sending(transaction) if each.worker == worker])

    def reconcile(self, now: datetime) -> int:
        """Queue again what no live lease covers; how many."""
        with self._database.write() as transaction:
            live = [each for each in self._leases(transaction) if each.expires_at > microseconds(now)]
            lost = [each for each in self._all_sending(transaction) if not each.is_covered(live)]
            self._take_back(transaction, lost)
        return len(lost)

    def _leases(self, transaction: Transaction) -> list[_Lease]:
        """All leases; until this transaction ends nobody else changes any."""
        transaction.run(self._take, [_row(_Lease(Lane(_NO_DESTINATION, 0, 0), "", 0))])
        return [
            _Lease(Lane(destination_id, lane, lanes), worker, expires_at)
            for destination_id, lane, lanes, worker, expires_at in transaction.rows(self._all, {})
        ]

    def _all_sending(self, transaction: Transaction) -> list[_Sending]:
        return [_Sending(*row) for row in transaction.rows(self._sending, {})]

    def _delete(self, transaction: Transaction, leases: Sequence[_Lease]) -> None:
        rows = [
            {"at_destination_id": lane.destination_id, "at_lane": lane.index, "at_lanes": lane.count}
            for lane in sorted((each.lane for each in leases), key=_order)
        ]
        transaction.run(self._end, rows)

    def _take_back(self, transaction: Transaction, lost: Sequence[_Sending]) -> None:
        now = time_ns() // 1000
        transaction.run(
            self._requeue,
            [{"at_instance": each.instance_id, "at_destination": each.destination_id, "now": now} for each in lost],
        )
        moves = Moves()
        for each in lost:
            moves.note(each.destination_id, State.SENDING, State.QUEUED)
        self._tallies.change(transaction, moves)


def _has_ended(each: _Lease, wanted: Collection[Lane], worker: str, sending: Iterable[_Sending], now: int) -> bool:
    if each.worker != worker:
        return each.expires_at <= now
    return each.lane not in wanted and not any(it.worker == worker and it.runs_on(each.lane) for it in sending)


def _row(each: _Lease) -> dict[str, object]:
    return {
        "destination_id": each.lane.destination_id,
        "lane": each.lane.index,
        "lanes": each.lane.count,
        "worker": each.worker,
        "expires_at": each.expires_at,
    }


def _order(lane: Lane) -> tuple[int, int, int]:
    return lane.destination_id, lane.count, lane.index

"""Takes due deliveries for a lane."""

from __future__ import annotations

from itertools import takewhile
from time import time_ns
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from philae.pipeline.model import Delivery
from philae.pipeline.outcome import State
from philae.store.merging import merged
from philae.store.moments import microseconds
from philae.store.rows import COLUMNS, instance_of
from philae.store.tables.deliveries import delivery
from philae.store.tables.instances import SLOTS, instance
from philae.store.tables.lanes import lease
from philae.store.tallies import Moves

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from philae.pipeline.model import Lane
    from philae.store.database import Database, Statement, Transaction
    from philae.store.tallies import Tallies


def slots_of(lane: Lane) -> range:
    """The slots whose series a lane works off."""
    return range(lane.index, SLOTS, lane.count)


def oldest_queued(slots: Iterable[int], *, is_sqlite: bool) -> sa.Select[Any] | sa.CompoundSelect[Any]:
    """The ids of the ``:most`` oldest queued deliveries to ``:destination_id`` on these slots, in order.

    Each slot is read in the order of its index and the slots are merged, so that no more is read than is returned,
    however long the queue.
    """
    of_slots = [
        sa.select(delivery.c.instance_id).where(
            delivery.c.destination_id == sa.bindparam("destination_id"),
            delivery.c.slot == sa.literal_column(str(slot)),
            delivery.c.state == sa.literal_column(str(int(State.QUEUED))),
        )
        for slot in slots
    ]
    return merged(of_slots, [sa.literal_column("1")], is_sqlite=is_sqlite).limit(sa.bindparam("most"))


class Claiming:
    """What a lane does to get its next batch."""

    def __init__(self, database: Database, tallies: Tallies) -> None:
        self._database = database
        self._tallies = tallies
        self._oldest: dict[tuple[int, int], Statement] = {}
        self._lease = database.prepare(
            sa.select(lease.c.expires_at)
            .where(*(lease.c[name] == sa.bindparam(name) for name in ("destination_id", "lane", "lanes", "worker")))
            .with_for_update()
        )
        self._take = database.prepare(
            sa.update(delivery)
            .where(
                delivery.c.instance_id == sa.bindparam("at_instance"),
                delivery.c.destination_id == sa.bindparam("at_destination"),
                delivery.c.state == sa.literal_column(str(int(State.QUEUED))),
            )
            .values(
                state=sa.literal_column(str(int(State.SENDING))),
                worker=sa.bindparam("by_worker"),
                changed_at=sa.bindparam("now"),
            )
        )

    def claim(self, lane: Lane, worker: str, limit: int, now: datetime) -> list[Delivery]:
        """The batch is found without a lock; it is given up if it changed before it could be taken."""
        batch = self._due(lane, limit, microseconds(now))
        if not batch:
            return []
        with self._database.write() as transaction:
            if not self._holds(transaction, lane, worker):
                return []
            taken = transaction.run(self._take, [_taken(each, worker) for each in batch])
            if taken != len(batch):
                transaction.undo()
                return []
            moves = Moves()
            moves.note(lane.destination_id, State.QUEUED, State.SENDING, taken)
            self._tallies.change(transaction, moves)
        return batch

    def _due(self, lane: Lane, limit: int, now: int) -> list[Delivery]:
        """A delivery that has to wait holds back those behind it in its lane: order is kept."""
        with self._database.look() as looking:
            rows = looking.rows(self._statement(lane), {"destination_id": lane.destination_id, "most": limit})
        *_, config_version, attempts, not_before = range(len(COLUMNS) + 3)
        return [
            Delivery(instance_of(row), lane.destination_id, row[config_version], row[attempts])
            for row in takewhile(lambda row: row[not_before] <= now, rows)
        ]

    def _statement(self, lane: Lane) -> Statement:
        key = lane.index, lane.count
        if key not in self._oldest:
            self._oldest[key] = self._database.prepare(_batch(slots_of(lane), is_sqlite=self._database.is_sqlite))
        return self._oldest[key]

    def _holds(self, transaction: Transaction, lane: Lane, worker: str) -> bool:
        found = transaction.rows(
            self._lease,
            {"destination_id": lane.destination_id, "lane": lane.index, "lanes": lane.count, "worker": worker},
        )
        return bool(found) and found[0][0] > time_ns() // 1000


def _batch(slots: Sequence[int], *, is_sqlite: bool) -> sa.Select[tuple[object, ...]]:
    oldest = oldest_queued(slots, is_sqlite=is_sqlite).subquery("oldest")
    return (
        sa.select(*COLUMNS, delivery.c.config_version, delivery.c.attempts, delivery.c.not_before)
        .select_from(oldest)
        .join(instance, instance.c.id == oldest.c.instance_id)
        .join(
            delivery,
            sa.and_(
                delivery.c.instance_id == oldest.c.instance_id,
                delivery.c.destination_id == sa.bindparam("destination_id"),
            ),
        )
        .order_by(oldest.c.instance_id)
    )


def _taken(each: Delivery, worker: str) -> dict[str, object]:
    return {
        "at_instance": each.instance.id,
        "at_destination": each.destination_id,
        "by_worker": worker,
        "now": time_ns() // 1000,
    }

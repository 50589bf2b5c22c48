"""The ledger in a database: every accepted instance and what became of each of its deliveries."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.pipeline.outcome import State
from philae.store.activity_ageing import Ageing
from philae.store.claiming import Claiming
from philae.store.contacts import Contacts
from philae.store.forgetting import Forgetting
from philae.store.group_commit import GroupCommit
from philae.store.leasing import Leasing
from philae.store.notices import Notices
from philae.store.opening import Opening, rows_of
from philae.store.queued import queued_destinations
from philae.store.reading import read_counts
from philae.store.settling import Settling
from philae.store.tables.deliveries import delivery
from philae.store.tables.instances import spooled
from philae.store.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime, timedelta

    from philae.pipeline.circuit import Trouble
    from philae.pipeline.model import Delivery, Instance, Lane, Settlement
    from philae.pipeline.retention import Retention
    from philae.store.database import Database
    from philae.store.reading import LedgerCounts


class SqlLedger:
    """`philae.pipeline.ports.Ledger` for SQLite and PostgreSQL; one per process, used by all its threads.

    A worker's name must be new with every start: what an earlier process of the same name left is not taken back
    before its leases end. Only `open` and `dropped` wait for the disk: whatever else a power cut undoes is done again.
    """

    def __init__(self, database: Database, noticed: Callable[[], Collection[int]] = frozenset) -> None:
        """``noticed``: the destinations whose deliveries are noted for those who are notified."""
        self._database = database
        tallies = Tallies(database)
        self._opening = GroupCommit(database, Opening(database, tallies).write)
        self._claiming = Claiming(database, tallies)
        self._settling = Settling(database, tallies, Notices(database, noticed))
        self._leasing = Leasing(database, tallies)
        self._forgetting = Forgetting(database, tallies)
        self._ageing = Ageing(database)
        self._contacts = Contacts(database)
        self._states = database.prepare(sa.select(delivery.c.state).where(delivery.c.instance_id == sa.bindparam("id")))
        self._queued = database.prepare(queued_destinations())
        done = sa.select(spooled.c.instance_id).where(spooled.c.unfinished == sa.literal_column("0"))
        self._finished = database.prepare(
            done.order_by(spooled.c.instance_id).limit(sa.bindparam("limit", type_=sa.Integer))
        )
        self._dropped = database.prepare(sa.delete(spooled).where(spooled.c.instance_id == sa.bindparam("id")))

    def open(self, instance: Instance, destination_ids: Sequence[int], config_version: int) -> None:
        self._opening.submit(rows_of(instance, destination_ids, config_version))

    def acquire(self, lanes: Collection[Lane], worker: str, lease: timedelta) -> set[Lane]:
        return self._leasing.acquire(lanes, worker, lease)

    def release(self, worker: str) -> None:
        self._leasing.release(worker)

    def claim(self, lane: Lane, worker: str, limit: int, now: datetime) -> list[Delivery]:
        return self._claiming.claim(lane, worker, limit, now)

    def queued(self) -> set[int]:
        with self._database.look() as looking:
            return {number for (number,) in looking.rows(self._queued, {})}

    def settle(self, settlements: Sequence[Settlement], worker: str) -> None:
        self._settling.settle(settlements, worker)

    def states_of(self, instance_id: int) -> Collection[State]:
        with self._database.look() as looking:
            return [State(state) for (state,) in looking.rows(self._states, {"id": instance_id})]

    def finished(self, limit: int) -> list[int]:
        with self._database.look() as looking:
            return [number for (number,) in looking.rows(self._finished, {"limit": limit})]

    def dropped(self, instance_ids: Collection[int]) -> None:
        with self._database.write(durable=True) as transaction:
            transaction.run(self._dropped, [{"id": number} for number in sorted(instance_ids)])

    def known(self, instance_ids: Collection[int]) -> set[int]:
        with self._database.read() as connection:
            found = sa.select(spooled.c.instance_id).where(spooled.c.instance_id.in_(instance_ids))
            return set(connection.scalars(found))

    def reconcile(self, now: datetime) -> int:
        return self._leasing.reconcile(now)

    def forget(self, retention: Retention, now: datetime, limit: int) -> bool:
        self._ageing.age(now)
        return self._forgetting.forget(retention, now, limit)

    def note_contact(self, destination_id: int, trouble: Trouble | None) -> None:
        self._contacts.note(destination_id, trouble)

    def down_since(self, destination_id: int) -> datetime | None:
        return self._contacts.down_since(destination_id)

    def counts(self) -> LedgerCounts:
        with self._database.read() as connection:
            return read_counts(connection)

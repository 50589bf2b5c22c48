"""Opens deliveries to a fallback for instances that their destination does not get."""

from __future__ import annotations

from collections import Counter
from time import time_ns
from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.pipeline.outcome import State
from philae.store.opening import DELIVERY_COLUMNS
from philae.store.tables.deliveries import ENDED, delivery
from philae.store.tables.instances import spooled
from philae.store.tallies import Tallies

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from philae.store.database import Database, Statement, Transaction
    from philae.store.tallies import Change


class SqlFallbacks:
    """`philae.pipeline.ports.Fallbacks` for SQLite and PostgreSQL."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tallies = Tallies(database)
        self._find = {state: database.prepare(_without_fallback(state)) for state in (State.FAILED, State.QUEUED)}
        self._still = {state: database.prepare(_still_in(state)) for state in self._find}
        row: dict[str, sa.BindParameter[int]] = {name: sa.bindparam(name) for name in DELIVERY_COLUMNS}
        self._open = database.prepare(database.upsert(delivery).values(row).on_conflict_do_nothing())
        self._keep = database.prepare(
            sa.update(spooled)
            .where(spooled.c.instance_id == sa.bindparam("at_instance"))
            .values(unfinished=spooled.c.unfinished + 1)
        )

    def open(
        self, destination_id: int, fallback_id: int, config_version: int, states: Collection[State], limit: int
    ) -> int:
        """Found without a lock; given up, to be done next time, if something changed before it was written."""
        return sum(
            self._open_those_in(state, destination_id, fallback_id, config_version, limit) for state in sorted(states)
        )

    def _open_those_in(
        self, state: State, destination_id: int, fallback_id: int, config_version: int, limit: int
    ) -> int:
        wanted = {"destination_id": destination_id, "fallback_id": fallback_id, "most": limit}
        with self._database.look() as looking:
            found = dict(looking.rows(self._find[state], wanted))
        if not found:
            return 0
        with self._database.write(durable=True) as transaction:
            still = self._still_there(transaction, self._still[state], destination_id, found)
            rows = [_row(number, fallback_id, found[number], config_version) for number in still]
            opened = transaction.run(self._open, rows)
            kept = transaction.run(self._keep, [{"at_instance": number} for number in still])
            if not opened == kept == len(still):
                transaction.undo()
                return 0
            changes: Counter[Change] = Counter()
            changes[fallback_id, "opened"] = changes[fallback_id, State.QUEUED.name.lower()] = opened
            self._tallies.change(transaction, changes)
        return opened

    def _still_there(
        self, transaction: Transaction, still: Statement, destination_id: int, found: Collection[int]
    ) -> Sequence[int]:
        between = {"destination_id": destination_id, "first": min(found), "last": max(found)}
        return sorted(number for (number,) in transaction.rows(still, between) if number in found)


def _without_fallback(state: State) -> sa.Select[tuple[int, int]]:
    there = delivery.alias("there")
    has_one = sa.exists().where(
        there.c.instance_id == delivery.c.instance_id, there.c.destination_id == sa.bindparam("fallback_id")
    )
    return (
        sa.select(delivery.c.instance_id, delivery.c.slot)
        .where(delivery.c.destination_id == sa.bindparam("destination_id"), *_in(state), ~has_one)
        .limit(sa.bindparam("most"))
    )


def _still_in(state: State) -> sa.Select[tuple[int]]:
    return (
        sa.select(delivery.c.instance_id)
        .where(
            delivery.c.destination_id == sa.bindparam("destination_id"),
            *_in(state),
            delivery.c.instance_id.between(sa.bindparam("first"), sa.bindparam("last")),
        )
        .with_for_update()
    )


def _in(state: State) -> tuple[sa.ColumnElement[bool], ...]:
    """As the indexes have it, see `ENDED`."""
    is_there = delivery.c.state == sa.literal_column(str(int(state)))
    return (is_there, ENDED) if state is State.FAILED else (is_there,)


def _row(instance_id: int, destination_id: int, slot: int, config_version: int) -> dict[str, int]:
    values = (instance_id, destination_id, slot, int(State.QUEUED), config_version, 0, 0, time_ns() // 1000)
    return dict(zip(DELIVERY_COLUMNS, values, strict=True))

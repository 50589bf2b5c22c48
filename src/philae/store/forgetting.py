"""Removes the rows of instances that are finished everywhere; what they counted stays counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

import sqlalchemy as sa

from philae.pipeline.outcome import FINISHED
from philae.store.instance_ids import first_id_at
from philae.store.moments import microseconds
from philae.store.tables.deliveries import delivery, tally
from philae.store.tables.instances import instance, spooled

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from philae.pipeline.retention import Retention
    from philae.store.database import Database
    from philae.store.tallies import Change, Tallies

_FAR: Final = (1 << 63) - 1


class _Ended(NamedTuple):
    """An instance that nothing waits for: its file is gone, so every delivery is finished."""

    instance_id: int
    destinations: tuple[int, ...]
    changed_at: int


class Forgetting:
    """Goes through the instances from the oldest on, in small steps; one per process."""

    def __init__(self, database: Database, tallies: Tallies) -> None:
        self._database = database
        self._tallies = tallies
        self._after = 0
        self._delivery = database.prepare(
            sa.delete(delivery).where(
                delivery.c.instance_id == sa.bindparam("at_instance"),
                delivery.c.destination_id == sa.bindparam("at_destination"),
                delivery.c.state.in_([sa.literal_column(str(int(state))) for state in sorted(FINISHED)]),
            )
        )
        left = sa.exists().where(delivery.c.instance_id == instance.c.id)
        self._instance = database.prepare(
            sa.delete(instance).where(instance.c.id == sa.bindparam("at_instance"), ~left)
        )

    def forget(self, retention: Retention, now: datetime, limit: int) -> bool:
        """Look at the next ``limit`` instances; whether there may be more to forget. Raises `LedgerUnavailable`."""
        oldest_kept = microseconds(now - retention.age) if retention.age is not None else 0
        with self._database.read() as connection:
            excess = _finished(connection) - retention.deliveries
            until = _FAR if excess > 0 else first_id_at(oldest_kept)
            ended = list(_ended(connection, self._after, until, limit))
        self._delete(list(_too_many_or_too_old(ended, excess, oldest_kept)))
        is_through = len(ended) < limit
        self._after = 0 if is_through else ended[-1].instance_id
        return not is_through

    def _delete(self, ended: Sequence[_Ended]) -> None:
        if not ended:
            return
        by_destination: defaultdict[int, list[int]] = defaultdict(list)
        for each in ended:
            for destination_id in each.destinations:
                by_destination[destination_id].append(each.instance_id)
        forgotten: Counter[Change] = Counter()
        with self._database.write() as transaction:
            for destination_id, ids in sorted(by_destination.items()):
                rows = [{"at_instance": number, "at_destination": destination_id} for number in ids]
                forgotten[destination_id, tally.c.forgotten.name] = transaction.run(self._delivery, rows)
            transaction.run(self._instance, [{"at_instance": each.instance_id} for each in ended])
            self._tallies.change(transaction, forgotten)


def _finished(connection: Connection) -> int:
    """Finished deliveries that have a row."""
    finished = sum((tally.c[state.name.lower()] for state in sorted(FINISHED)), start=-tally.c.forgotten)
    return int(connection.scalar(sa.select(sa.func.sum(finished))) or 0)


def _ended(connection: Connection, after: int, until: int, limit: int) -> Iterator[_Ended]:
    is_spooled = sa.exists().where(spooled.c.instance_id == instance.c.id)
    oldest = sa.select(instance.c.id).where(instance.c.id > after, instance.c.id < until, ~is_spooled)
    ids = list(connection.scalars(oldest.order_by(instance.c.id).limit(limit)))
    found: dict[int, list[tuple[int, int]]] = {number: [] for number in ids}
    rows = sa.select(delivery.c.instance_id, delivery.c.destination_id, delivery.c.changed_at)
    for number, destination_id, changed_at in connection.execute(rows.where(delivery.c.instance_id.in_(ids))):
        found[number].append((destination_id, changed_at))
    for number, deliveries in found.items():
        changed_at = max((changed_at for _, changed_at in deliveries), default=0)
        yield _Ended(number, tuple(destination_id for destination_id, _ in deliveries), changed_at)


def _too_many_or_too_old(ended: Sequence[_Ended], excess: int, oldest_kept: int) -> Iterator[_Ended]:
    for each in ended:
        if excess > 0 or each.changed_at < oldest_kept:
            excess -= len(each.destinations)
            yield each

"""Writes newly accepted instances and their deliveries."""

from __future__ import annotations

from collections import Counter
from time import time_ns
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from philae.pipeline.model import Repeat
from philae.pipeline.outcome import State
from philae.store.rows import row_of, slot_of
from philae.store.tables import instances
from philae.store.tables.deliveries import delivery
from philae.store.tables.instances import spooled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from philae.pipeline.model import Instance
    from philae.store.database import Database, Transaction
    from philae.store.tallies import Change, Tallies

DELIVERY_COLUMNS: Final = (
    "instance_id",
    "destination_id",
    "slot",
    "state",
    "config_version",
    "attempts",
    "not_before",
    "changed_at",
)


class OpenedRows(NamedTuple):
    """The rows of one accepted instance."""

    instance: Mapping[str, Any]
    spooled: Mapping[str, Any]
    deliveries: Sequence[Mapping[str, Any]]


def rows_of(instance: Instance, destination_ids: Sequence[int], config_version: int) -> OpenedRows:
    """What is to be written when an instance is accepted for these destinations."""
    return OpenedRows(
        instance=row_of(instance),
        spooled={"instance_id": instance.id, "unfinished": len(destination_ids)},
        deliveries=_delivery_rows(instance, destination_ids, config_version),
    )


class Opening:
    """The rows of accepted instances: the instance, its file, one delivery per destination, the counts."""

    def __init__(self, database: Database, tallies: Tallies) -> None:
        self._tallies = tallies
        columns: dict[str, Any] = {
            column.name: sa.bindparam(column.name) for column in instances.instance.c if column.name != "repeat"
        }
        self._instance = database.prepare(sa.insert(instances.instance).values(**columns, repeat=_repeat()))
        self._spooled = database.prepare(sa.insert(spooled))
        self._delivery = database.prepare(
            sa.insert(delivery).values({name: sa.bindparam(name) for name in DELIVERY_COLUMNS})
        )

    def write(self, transaction: Transaction, group: Sequence[OpenedRows]) -> None:
        """Write everything about these instances."""
        deliveries = [row for each in group for row in each.deliveries]
        transaction.run(self._instance, [each.instance for each in group])
        transaction.run(self._spooled, [each.spooled for each in group])
        transaction.run(self._delivery, deliveries)
        self._tallies.accept(transaction, Counter(each.instance["node"] for each in group))
        opened = Counter(row["destination_id"] for row in deliveries)
        changes: Counter[Change] = Counter()
        for destination_id, count in opened.items():
            changes[destination_id, "opened"] = count
            changes[destination_id, State.QUEUED.name.lower()] = count
        self._tallies.change(transaction, changes)


def _repeat() -> sa.ColumnElement[int]:
    """Whether the forward node has the same SOP Instance UID already, decided by the database as it inserts.

    Two intakes that take the same instance at the same moment may, on PostgreSQL, both call it the first.
    """
    before = instances.instance.alias("before")
    same_bytes = sa.case(
        (before.c.digest == sa.bindparam("digest"), _number(Repeat.SAME_BYTES)), else_=_number(Repeat.OTHER_BYTES)
    )
    same_uid = [before.c[name] == sa.bindparam(name) for name in ("uid_key", "node", "sop_instance_uid")]
    answer = sa.select(sa.func.min(same_bytes)).where(*same_uid).scalar_subquery()
    return sa.func.coalesce(answer, _number(Repeat.FIRST))


def _number(repeat: Repeat) -> sa.ColumnElement[int]:
    return sa.literal_column(str(int(repeat)), sa.SmallInteger())


def _delivery_rows(
    instance: Instance, destination_ids: Sequence[int], config_version: int
) -> Sequence[Mapping[str, Any]]:
    slot, now = slot_of(instance), time_ns() // 1000
    return [
        {
            "instance_id": instance.id,
            "destination_id": destination_id,
            "slot": slot,
            "state": int(State.QUEUED),
            "config_version": config_version,
            "attempts": 0,
            "not_before": 0,
            "changed_at": now,
        }
        for destination_id in destination_ids
    ]

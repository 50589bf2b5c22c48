"""Counts that are kept with every change, so that nobody ever counts rows to show them."""

from __future__ import annotations

import os
from collections import Counter
from typing import TYPE_CHECKING, Final

from philae.pipeline.outcome import State
from philae.store.activity import Noting
from philae.store.tables.deliveries import tally
from philae.store.tables.instances import accepted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.store.database import Database, Transaction

SHARDS: Final = 16
"""Processes share this many rows per count, so that on PostgreSQL they seldom wait for each other."""

Change = tuple[int, str]
"""A destination's id and a column of its tally: ``opened`` or the name of a state."""


class Tallies:
    """Adds to the counts, inside the transaction that changes the rows."""

    def __init__(self, database: Database) -> None:
        self._shard = os.getpid() % SHARDS
        self._activity = Noting(database, self._shard)
        into_accepted = database.upsert(accepted)
        self._accept = database.prepare(
            into_accepted.on_conflict_do_update(
                index_elements=[accepted.c.shard, accepted.c.node],
                set_={"instances": accepted.c.instances + into_accepted.excluded.instances},
            )
        )
        into_tally = database.upsert(tally)
        self._change = database.prepare(
            into_tally.on_conflict_do_update(
                index_elements=[tally.c.shard, tally.c.destination_id],
                set_={name: tally.c[name] + into_tally.excluded[name] for name in _COLUMNS},
            )
        )

    def accept(self, transaction: Transaction, instances: Mapping[str, int]) -> None:
        """Count new instances per forward node."""
        transaction.run(
            self._accept,
            [{"shard": self._shard, "node": node, "instances": count} for node, count in sorted(instances.items())],
        )

    def change(self, transaction: Transaction, changes: Mapping[Change, int]) -> None:
        """Add to the counts; rows are touched in one order everywhere, so that transactions cannot block each other."""
        rows: dict[int, dict[str, int]] = {}
        for (destination_id, name), count in sorted(changes.items()):
            row = rows.setdefault(destination_id, dict.fromkeys(_COLUMNS, 0))
            row[name] += count
        transaction.run(
            self._change,
            [{"shard": self._shard, "destination_id": destination_id, **row} for destination_id, row in rows.items()],
        )
        self._activity.note(transaction, changes)


class Moves(Counter[Change]):
    """Changes of the counts because deliveries went from one state to another."""

    def note(self, destination_id: int, before: State, after: State, count: int = 1) -> None:
        """``count`` deliveries of a destination moved."""
        self[destination_id, before.name.lower()] -= count
        self[destination_id, after.name.lower()] += count


_COLUMNS: Final = tuple(column.name for column in tally.columns if not column.primary_key)

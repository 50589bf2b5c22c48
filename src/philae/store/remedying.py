"""Moves deliveries that had stopped, because a person says so, while lanes run or not."""

from __future__ import annotations

from collections import Counter
from time import time_ns
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from philae.pipeline.outcome import State, check_transition
from philae.store.rows import storable
from philae.store.settling import LONGEST_DETAIL
from philae.store.tables.deliveries import delivery
from philae.store.tables.instances import spooled
from philae.store.tallies import Moves, Tallies

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from philae.admin.deliveries import Facts
    from philae.store.database import Database, Statement, Transaction

DISCARDED: Final = "Discarded"


class SqlRemedies:
    """`philae.admin.deliveries_remedy.Remedies` for SQLite and PostgreSQL.

    A lane touches only what is queued or being sent, this only what is held or failed: neither waits for the other's
    rows, and a delivery that is not as it was seen is left alone. What a person was told is durable.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tallies = Tallies(database)
        as_seen = [
            delivery.c[name] == sa.bindparam(f"at_{name}") for name in ("instance_id", "destination_id", "state")
        ]
        self._requeue = database.prepare(
            sa.update(delivery)
            .where(*as_seen)
            .values(
                state=_literal(State.QUEUED),
                attempts=_literal(0),
                not_before=_literal(0),
                config_version=sa.bindparam("new_version"),
                changed_at=sa.bindparam("now"),
            )
        )
        self._exclude = database.prepare(
            sa.update(delivery)
            .where(*as_seen)
            .values(
                state=_literal(State.EXCLUDED),
                code=sa.literal_column(f"'{DISCARDED}'"),
                detail=sa.bindparam("new_detail"),
                changed_at=sa.bindparam("now"),
            )
        )
        self._finish = database.prepare(
            sa.update(spooled)
            .where(spooled.c.instance_id == sa.bindparam("at_instance"))
            .values(unfinished=spooled.c.unfinished - sa.bindparam("finished"))
        )

    def requeue(self, deliveries: Sequence[Facts], config_version: int | None) -> int:
        """Queue again, with patience renewed. Raises `LedgerUnavailable`."""
        changes = [(each, {"new_version": config_version or each.config_version}) for each in deliveries]
        with self._database.write(durable=True) as transaction:
            return len(self._move(transaction, self._requeue, State.QUEUED, changes))

    def exclude(self, deliveries: Sequence[Facts], reason: str) -> int:
        """Finish for good; the bytes may go when nothing else needs them. Raises `LedgerUnavailable`."""
        changes = [(each, {"new_detail": _detail(reason, each)}) for each in deliveries]
        with self._database.write(durable=True) as transaction:
            moved = self._move(transaction, self._exclude, State.EXCLUDED, changes)
            finished = Counter(each.instance_id for each in moved)
            transaction.run(
                self._finish, [{"at_instance": number, "finished": count} for number, count in sorted(finished.items())]
            )
            return len(moved)

    def _move(
        self,
        transaction: Transaction,
        statement: Statement,
        to: State,
        changes: Sequence[tuple[Facts, Mapping[str, object]]],
    ) -> list[Facts]:
        """Those that were as they had been seen. Rows are taken in one order everywhere: nobody waits in a circle."""
        now = time_ns() // 1000
        moved = []
        moves = Moves()
        for each, new in sorted(changes, key=lambda change: change[0].key):
            check_transition(each.state, to)
            seen = {"at_instance_id": each.instance_id, "at_destination_id": each.destination_id}
            if transaction.run(statement, [{**seen, "at_state": int(each.state), "now": now, **new}]):
                moved.append(each)
                moves.note(each.destination_id, each.state, to)
        self._tallies.change(transaction, moves)
        return moved


def _detail(reason: str, each: Facts) -> str:
    return storable(f"{reason} (was {each.state.name.lower()}: {each.reason})")[:LONGEST_DETAIL]


def _literal(number: int) -> sa.ColumnElement[int]:
    return sa.literal_column(str(int(number)))

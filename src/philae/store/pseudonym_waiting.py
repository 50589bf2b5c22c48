"""Deliveries that are held until a project's table has a pseudonym for their patient."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from philae.deid.errors import NotInTable
from philae.pipeline.outcome import State
from philae.store.tables.deliveries import ENDED, delivery, tally
from philae.store.tables.instances import instance
from philae.store.tables.pseudonyms import pseudonym
from philae.store.tallies import Moves, Tallies

if TYPE_CHECKING:
    from philae.store.database import Database

_AT_ONCE: Final = 500
_LATE_US: Final = 600_000_000
"""A delivery may be recorded as held so long after its look-up: a row that came in between counts as new."""


class Waiting:
    """Queues them again when a row for their patient is new."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tallies = Tallies(database)
        self._held = database.prepare(_held().with_for_update(of=delivery, skip_locked=True))
        self._queue = database.prepare(
            sa.update(delivery)
            .where(
                delivery.c.instance_id == sa.bindparam("at_instance"),
                delivery.c.destination_id == sa.bindparam("at_destination"),
            )
            .values(
                state=sa.literal_column(str(int(State.QUEUED))),
                not_before=sa.literal_column("0"),
                changed_at=sa.bindparam("now"),
            )
        )

    def release(self) -> int:
        """How many were queued. A row that does not fit after all, by its issuer, is not tried for ever."""
        return sum(self._release(number, project) for number in self._destinations() for project in self._projects())

    def _destinations(self) -> list[int]:
        held = sa.func.sum(tally.c.held)
        with self._database.read() as connection:
            return list(
                connection.scalars(sa.select(tally.c.destination_id).group_by(tally.c.destination_id).having(held > 0))
            )

    def _projects(self) -> list[str]:
        with self._database.read() as connection:
            return list(connection.scalars(sa.select(pseudonym.c.project).distinct()))

    def _release(self, destination_id: int, project: str) -> int:
        wanted = {"destination_id": destination_id, "project": project, "detail": NotInTable.words(project)}
        released = 0
        while True:
            now = time_ns() // 1000
            with self._database.write() as transaction:
                rows = transaction.rows(self._held, {**wanted, "now": now})
                queued = [{"at_instance": number, "at_destination": destination_id, "now": now} for (number,) in rows]
                transaction.run(self._queue, queued)
                moves = Moves()
                moves.note(destination_id, State.HELD, State.QUEUED, len(rows))
                if rows:
                    self._tallies.change(transaction, moves)
            released += len(rows)
            if len(rows) < _AT_ONCE:
                return released


def _held() -> sa.Select[tuple[int]]:
    known = sa.exists().where(
        pseudonym.c.project == sa.bindparam("project"),
        pseudonym.c.patient_id == instance.c.patient_id,
        pseudonym.c.changed_at >= delivery.c.changed_at - sa.literal_column(str(_LATE_US)),
        sa.or_(pseudonym.c.expires_at.is_(None), pseudonym.c.expires_at > sa.bindparam("now")),
    )
    return (
        sa.select(delivery.c.instance_id)
        .join(instance, instance.c.id == delivery.c.instance_id)
        .where(
            ENDED,
            delivery.c.destination_id == sa.bindparam("destination_id"),
            delivery.c.state == sa.literal_column(str(int(State.HELD))),
            delivery.c.code == NotInTable.__name__,
            delivery.c.detail == sa.bindparam("detail"),
            known,
        )
        .order_by(delivery.c.instance_id)
        .limit(sa.literal_column(str(_AT_ONCE)))
    )

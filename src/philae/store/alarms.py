"""Alarms that are on, in the database, so that each is told once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.admin.notifications.alarms import Alarm, DestinationHealth
from philae.pipeline.outcome import State
from philae.store.due import changed
from philae.store.moments import microseconds, moment
from philae.store.outbox import put
from philae.store.reading import read_standing
from philae.store.tables.lanes import contact
from philae.store.tables.notifications import alarm

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from philae.admin.notifications.mail import Mail
    from philae.store.database import Database


class SqlAlarms:
    """The alarms that are on; one per process."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ongoing(self) -> Sequence[Alarm]:
        """Those that are on, in the order of their keys. Raises `LedgerUnavailable`."""
        query = sa.select(alarm.c.key, alarm.c.words, alarm.c.remedy).order_by(alarm.c.key)
        with self._database.read() as connection:
            return [Alarm(*row) for row in connection.execute(query)]

    def change(
        self,
        found: Sequence[Alarm],
        now: datetime,
        compose: Callable[[Sequence[Alarm], Sequence[Alarm]], Mail | None],
    ) -> tuple[Sequence[Alarm], Sequence[Alarm]]:
        """Make ``found`` those that are on; what began and what ended by that, nothing if another process was faster.

        The mail that ``compose`` makes of the two is put into the outbox with the change, or not at all.
        Raises `LedgerUnavailable`.
        """
        before = {each.key: each for each in self.ongoing()}
        keys = {each.key for each in found}
        new = [each for each in found if each.key not in before]
        over = [each for each in before.values() if each.key not in keys]
        if not new and not over:
            return (), ()
        with changed(self._database) as connection:
            insert, end = self._database.upsert(alarm), sa.delete(alarm)
            at = microseconds(now)
            began = [
                each
                for each in new
                if connection.execute(
                    insert.values(key=each.key, words=each.words, remedy=each.remedy, began_at=at)
                    .on_conflict_do_nothing()
                    .returning(alarm.c.key)
                ).all()
            ]
            ended = [each for each in over if connection.execute(end.where(alarm.c.key == each.key)).rowcount]
            written = compose(began, ended) if began or ended else None
            if written is not None:
                put(connection, written, now)
        return began, ended


def read_health(database: Database, wanted: Collection[int]) -> Sequence[DestinationHealth]:
    """How it goes with the destinations ``wanted``. Raises `LedgerUnavailable`."""
    standing = read_standing(database)
    with database.read() as connection:
        rows = connection.execute(sa.select(contact.c.destination_id, contact.c.failing_since))
        failing = {number: moment(since) for number, since in rows}
    return [
        DestinationHealth(
            id=each.id,
            name=each.name,
            node=node.ae_title,
            held=each.by_state[State.HELD],
            oldest_waiting=each.oldest_waiting,
            failing_since=failing.get(each.id),
            uncommitted=each.uncommitted,
        )
        for node in standing.nodes
        for each in node.destinations
        if each.id in wanted
    ]

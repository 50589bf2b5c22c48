"""Remembers which destinations cannot be reached, for people and other processes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.pipeline.circuit import Trouble
from philae.store.moments import microseconds, moment
from philae.store.rows import storable
from philae.store.settling import LONGEST_DETAIL
from philae.store.tables.lanes import contact

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from philae.store.database import Database


class Contacts:
    """One row for each destination in trouble."""

    def __init__(self, database: Database) -> None:
        self._database = database
        into = database.upsert(contact)
        names = ("reason", "failing_since", "tried_at")
        self._put = database.prepare(
            into.on_conflict_do_update(
                index_elements=[contact.c.destination_id], set_={name: into.excluded[name] for name in names}
            )
        )
        self._remove = database.prepare(
            sa.delete(contact).where(contact.c.destination_id == sa.bindparam("at_destination"))
        )

    def note(self, destination_id: int, trouble: Trouble | None) -> None:
        """The latest word on a destination. Raises `LedgerUnavailable`."""
        with self._database.write() as transaction:
            if trouble is None:
                transaction.run(self._remove, [{"at_destination": destination_id}])
                return
            row = {
                "destination_id": destination_id,
                "reason": storable(trouble.reason)[:LONGEST_DETAIL],
                "failing_since": microseconds(trouble.since),
                "tried_at": microseconds(trouble.tried_at),
            }
            transaction.run(self._put, [row])

    def down_since(self, destination_id: int) -> datetime | None:
        """None for one that can be reached, as far as is known. Raises `LedgerUnavailable`."""
        since = sa.select(contact.c.failing_since).where(contact.c.destination_id == destination_id)
        with self._database.read() as connection:
            found = connection.scalar(since)
        return moment(found) if found is not None else None


def read_troubles(connection: Connection) -> Mapping[int, Trouble]:
    """Those in trouble, by destination."""
    rows = connection.execute(sa.select(contact.c.destination_id, *_TROUBLE))
    return {number: Trouble(reason, moment(since), moment(tried_at)) for number, reason, since, tried_at in rows}


_TROUBLE = (contact.c.reason, contact.c.failing_since, contact.c.tried_at)

"""The audit trail in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.admin.audit import Event
from philae.pipeline.ports import LedgerUnavailable
from philae.store.moments import microseconds, moment
from philae.store.rows import storable
from philae.store.tables.audit import audit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.store.database import Database


class SqlAuditTrail:
    """`philae.admin.audit.AuditTrail`; one per process, used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def record(self, event: Event) -> None:
        """Raises `LedgerUnavailable`."""
        row = {
            "at": microseconds(event.at),
            "actor": event.actor,
            "action": event.action,
            "subject": event.subject,
            "before": event.before,
            "after": event.after,
        }
        try:
            with self._database.change() as connection:
                connection.execute(sa.insert(audit), row)
        except sa.exc.DBAPIError as error:
            raise LedgerUnavailable(f"the audit trail was not written: {type(error.orig).__name__}") from error

    def events(
        self, *, before: int | None, limit: int, actor: str = "", action: str = ""
    ) -> Sequence[tuple[int, Event]]:
        query = sa.select(audit).order_by(audit.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(audit.c.id < before)
        if actor:
            query = query.where(audit.c.actor == storable(actor))
        if action:
            query = query.where(audit.c.action.startswith(storable(action), autoescape=True))
        with self._database.read() as connection:
            return [
                (row.id, Event(moment(row.at), row.actor, row.action, row.subject, row.before, row.after))
                for row in connection.execute(query)
            ]

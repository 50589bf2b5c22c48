"""Work in the database that one of many processes does when its time has come."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from philae.pipeline.ports import LedgerUnavailable
from philae.store.moments import microseconds

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from philae.store.database import Database

CLAIM: Final = timedelta(minutes=5)
"""A process that claimed something and died: after so long another one does it."""


def claim_due(database: Database, table: sa.Table, now: datetime, *conditions: sa.ColumnElement[bool]) -> Any:
    """The row of ``table`` that is due first, as of now with one attempt more; None when another process was faster."""
    is_due = sa.and_(table.c.not_before <= microseconds(now), *conditions)
    first = sa.select(table.c.id).where(is_due).order_by(table.c.not_before, table.c.id).limit(1)
    with database.read() as connection:
        number = connection.scalar(first)
    if number is None:
        return None
    claim = (
        sa.update(table)
        .where(table.c.id == number, is_due)
        .values(not_before=microseconds(now + CLAIM), attempts=table.c.attempts + 1)
        .returning(table)
    )
    with changed(database, durable=False) as connection:  # lost in a power cut, it is claimed again
        return connection.execute(claim).one_or_none()


@contextmanager
def changed(database: Database, *, durable: bool = True) -> Iterator[Connection]:
    """One transaction. Raises `LedgerUnavailable`."""
    try:
        with database.change(durable=durable) as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise LedgerUnavailable(f"the database was not written: {type(error.orig).__name__}") from error

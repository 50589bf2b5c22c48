"""Seals everything in the database anew, with the key that is the first one now."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from philae.pipeline.ports import LedgerUnavailable
from philae.store.database import Database
from philae.store.tables.configuration import config_version, project_secret

_SEALED: Final = ((config_version.c.number, config_version.c.document), (project_secret.c.id, project_secret.c.sealed))
"""Keys of tables, and their columns that are sealed."""


def reseal(database: Database) -> int:
    """All or nothing; how many values. Raises `LedgerUnavailable`."""
    count = 0
    try:
        with database.change() as connection:
            for key, column in _SEALED:
                for number, sealed in connection.execute(sa.select(key, column)).all():
                    values = {column.name: database.vault.reseal(sealed)}
                    connection.execute(sa.update(column.table).where(key == number).values(values))
                    count += 1
    except sa.exc.DBAPIError as error:
        raise LedgerUnavailable(f"nothing was sealed anew: {type(error.orig).__name__}") from error
    return count

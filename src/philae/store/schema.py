"""Brings a database to the tables of this release."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from philae.pipeline.ports import LedgerUnavailable

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

    from philae.store.database import Database

HEAD: Final = "0011"
"""The newest revision in ``migrations/versions``."""
_MIGRATIONS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 0x50484C41


class UnknownSchema(LedgerUnavailable):
    """The database was written by another release; nothing in it was touched."""


def migrate(database: Database) -> None:
    """Create or update the tables; nothing happens, and Alembic is not loaded, when they are up to date.

    Any number of processes may call this at once. Raises `UnknownSchema` for a database of a newer release.
    """
    try:
        with database.change() as connection:
            if not database.is_sqlite:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
            if _revision(connection) != HEAD:
                _upgrade(connection, database)
    except sa.exc.DBAPIError as error:
        raise LedgerUnavailable(f"the database cannot be prepared: {type(error.orig).__name__}") from error


def alembic_config(connection: Connection, database: Database | None = None) -> Config:
    """What Alembic needs to know to work on this connection; ``database`` if there may be secrets to seal."""
    from alembic.config import Config  # noqa: PLC0415 - costs half a second that a process start seldom needs

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    config.attributes["database"] = database
    return config


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
    return found


def _upgrade(connection: Connection, database: Database) -> None:
    from alembic import command  # noqa: PLC0415 - as above
    from alembic.util import CommandError  # noqa: PLC0415

    try:
        command.upgrade(alembic_config(connection, database), "head")
    except CommandError as error:
        raise UnknownSchema(
            f"the database has revision {_revision(connection)}, this release knows up to {HEAD}: use the newer release"
        ) from error

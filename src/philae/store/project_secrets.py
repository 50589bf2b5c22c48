"""The secrets that projects have had, sealed in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.admin.project_secrets import PastSecret
from philae.deid.keys import parse_secret
from philae.store.moments import moment
from philae.store.tables.configuration import project_secret

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy.engine import Connection

    from philae.config.configuration import Configuration
    from philae.store.database import Database
    from philae.store.secrets import Vault


class SqlSecretHistory:
    """`philae.admin.project_secrets.SecretHistory`; one per process, used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, project: str) -> Sequence[PastSecret]:
        with self._database.read() as connection:
            return list(_history(connection, self._database.vault, project))


def note_secrets(connection: Connection, vault: Vault, configuration: Configuration, now: int) -> None:
    """Remember each project's secret, unless the project has had it before."""
    for project in configuration.projects:
        if project.secret is None:
            continue
        secret = parse_secret(project.secret)
        if all(secret != past.secret for past in _history(connection, vault, project.name)):
            row = {"project": project.name, "sealed": vault.seal(secret.hex()), "first_used_at": now}
            connection.execute(sa.insert(project_secret), row)


def _history(connection: Connection, vault: Vault, project: str) -> Iterator[PastSecret]:
    """Newest first."""
    of_project = sa.select(project_secret).where(project_secret.c.project == project)
    for row in connection.execute(of_project.order_by(project_secret.c.id.desc())):
        yield PastSecret(parse_secret(vault.open(row.sealed)), moment(row.first_used_at))

"""The versions of the configuration, in the database."""

from __future__ import annotations

import secrets
from threading import Lock
from time import monotonic, time_ns
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from philae.admin.declined import ChangedMeanwhile
from philae.config.configuration import Configuration
from philae.config.stored_secrets import with_stored_secrets
from philae.pipeline.ports import LedgerUnavailable
from philae.store.project_secrets import note_secrets
from philae.store.tables.configuration import config_version, destination

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy.engine import Connection

    from philae.config.forward_node import ForwardNode
    from philae.config.kinds import DestinationSettings, PseudonymSettings
    from philae.store.database import Database

LOOK_EVERY_S: Final = 0.2
"""A version that another process applied is seen after at most this long."""
SECRET_BYTES: Final = 16
_ADVISORY_LOCK: Final = 0x50484C43
"""On PostgreSQL: whoever applies a configuration does so alone."""


class SqlConfigStore:
    """`philae.admin.editing.Versions`; one per process, used by all its threads."""

    def __init__(
        self,
        database: Database,
        *,
        destination_kinds: Mapping[str, type[DestinationSettings]],
        pseudonym_kinds: Mapping[str, type[PseudonymSettings]],
    ) -> None:
        self._database = database
        self._context = {"destination_kinds": destination_kinds, "pseudonym_kinds": pseudonym_kinds}
        self._lock = Lock()
        self._versions: dict[int, Configuration] = {0: Configuration()}
        self._newest = 0
        self._looked_at = -LOOK_EVERY_S

    def current(self) -> Configuration:
        now = monotonic()
        if now - self._looked_at >= LOOK_EVERY_S:
            with self._lock:
                if now - self._looked_at >= LOOK_EVERY_S:
                    with self._database.read() as connection:
                        self._newest = _newest(connection)
                    self._looked_at = now
        return self.version(self._newest)

    def version(self, number: int) -> Configuration:
        """Raises `LookupError` for a version that never was."""
        known = self._versions.get(number)
        if known is None:
            with self._database.read() as connection:
                known = self._read(connection, number)
            self._versions[number] = known
        return known

    def apply(self, configuration: Configuration, *, seen: int | None = None) -> Configuration:
        """A project without secret keeps the one it has, or gets one; so does what an export left out.

        Raises `ChangedMeanwhile`, `DocumentFaults`, `LedgerUnavailable`.
        """
        try:
            with self._database.change() as connection:
                if not self._database.is_sqlite:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_ADVISORY_LOCK)))
                number = _newest(connection)
                if seen not in (None, number):
                    self._newest, self._looked_at = number, monotonic()
                    raise ChangedMeanwhile
                before = self._read(connection, number)
                complete = with_stored_secrets(configuration, before, self._context)
                wanted = _numbered(connection, _with_secrets(complete, before))
                if wanted.model_copy(update={"version": number}) == before:
                    return before
                applied = wanted.model_copy(update={"version": number + 1})
                vault, now = self._database.vault, time_ns() // 1000
                row = {"number": applied.version, "document": vault.seal(applied.model_dump_json()), "applied_at": now}
                connection.execute(sa.insert(config_version), row)
                note_secrets(connection, vault, applied, now)
        except sa.exc.DBAPIError as error:
            raise LedgerUnavailable(f"the configuration was not stored: {type(error.orig).__name__}") from error
        self._versions[applied.version] = applied
        self._looked_at = -LOOK_EVERY_S
        return applied

    def _read(self, connection: Connection, number: int) -> Configuration:
        if number in self._versions:
            return self._versions[number]
        document = connection.scalar(sa.select(config_version.c.document).where(config_version.c.number == number))
        if document is None:
            raise LookupError(f"there is no version {number} of the configuration")
        return Configuration.model_validate_json(self._database.vault.open(document), context=self._context)


def _newest(connection: Connection) -> int:
    return connection.scalar(sa.select(sa.func.max(config_version.c.number))) or 0


def _with_secrets(configuration: Configuration, before: Configuration) -> Configuration:
    """A secret is never changed by leaving it out."""
    projects = []
    for project in configuration.projects:
        if project.secret is None:
            earlier = before.project(project.name)
            secret = earlier.secret if earlier and earlier.secret else secrets.token_hex(SECRET_BYTES)
            projects.append(project.model_copy(update={"secret": secret}))
        else:
            projects.append(project)
    return configuration.model_copy(update={"projects": tuple(projects)})


def _numbered(connection: Connection, configuration: Configuration) -> Configuration:
    """Each destination with the number that its node and name have for ever."""
    numbers = {(node, name): number for number, node, name in connection.execute(sa.select(destination))}
    nodes = tuple(_numbered_node(connection, node, numbers) for node in configuration.forward_nodes)
    return configuration.model_copy(update={"forward_nodes": nodes})


def _numbered_node(connection: Connection, node: ForwardNode, numbers: dict[tuple[str, str], int]) -> ForwardNode:
    destinations = []
    for each in node.destinations:
        key = node.ae_title, each.name
        if key not in numbers:
            numbers[key] = max(numbers.values(), default=0) + 1
            row = {"id": numbers[key], "node": node.ae_title, "name": each.name}
            connection.execute(sa.insert(destination), row)
        destinations.append(each.model_copy(update={"id": numbers[key]}))
    return node.model_copy(update={"destinations": tuple(destinations)})

"""What commands that change something of a gateway work with."""

from __future__ import annotations

import getpass
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from philae.cli.data import settings_for
from philae.cli.failure import FAILED, MISUSED, fail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.config.configuration import Configuration
    from philae.config.settings import Settings
    from philae.store.audit import SqlAuditTrail
    from philae.store.configuration import SqlConfigStore
    from philae.store.database import Database


@dataclass(frozen=True, slots=True)
class Opened:
    """A gateway's database, whether the gateway runs or not."""

    settings: Settings
    database: Database
    configurations: SqlConfigStore

    @property
    def actor(self) -> str:
        """Who works here, for the audit trail."""
        return f"command line, {getpass.getuser()}"

    def change(self, configuration: Configuration, action: str, subject: str = "") -> Configuration:
        """Put a configuration in the place of the version that it was made of, audit that and tell the gateway.

        What is current then. Raises `ChangedMeanwhile`, `DocumentFaults`, `LedgerUnavailable`.
        """
        from philae.admin.editing import Change, Desk
        from philae.work.local import LocalBell

        change = Change(self.actor, action, subject, seen=configuration.version)
        with closing(LocalBell(self.settings.data / "run")) as bell:
            desk = Desk(self.configurations, self.audit, bell, _read)
            return desk.adopt(change, lambda _: configuration)

    @property
    def audit(self) -> SqlAuditTrail:
        """Where it is noted what was done."""
        from philae.store.audit import SqlAuditTrail

        return SqlAuditTrail(self.database)

    def ring(self) -> None:
        """Tell the gateway that there is something to do."""
        ring(self.settings.data)


def ring(data: Path) -> None:
    """Tell the gateway of this data folder, if one runs, that there is something to do."""
    from philae.work.local import LocalBell

    with closing(LocalBell(data / "run")) as bell:
        bell.ring()


def _read(text: str) -> Configuration:
    from philae import destinations, pseudonyms
    from philae.config.document import load_document

    return load_document(
        text,
        Path(),
        destination_kinds=destinations.SETTINGS,
        pseudonym_kinds=pseudonyms.SETTINGS,
        may_name_files=False,
    )


@contextmanager
def opened(data: Path | None) -> Iterator[Opened]:
    """Ends the command with one line when the gateway declines or its database does not answer."""
    from philae.admin.declined import ChangedMeanwhile, Declined
    from philae.app.gateway import config_store, open_database
    from philae.pipeline.ports import LedgerUnavailable

    settings = settings_for(data)
    if settings.uses_default_database and not settings.data.is_dir():
        fail(f"there is no gateway in {settings.data}; name its folder with --data", code=MISUSED)
    try:
        database = open_database(settings)
        try:
            yield Opened(settings, database, config_store(database))
        finally:
            database.close()
    except Declined as error:
        fail(str(error), code=MISUSED)
    except ChangedMeanwhile:
        fail("somebody else changed the configuration meanwhile; nothing was changed now, try it again", code=FAILED)
    except LedgerUnavailable as error:
        fail(str(error), code=FAILED)

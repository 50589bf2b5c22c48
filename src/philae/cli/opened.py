"""What commands that change something of a gateway work with."""

from __future__ import annotations

import getpass
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from philae.cli.data import settings_for
from philae.cli.failure import FAILED, MISUSED, fail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from philae.config.model import Configuration
    from philae.config.settings import Settings
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

    def change(self, configuration: Configuration, action: str, subject: str, after: str = "") -> None:
        """Make a configuration the current one, audit it and tell the gateway."""
        from philae.admin.audit import Event
        from philae.store.audit import SqlAuditTrail

        self.configurations.apply(configuration)
        SqlAuditTrail(self.database).record(Event(datetime.now(UTC), self.actor, action, subject, after=after))
        self.ring()

    def ring(self) -> None:
        """Tell the gateway that there is something to do."""
        ring(self.settings.data)


def ring(data: Path) -> None:
    """Tell the gateway of this data folder, if one runs, that there is something to do."""
    from philae.work.local import LocalBell

    with closing(LocalBell(data / "run")) as bell:
        bell.ring()


@contextmanager
def opened(data: Path | None) -> Iterator[Opened]:
    """Ends the command with one line when the gateway declines or its database does not answer."""
    from philae.admin.declined import Declined
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
    except LedgerUnavailable as error:
        fail(str(error), code=FAILED)

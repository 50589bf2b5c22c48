"""When versions of the configuration became current, in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.admin.config_history import Applied
from philae.store.moments import moment
from philae.store.tables.configuration import config_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.store.database import Database


class SqlConfigHistory:
    """`philae.admin.config_history.ConfigHistory`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def versions(self, *, before: int | None, limit: int) -> Sequence[Applied]:
        newest = sa.select(config_version.c.number, config_version.c.applied_at)
        if before is not None:
            newest = newest.where(config_version.c.number < before)
        with self._database.read() as connection:
            rows = connection.execute(newest.order_by(config_version.c.number.desc()).limit(limit))
            return [Applied(number, moment(at)) for number, at in rows]

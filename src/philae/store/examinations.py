"""What the doctor found out about destinations, in the database."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from philae.admin.doctor import Finding, Verdict
from philae.admin.examinations import KEPT, Examined
from philae.store.due import changed
from philae.store.moments import microseconds, moment
from philae.store.tables.examinations import examination

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from philae.store.database import Database


class SqlExaminations:
    """`philae.admin.examinations.Examinations`; one per process, used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, examined: Examined) -> None:
        """In the place of the oldest, once there are enough of the destination."""
        row = {
            "destination_id": examined.destination_id,
            "at": microseconds(examined.at),
            "actor": examined.actor,
            "healthy": int(examined.is_healthy),
            "findings": json.dumps([asdict(each) for each in examined.findings]),
        }
        of_it = examination.c.destination_id == examined.destination_id
        oldest = sa.select(examination.c.id).where(of_it).order_by(examination.c.id.desc()).offset(KEPT).limit(1)
        with changed(self._database) as connection:
            connection.execute(sa.insert(examination), row)
            connection.execute(sa.delete(examination).where(of_it, examination.c.id <= oldest.scalar_subquery()))

    def of(self, destination_id: int, limit: int) -> Sequence[Examined]:
        found = sa.select(examination).where(examination.c.destination_id == destination_id)
        with self._database.read() as connection:
            rows = connection.execute(found.order_by(examination.c.id.desc()).limit(limit))
            return [_examined(row) for row in rows]

    def newest(self, destinations: Collection[int]) -> Mapping[int, Examined]:
        last = sa.select(sa.func.max(examination.c.id)).group_by(examination.c.destination_id)
        with self._database.read() as connection:
            rows = connection.execute(sa.select(examination).where(examination.c.id.in_(last)))
            return {row.destination_id: _examined(row) for row in rows if row.destination_id in destinations}


def _examined(row: sa.Row[Any]) -> Examined:
    findings = tuple(Finding(**{**each, "verdict": Verdict(each["verdict"])}) for each in json.loads(row.findings))
    return Examined(row.destination_id, moment(row.at), row.actor, findings)

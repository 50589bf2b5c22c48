"""What the ledger says of every delivery."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from philae.pipeline.model import Repeat
from philae.pipeline.outcome import State
from philae.store.database import Database, sqlite_url
from philae.store.tables import delivery, destination, instance


@dataclass(frozen=True)
class Delivered:
    """One delivery as the ledger has it."""

    node: str
    destination: str
    sop_instance_uid: str
    state: State
    detail: str
    attempts: int
    repeat: Repeat
    sent_sop_instance_uid: str


def deliveries(data: Path, node: str | None = None, name: str | None = None) -> list[Delivered]:
    """In the order of acceptance; all of them, or those of one forward node or to one destination."""
    joined = sa.join(delivery, instance, delivery.c.instance_id == instance.c.id).join(
        destination, destination.c.id == delivery.c.destination_id
    )
    columns = (
        destination.c.node,
        destination.c.name,
        instance.c.sop_instance_uid,
        delivery.c.state,
        delivery.c.detail,
        delivery.c.attempts,
        instance.c.repeat,
        delivery.c.sent_sop_instance_uid,
    )
    rows = _rows(data, sa.select(*columns).select_from(joined).order_by(instance.c.id, delivery.c.destination_id))
    every = [
        Delivered(row[0], row[1], row[2], State(row[3]), row[4] or "", row[5], Repeat(row[6]), row[7] or "")
        for row in rows
    ]
    return [each for each in every if node in (None, each.node) and name in (None, each.destination)]


def ended(data: Path, node: str, name: str | None = None) -> list[tuple[State, str]]:
    """State and reason of each delivery of a forward node."""
    return [(each.state, each.detail) for each in deliveries(data, node, name)]


def spool_files(data: Path) -> list[Path]:
    return [path for path in (data / "spool").rglob("*") if path.is_file()]


def _rows(data: Path, query: sa.Select) -> list:
    database = Database(sqlite_url(data / "philae.db"))
    try:
        with database.read() as connection:
            return list(connection.execute(query))
    finally:
        database.close()

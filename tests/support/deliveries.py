"""What the ledger says of every delivery."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from philae.pipeline.model import Repeat
from philae.pipeline.outcome import DELIVERED, State
from philae.store.database import Database, sqlite_url
from philae.store.tables.configuration import destination
from philae.store.tables.deliveries import delivery
from philae.store.tables.instances import instance


@dataclass(frozen=True)
class Delivered:
    """One delivery as the ledger has it."""

    instance_id: int
    node: str
    destination: str
    sop_instance_uid: str
    state: State
    detail: str
    attempts: int
    repeat: Repeat
    sent_sop_instance_uid: str


def deliveries(data: Path, node: str | None = None, to: str | None = None) -> list[Delivered]:
    """In the order of acceptance; all of them, or those of one forward node or to one destination."""
    joined = sa.join(delivery, instance, delivery.c.instance_id == instance.c.id).join(
        destination, destination.c.id == delivery.c.destination_id
    )
    columns = (
        instance.c.id,
        destination.c.node,
        destination.c.name,
        instance.c.sop_instance_uid,
        delivery.c.state,
        delivery.c.detail,
        delivery.c.attempts,
        instance.c.repeat,
        sa.case(
            (
                delivery.c.state.in_(DELIVERED),
                sa.func.coalesce(delivery.c.sent_sop_instance_uid, instance.c.sop_instance_uid),
            ),
            else_="",
        ),
    )
    rows = _rows(data, sa.select(*columns).select_from(joined).order_by(instance.c.id, delivery.c.destination_id))
    every = [
        Delivered(number, node, name, uid, State(state), detail or "", attempts, Repeat(repeat), sent_uid)
        for number, node, name, uid, state, detail, attempts, repeat, sent_uid in rows
    ]
    return [each for each in every if node in (None, each.node) and to in (None, each.destination)]


def spool_files(data: Path) -> list[Path]:
    return [path for path in (data / "spool").rglob("*") if path.is_file()]


def _rows(data: Path, query: sa.Select) -> list:
    database = Database(sqlite_url(data / "philae.db"))
    try:
        with database.read() as connection:
            return list(connection.execute(query))
    finally:
        database.close()

"""Deliveries in a ledger, each in the state that a test wants it in."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from philae.dicom.commitment import Reference
from philae.dicom.identify import Identifiers
from philae.pipeline.model import Instance, Lane, Settlement
from philae.pipeline.outcome import State
from philae.store.database import Database
from philae.store.instance_ids import first_id_at
from philae.store.ledger import SqlLedger
from philae.store.moments import microseconds
from philae.store.tables.configuration import destination
from tests.support.instances import make_instance

BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ONLY = Lane(1, 0, 1)


def name_destinations(database: Database, **nodes: list[str]) -> None:
    """``PHILAE=["archive", "local"]``: numbers count from 1."""
    pairs = [(node, name) for node, names in nodes.items() for name in names]
    with database.change() as connection:
        rows = [{"id": number, "node": node, "name": name} for number, (node, name) in enumerate(pairs, 1)]
        connection.execute(sa.insert(destination), rows)


def arrived(minute: int, *, node: str = "PHILAE", **identifiers: str) -> Instance:
    """An instance that began to arrive so many minutes after `BEGIN`."""
    at = BEGIN + minute * MINUTE
    instance = make_instance(first_id_at(microseconds(at)), node=node)
    names = {"sop_instance_uid": f"1.9.{minute}", **identifiers}
    return replace(instance, received_at=at, identifiers=replace(instance.identifiers, **names))


def deliver(
    ledger: SqlLedger,
    instance: Instance,
    state: State = State.SENT,
    *,
    to: int = 1,
    reason: str = "why",
    code: str = "",
    sent: Identifiers | None = None,
    version: int = 1,
    uncommitted: Reference | None = None,
) -> None:
    """Accept an instance and bring its delivery to ``state``, as a lane does."""
    ledger.open(instance, [to], version)
    settle_next(ledger, state, to=to, reason=reason, code=code, sent=sent, uncommitted=uncommitted)


def settle_next(
    ledger: SqlLedger,
    state: State,
    *,
    to: int = 1,
    reason: str = "why",
    code: str = "",
    sent: Identifiers | None = None,
    uncommitted: Reference | None = None,
) -> None:
    """What waits for a destination ends so."""
    if state is State.QUEUED:
        return
    lane = Lane(to, 0, 1)
    ledger.acquire([lane], "w", MINUTE)
    batch = ledger.claim(lane, "w", 1000, datetime.now(UTC))
    assert batch
    if state is not State.SENDING:
        ends = [Settlement(each, state, reason, code, sent, uncommitted=uncommitted) for each in batch]
        ledger.settle(ends, "w")

"""What archives are to commit themselves to, in the database: noted as deliveries are settled, asked for later."""

from __future__ import annotations

from time import time_ns
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

import sqlalchemy as sa

from philae.dicom.commitment import Reference
from philae.pipeline.commitments import CommitmentRequest, Uncommitted
from philae.pipeline.outcome import DELIVERED
from philae.store.due import changed
from philae.store.moments import microseconds, moment
from philae.store.rows import storable
from philae.store.tables.commitments import commitment, commitment_request

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime, timedelta

    from sqlalchemy.engine import Connection

    from philae.pipeline.model import Settlement
    from philae.store.database import Database, Transaction

AT_ONCE: Final = 1000
"""Instances in one transaction with an archive."""
LONGEST_REASON: Final = 1024


class CommitmentNotes:
    """Writes what confirmed deliveries await."""

    def __init__(self, database: Database) -> None:
        names = ("instance_id", "destination_id", "sop_class_uid", "sop_instance_uid", "since", "not_before")
        row: dict[str, Any] = {name: sa.bindparam(name) for name in names}
        self._add = database.prepare(sa.insert(commitment).values(**row, attempts=0))

    def write(self, transaction: Transaction, ended: Sequence[Settlement]) -> None:
        """Note each delivery whose receiver is to be asked."""
        now = time_ns() // 1000
        rows = [
            {
                "instance_id": each.delivery.instance.id,
                "destination_id": each.delivery.destination_id,
                "sop_class_uid": storable(each.uncommitted.sop_class_uid),
                "sop_instance_uid": storable(each.uncommitted.sop_instance_uid),
                "since": now,
                "not_before": now,
            }
            for each in ended
            if each.uncommitted is not None and each.state in DELIVERED
        ]
        transaction.run(self._add, rows)


class Asking:
    """Which archive is to be asked about what, and when again. Each method raises `LedgerUnavailable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, patience: Mapping[int, timedelta], now: datetime) -> CommitmentRequest | None:
        """Found without a lock; what another process was faster with is not in it."""
        found = self._due(patience.keys(), now)
        if found is None:
            return None
        destination_id, last = found
        uid = f"2.25.{uuid4().int}"
        claimed = (
            sa.update(commitment)
            .where(*_are_due([destination_id], now), commitment.c.instance_id <= last)
            .values(
                not_before=microseconds(now + patience[destination_id]),
                attempts=commitment.c.attempts + 1,
                transaction_uid=uid,
                reason=sa.null(),
            )
            .returning(commitment.c.sop_class_uid, commitment.c.sop_instance_uid, commitment.c.attempts)
        )
        with changed(self._database) as connection:
            rows = connection.execute(claimed).all()
            if not rows:
                return None
            row = {"transaction_uid": uid, "destination_id": destination_id, "asked_at": microseconds(now)}
            connection.execute(sa.insert(commitment_request), row)
        references = dict.fromkeys(Reference(sop_class, instance) for sop_class, instance, _ in rows)
        return CommitmentRequest(uid, destination_id, tuple(references), max(attempts for *_, attempts in rows))

    def postpone(self, request: CommitmentRequest, until: datetime, reason: str) -> None:
        """What it is about stays together only until it is due again."""
        asked_in_it = (
            commitment.c.destination_id == request.destination_id,
            commitment.c.transaction_uid == request.transaction_uid,
        )
        values = {"not_before": microseconds(until), "reason": storable(reason)[:LONGEST_REASON]}
        with changed(self._database) as connection:
            connection.execute(sa.update(commitment).where(*asked_in_it).values(values))

    def forget(self, before: datetime) -> None:
        """Transactions that no answer is expected to any more."""
        old = commitment_request.c.asked_at < microseconds(before)
        with changed(self._database) as connection:
            connection.execute(sa.delete(commitment_request).where(old))

    def _due(self, destination_ids: Collection[int], now: datetime) -> tuple[int, int] | None:
        """The destination that is due first, and the last of the oldest `AT_ONCE` instances that are due there."""
        first = sa.select(commitment.c.destination_id).where(*_are_due(destination_ids, now))
        with self._database.read() as connection:
            found = connection.scalar(first.order_by(commitment.c.not_before).limit(1))
            if found is None:
                return None
            oldest = sa.select(commitment.c.instance_id).where(*_are_due([found], now))
            batch = oldest.order_by(commitment.c.instance_id).limit(AT_ONCE).subquery()
            return found, connection.scalars(sa.select(sa.func.max(batch.c.instance_id))).one()


def read_uncommitted(connection: Connection) -> Mapping[int, Uncommitted]:
    """What is awaited, by destination."""
    columns = (
        sa.func.count(),
        sa.func.min(commitment.c.since),
        sa.func.max(commitment.c.attempts),
        sa.func.max(commitment.c.reason),
    )
    query = sa.select(commitment.c.destination_id, *columns).group_by(commitment.c.destination_id)
    return {
        number: Uncommitted(count, moment(since), attempts, reason or "")
        for number, count, since, attempts, reason in connection.execute(query)
    }


def _are_due(destination_ids: Collection[int], now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return commitment.c.destination_id.in_(destination_ids), commitment.c.not_before <= microseconds(now)

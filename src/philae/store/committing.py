"""What becomes of deliveries when an archive has said whether it keeps their instances."""

from __future__ import annotations

from collections import Counter
from time import time_ns
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from philae.pipeline.commitments import AWAITED, COMMITTED, NOT_ASKED, Asked, Awaited
from philae.pipeline.model import Delivery
from philae.pipeline.outcome import State, check_transition
from philae.store.commitments import Asking
from philae.store.moments import microseconds, moment
from philae.store.notices import Notices
from philae.store.rows import COLUMNS, instance_of, storable
from philae.store.settling import END, FINISH, ended_row
from philae.store.tables.commitments import commitment, commitment_request
from philae.store.tables.deliveries import delivery
from philae.store.tables.instances import instance
from philae.store.tallies import Moves, Tallies

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from philae.pipeline.model import Settlement
    from philae.store.database import Database, Transaction

_AT_ONCE: Final = 500


class _Row(NamedTuple):
    """The row of what is awaited."""

    instance_id: int
    destination_id: int
    since: int


class SqlCommitments(Asking):
    """`philae.pipeline.commitments.Commitments`; one per process, used by all its threads.

    Whoever deletes the row of what is awaited decides what becomes of it; what an archive was answered is durable.
    """

    def __init__(self, database: Database, noticed: Callable[[], Collection[int]] = frozenset) -> None:
        """``noticed``: the destinations whose deliveries are noted for those who are notified."""
        super().__init__(database)
        self._tallies = Tallies(database)
        self._notices = Notices(database, noticed)
        at = [delivery.c[name] == sa.bindparam(f"at_{name}") for name in ("instance_id", "destination_id")]
        self._take = database.prepare(
            sa.delete(commitment).where(
                *(
                    commitment.c[name] == sa.bindparam(f"at_{name}")
                    for name in ("instance_id", "destination_id", "since")
                )
            )
        )
        self._say = database.prepare(
            sa.update(delivery)
            .where(*at)
            .values(detail=sa.func.replace(delivery.c.detail, sa.bindparam("before"), sa.bindparam("after")))
        )
        self._finish = database.prepare(FINISH)
        self._end = database.prepare(END)

    def asked(self, transaction_uid: str) -> Asked | None:
        """None for one that was never begun, or is forgotten."""
        query = sa.select(commitment_request.c.destination_id, commitment_request.c.asked_at)
        with self._database.read() as connection:
            uid = storable(transaction_uid)
            row = connection.execute(query.where(commitment_request.c.transaction_uid == uid)).one_or_none()
        return None if row is None else Asked(uid, row.destination_id, moment(row.asked_at))

    def awaited(self, asked: Asked, sop_instance_uids: Collection[str]) -> Sequence[Awaited]:
        """Also what was asked about again since: a late answer is an answer."""
        was_asked = sa.or_(
            commitment.c.transaction_uid == asked.transaction_uid, commitment.c.since <= microseconds(asked.at)
        )
        query = _AWAITED.where(commitment.c.destination_id == asked.destination_id, was_asked)
        uids = sorted({storable(uid) for uid in sop_instance_uids})
        with self._database.read() as connection:
            return [
                _awaited(row)
                for start in range(0, len(uids), _AT_ONCE)
                for row in connection.execute(
                    query.where(commitment.c.sop_instance_uid.in_(uids[start : start + _AT_ONCE]))
                )
            ]

    def committed(self, awaited: Sequence[Awaited]) -> None:
        """The file may go when nothing else needs it."""
        self._let_go([_row(each) for each in awaited], COMMITTED)

    def refused(self, endings: Sequence[tuple[Awaited, Settlement]]) -> None:
        """Our copy stays; the delivery waits for its lane, or for a person."""
        if not endings:
            return
        wanted, now, moves, ended = self._notices.wanted(), time_ns() // 1000, Moves(), []
        with self._database.write(durable=True) as transaction:
            for each, settlement in sorted(endings, key=lambda ending: _row(ending[0])):
                check_transition(each.state, settlement.state, is_uncommitted=True)
                if self._takes(transaction, _row(each)):
                    ended.append(settlement)
                    moves.note(each.delivery.destination_id, each.state, settlement.state)
            transaction.run(self._end, [ended_row(each, now) for each in ended])
            self._notices.write(transaction, ended, wanted)
            self._tallies.change(transaction, moves)

    def keep(self, destination_ids: Collection[int]) -> int:
        """In steps: lanes and intakes write in between."""
        columns = (commitment.c.instance_id, commitment.c.destination_id, commitment.c.since)
        query = sa.select(*columns).where(commitment.c.destination_id.not_in(destination_ids)).limit(_AT_ONCE)
        let_go = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(query).all()
            if not rows:
                return let_go
            let_go += self._let_go([_Row(*row) for row in rows], NOT_ASKED)

    def _let_go(self, rows: Sequence[_Row], why: str) -> int:
        with self._database.write(durable=True) as transaction:
            gone = [row for row in sorted(rows) if self._takes(transaction, row)]
            words = {"before": AWAITED, "after": why}
            transaction.run(
                self._say,
                [{"at_instance_id": row.instance_id, "at_destination_id": row.destination_id, **words} for row in gone],
            )
            counts = Counter(row.instance_id for row in gone)
            transaction.run(
                self._finish, [{"at_instance": number, "finished": count} for number, count in sorted(counts.items())]
            )
        return len(gone)

    def _takes(self, transaction: Transaction, row: _Row) -> bool:
        return transaction.run(self._take, [{f"at_{name}": value for name, value in row._asdict().items()}]) > 0


_AWAITED: Final = (
    sa.select(
        *COLUMNS,
        delivery.c.config_version,
        delivery.c.attempts,
        delivery.c.state,
        commitment.c.destination_id,
        commitment.c.sop_instance_uid,
        commitment.c.since,
    )
    .select_from(commitment)
    .join(instance, instance.c.id == commitment.c.instance_id)
    .join(
        delivery,
        sa.and_(
            delivery.c.instance_id == commitment.c.instance_id,
            delivery.c.destination_id == commitment.c.destination_id,
        ),
    )
)


def _awaited(row: Sequence[Any]) -> Awaited:
    config_version, attempts, state, destination_id, sop_instance_uid, since = row[len(COLUMNS) :]
    found = Delivery(instance_of(row), destination_id, config_version, attempts)
    return Awaited(found, State(state), sop_instance_uid, moment(since))


def _row(awaited: Awaited) -> _Row:
    return _Row(awaited.delivery.instance.id, awaited.delivery.destination_id, microseconds(awaited.since))

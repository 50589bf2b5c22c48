"""Records how attempts ended."""

from __future__ import annotations

from collections import Counter
from time import time_ns
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from philae.pipeline.outcome import DELIVERED, FINISHED, State, check_transition
from philae.store.album_shares import ShareNotes
from philae.store.commitments import CommitmentNotes
from philae.store.moments import microseconds
from philae.store.rows import storable
from philae.store.tables.deliveries import delivery
from philae.store.tables.instances import spooled
from philae.store.tallies import Moves

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from philae.dicom.identify import Identifiers
    from philae.pipeline.model import Settlement
    from philae.store.database import Database, Transaction
    from philae.store.notices import Notices
    from philae.store.tallies import Tallies

LONGEST_DETAIL: Final = 1024
_ENDED_COLUMNS: Final = (
    "state",
    "worker",
    "attempts",
    "not_before",
    "code",
    "detail",
    "changed_at",
)
_IDENTIFIERS: Final = (
    "sop_instance_uid",
    "study_instance_uid",
    "series_instance_uid",
    "patient_id",
    "accession_number",
)
_SENT_COLUMNS: Final = tuple(f"sent_{name}" for name in _IDENTIFIERS)
END: Final = (
    sa.update(delivery)
    .where(
        delivery.c.instance_id == sa.bindparam("at_instance"),
        delivery.c.destination_id == sa.bindparam("at_destination"),
    )
    .values({name: sa.bindparam(f"new_{name}") for name in (*_ENDED_COLUMNS, *_SENT_COLUMNS)})
)
"""Writes an `ended_row`."""
FINISH: Final = (
    sa.update(spooled)
    .where(spooled.c.instance_id == sa.bindparam("at_instance"))
    .values(unfinished=spooled.c.unfinished - sa.bindparam("finished"))
)
"""So many of an instance's deliveries need its file no longer."""
_AS_THEY_CAME: Final = {f"new_{name}": None for name in _SENT_COLUMNS}


class Settling:
    """What a lane does with the ends of its attempts."""

    def __init__(self, database: Database, tallies: Tallies, notices: Notices) -> None:
        self._database = database
        self._tallies = tallies
        self._notices = notices
        self._shares = ShareNotes(database)
        self._commitments = CommitmentNotes(database)
        self._held = database.prepare(
            sa.select(delivery.c.instance_id)
            .where(
                delivery.c.state == sa.literal_column(str(int(State.SENDING))),
                delivery.c.worker == sa.bindparam("worker"),
                delivery.c.destination_id == sa.bindparam("destination_id"),
                delivery.c.instance_id.between(sa.bindparam("first"), sa.bindparam("last")),
            )
            .with_for_update()
        )
        self._end = database.prepare(END)
        self._finish = database.prepare(FINISH)

    def settle(self, settlements: Sequence[Settlement], worker: str) -> None:
        """Write those that ``worker`` still holds."""
        for each in settlements:
            check_transition(State.SENDING, each.state)
        if not settlements:
            return
        wanted = self._notices.wanted()
        with self._database.write() as transaction:
            held = self._still_held(transaction, settlements, worker)
            ended = [each for each in settlements if _key(each) in held]
            self._write(transaction, ended)
            self._notices.write(transaction, ended, wanted)
            self._shares.write(transaction, ended)
            self._commitments.write(transaction, ended)

    def _still_held(
        self, transaction: Transaction, settlements: Sequence[Settlement], worker: str
    ) -> set[tuple[int, int]]:
        wanted: dict[int, list[int]] = {}
        for each in settlements:
            wanted.setdefault(each.delivery.destination_id, []).append(each.delivery.instance.id)
        return {
            (instance_id, destination_id)
            for destination_id, ids in sorted(wanted.items())
            for (instance_id,) in transaction.rows(
                self._held,
                {"worker": worker, "destination_id": destination_id, "first": min(ids), "last": max(ids)},
            )
        }

    def _write(self, transaction: Transaction, ended: Sequence[Settlement]) -> None:
        now = time_ns() // 1000
        transaction.run(self._end, [ended_row(each, now) for each in ended])
        finished = Counter(each.delivery.instance.id for each in ended if is_done_with(each))
        transaction.run(
            self._finish, [{"at_instance": number, "finished": count} for number, count in sorted(finished.items())]
        )
        moves = Moves()
        for each in ended:
            moves.note(each.delivery.destination_id, State.SENDING, each.state)
        self._tallies.change(transaction, moves)


def is_done_with(each: Settlement) -> bool:
    """Whether nothing needs our copy for this delivery any more."""
    return each.state in FINISHED and (each.uncommitted is None or each.state not in DELIVERED)


def _key(each: Settlement) -> tuple[int, int]:
    return each.delivery.instance.id, each.delivery.destination_id


def ended_row(each: Settlement, now: int) -> Mapping[str, Any]:
    """An attempt counts as failed when it has to wait before the next, or when it was the last."""
    failed = each.not_before is not None or each.state is State.FAILED
    return {
        "at_instance": each.delivery.instance.id,
        "at_destination": each.delivery.destination_id,
        "new_state": int(each.state),
        "new_worker": None,
        "new_attempts": each.delivery.attempts + failed,
        "new_not_before": microseconds(each.not_before) if each.not_before is not None else 0,
        "new_code": storable(each.code) or None,
        "new_detail": storable(each.detail)[:LONGEST_DETAIL],
        "new_changed_at": now,
        **(_AS_THEY_CAME if each.sent is None else _sent(each.sent, each.delivery.instance.identifiers)),
    }


def _sent(sent: Identifiers, original: Identifiers) -> Mapping[str, str | None]:
    """NULL is what an identifier costs that left as it came."""
    changed: dict[str, str | None] = dict(_AS_THEY_CAME)
    for name in _IDENTIFIERS:
        value = getattr(sent, name)
        if value != getattr(original, name):
            changed[f"new_sent_{name}"] = storable(value)
    return changed

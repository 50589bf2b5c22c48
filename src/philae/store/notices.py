"""Notes how deliveries ended where somebody is notified, in the transaction that records it."""

from __future__ import annotations

from collections import Counter
from time import time_ns
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import sqlalchemy as sa

from philae.pipeline.outcome import DELIVERED, WAITING
from philae.store.rows import storable
from philae.store.tables.notifications import notice

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from philae.dicom.identify import Identifiers
    from philae.pipeline.model import Settlement
    from philae.store.database import Database, Transaction

LONGEST_REASON: Final = 400
_NAMES: Final = ("patient_id", "accession_number", "study_instance_uid", "series_instance_uid")
_UNSENT: Final = (None, None, None, None)


class _Alike(NamedTuple):
    """What the deliveries of one notice have in common."""

    destination_id: int
    config_version: int
    state: int
    modality: str
    sop_class_uid: str
    reason: str
    names: tuple[str, ...]
    sent: tuple[str | None, ...]
    description: str
    study_date: str


class Notices:
    """Writes notices about deliveries to the destinations ``wanted``."""

    def __init__(self, database: Database, wanted: Callable[[], Collection[int]]) -> None:
        self.wanted = wanted
        columns = [column.name for column in notice.c if column.name != "id"]
        self._add = database.prepare(sa.insert(notice).values({name: sa.bindparam(name) for name in columns}))

    def write(self, transaction: Transaction, ended: Sequence[Settlement], wanted: Collection[int]) -> None:
        """Note the attempts that ended for good or wait for a person, those that are alike as one."""
        counts: Counter[_Alike] = Counter()
        examples: dict[_Alike, int] = {}
        for each in ended:
            if each.delivery.destination_id in wanted and each.state not in WAITING:
                alike = _alike(each)
                counts[alike] += 1
                examples.setdefault(alike, each.delivery.instance.id)
        now = time_ns() // 1000
        transaction.run(self._add, [_row(alike, count, examples[alike], now) for alike, count in counts.items()])


def _alike(each: Settlement) -> _Alike:
    original, is_delivered = each.delivery.instance.identifiers, each.state in DELIVERED
    reason = "" if is_delivered else f"{each.code}: {each.detail}" if each.code else each.detail
    return _Alike(
        destination_id=each.delivery.destination_id,
        config_version=each.delivery.config_version,
        state=int(each.state),
        modality=storable(original.modality),
        sop_class_uid=storable(original.sop_class_uid),
        reason=storable(reason)[:LONGEST_REASON],
        names=_names(original),
        sent=_names(each.sent or original) if is_delivered else _UNSENT,
        description=storable(each.study.description) if each.study else "",
        study_date=storable(each.study.date) if each.study else "",
    )


def _names(identifiers: Identifiers) -> tuple[str, ...]:
    return tuple(storable(getattr(identifiers, name)) for name in _NAMES)


def _row(alike: _Alike, count: int, example: int, now: int) -> Mapping[str, Any]:
    row = alike._asdict()
    row |= dict(zip(_NAMES, row.pop("names"), strict=True))
    row |= {f"sent_{name}": value for name, value in zip(_NAMES, row.pop("sent"), strict=True)}
    return {**row, "at": now, "instances": count, "instance_id": example}

"""What is remembered of activity grows coarser with age, so that a month of it is drawn quickly."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from philae.admin.activity import HOUR, KEPT, PERIOD, period_of
from philae.store.tables.activity import COUNTS, activity

if TYPE_CHECKING:
    from datetime import datetime

    from philae.store.database import Database

_OF_AN_HOUR: Final = HOUR // PERIOD
_AT_ONCE: Final = 24 * _OF_AN_HOUR
"""Periods that one transaction looks at: others write in between."""


class Ageing:
    """Adds up what ended in an hour once that is past, and forgets the oldest; one per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._after = 0
        """Everything before this period is as it is to be."""
        period, to, shard = activity.primary_key
        within = period >= sa.bindparam("first"), period < sa.bindparam("last")
        is_part = sa.or_(period % sa.literal_column(str(_OF_AN_HOUR)) != 0, shard != 0)
        taken = (
            sa.delete(activity).where(*within, is_part).returning(period, to, *(activity.c[name] for name in COUNTS))
        )
        self._take = database.prepare(taken)
        into = database.upsert(activity)
        added = {name: activity.c[name] + into.excluded[name] for name in COUNTS}
        self._add = database.prepare(into.on_conflict_do_update(index_elements=[period, to, shard], set_=added))
        self._forget = database.prepare(sa.delete(activity).where(period < sa.bindparam("oldest")))

    def age(self, now: datetime) -> None:
        """Once an hour; nothing in between. Raises `LedgerUnavailable`."""
        last = (period_of(now) // _OF_AN_HOUR - 1) * _OF_AN_HOUR  # what ended just now may not have been written yet
        if last <= self._after:
            return
        oldest = period_of(now) - KEPT // PERIOD
        with self._database.write() as transaction:
            transaction.run(self._forget, [{"oldest": oldest}])
        for first in range(max(self._after, oldest) // _OF_AN_HOUR * _OF_AN_HOUR, last, _AT_ONCE):
            self._add_up(first, min(first + _AT_ONCE, last))
        self._after = last

    def _add_up(self, first: int, last: int) -> None:
        """Each row is taken by one process only, however many try."""
        sums: dict[tuple[int, int], Counter[str]] = {}
        with self._database.write() as transaction:
            for period, destination_id, *counts in transaction.rows(self._take, {"first": first, "last": last}):
                hour = period // _OF_AN_HOUR * _OF_AN_HOUR
                sums.setdefault((hour, destination_id), Counter()).update(dict(zip(COUNTS, counts, strict=True)))
            rows = [
                {"period": hour, "destination_id": to, "shard": 0, **row} for (hour, to), row in sorted(sums.items())
            ]
            transaction.run(self._add, rows)

"""How much ended when, in the database: written with the counts, read for charts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from philae.admin.activity import PERIOD, Ended, LastFault, moment_of, period_of
from philae.pipeline.outcome import DELIVERED, State
from philae.store.moments import moment
from philae.store.tables.activity import COUNTS, activity
from philae.store.tables.deliveries import ENDED, delivery

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import timedelta

    from philae.store.database import Database, Transaction

_SUMS: Final = tuple(sa.cast(sa.func.sum(activity.c[name]), sa.BigInteger()) for name in COUNTS)
_COUNTED_AS: Final = {
    **{state.name.lower(): "delivered" for state in DELIVERED},
    State.EXCLUDED.name.lower(): "excluded",
    State.HELD.name.lower(): "stopped",
    State.FAILED.name.lower(): "stopped",
}
_STOPPED: Final = (State.HELD, State.FAILED)


class Noting:
    """Adds what ended to the period under way, inside the transaction that changes the rows."""

    def __init__(self, database: Database, shard: int) -> None:
        self._shard = shard
        into = database.upsert(activity)
        self._add = database.prepare(
            into.on_conflict_do_update(
                index_elements=[activity.c.period, activity.c.destination_id, activity.c.shard],
                set_={name: activity.c[name] + into.excluded[name] for name in COUNTS},
            )
        )

    def note(self, transaction: Transaction, changes: Mapping[tuple[int, str], int]) -> None:
        """Take what came to an end from changes of the tallies."""
        ended: dict[int, dict[str, int]] = {}
        for (destination_id, name), count in sorted(changes.items()):
            counted_as = _COUNTED_AS.get(name)
            if counted_as is not None and count > 0:
                ended.setdefault(destination_id, dict.fromkeys(COUNTS, 0))[counted_as] += count
        if not ended:
            return
        period = period_of(datetime.now(UTC))
        rows = [{"period": period, "destination_id": to, "shard": self._shard, **row} for to, row in ended.items()]
        transaction.run(self._add, rows)


class SqlActivityBook:
    """`philae.admin.activity.ActivityBook`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        stretch = activity.c.period // sa.bindparam("width", type_=sa.Integer())
        self._since = database.prepare(
            sa.select(activity.c.destination_id, stretch, *_SUMS)
            .where(activity.c.period >= sa.bindparam("first"))
            .group_by(sa.literal_column("1"), sa.literal_column("2"))
        )
        self._newest = {state: database.prepare(_newest(state)) for state in _STOPPED}

    def since(self, begin: datetime, step: timedelta) -> Sequence[Ended]:
        width = step // PERIOD
        with self._database.look() as looking:
            rows = looking.rows(self._since, {"first": period_of(begin) // width * width, "width": width})
        return [Ended(to, moment_of(stretch * width), *counts) for to, stretch, *counts in rows]

    def together(self, begin: datetime, destinations: Collection[int]) -> Sequence[Ended]:
        """In the order of the primary key, so that nothing has to be sorted."""
        if not destinations:
            return []
        meant = activity.c.destination_id.in_([sa.literal_column(str(int(number))) for number in destinations])
        found = sa.select(activity.c.period, *_SUMS).where(activity.c.period >= sa.bindparam("first"), meant)
        statement = self._database.prepare(found.group_by(activity.c.period))
        with self._database.look() as looking:
            rows = looking.rows(statement, {"first": period_of(begin)})
        return [Ended(0, moment_of(period), *counts) for period, *counts in rows]

    def last_faults(self, destinations: Collection[int]) -> Mapping[int, LastFault]:
        found = {}
        with self._database.look() as looking:
            for destination_id in destinations:
                at = {"at_destination": destination_id}
                rows = [row for state in _STOPPED for row in looking.rows(self._newest[state], at)]
                if rows:
                    instance_id, changed_at, code = max(rows)
                    found[destination_id] = LastFault(instance_id, moment(changed_at), code or "")
        return found


def _newest(state: State) -> sa.Select[tuple[int, int, str]]:
    """Only with a range of its last column SQLite goes to the end of the index, rather than through all that ended."""
    any_instance = delivery.c.instance_id.between(sa.literal_column("0"), sa.literal_column(str((1 << 63) - 1)))
    there = delivery.c.destination_id == sa.bindparam("at_destination")
    is_stopped = delivery.c.state == sa.literal_column(str(int(state)))
    facts = sa.select(delivery.c.instance_id, delivery.c.changed_at, delivery.c.code)
    return facts.where(there, is_stopped, any_instance, ENDED).order_by(delivery.c.instance_id.desc()).limit(1)

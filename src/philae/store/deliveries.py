"""Deliveries as people look them up: by dates, identifiers, state and place, newest first."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from philae.admin.deliveries import Facts, Key
from philae.pipeline.outcome import State
from philae.store.finding import IDENTIFIERS, Shape, select_count, select_facts, select_one
from philae.store.instance_ids import first_id_at
from philae.store.moments import microseconds, moment
from philae.store.rows import storable, uid_key
from philae.store.tables.configuration import destination
from philae.store.tables.deliveries import tally
from philae.store.tables.instances import accepted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime

    from philae.admin.deliveries import Row, Wanted
    from philae.store.database import Database, Statement

_NEWEST: Final = Key((1 << 63) - 1, 0)
_STATES: Final = tuple(State)
_KEY: Final = itemgetter(0, 1)
_STATEMENTS_LIMIT: Final = 256


class SqlDeliveryBook:
    """`philae.admin.deliveries.Deliveries` for SQLite and PostgreSQL: a page is one statement, one moment's truth."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._prepared: dict[tuple[Callable[..., Any], Shape], Statement] = {}
        self._one = database.prepare(select_one())
        self._destinations = database.prepare(sa.select(destination.c.id, destination.c.node, destination.c.name))
        self._nodes = database.prepare(sa.select(accepted.c.node).distinct())
        counts = [sa.func.sum(tally.c[state.name.lower()]) for state in State]
        self._counts = database.prepare(sa.select(tally.c.destination_id, *counts).group_by(tally.c.destination_id))

    def page(self, wanted: Wanted, after: Key | None, limit: int) -> Sequence[Facts]:
        """Newest first. Raises `LedgerUnavailable`."""
        return [_facts(row) for row in self.rows(wanted, after, limit)]

    def rows(self, wanted: Wanted, after: Key | None, limit: int) -> Sequence[Row]:
        """The same as they are stored. Raises `LedgerUnavailable`."""
        return sorted(self._rows(select_facts, wanted, after, limit), key=_KEY, reverse=True)

    def count(self, wanted: Wanted, at_most: int) -> int:
        """How many, up to ``at_most``. Raises `LedgerUnavailable`."""
        rows = self._rows(select_count, wanted, None, at_most)
        return int(rows[0][0]) if rows else 0

    def one(self, key: Key) -> Facts | None:
        """One delivery. Raises `LedgerUnavailable`."""
        with self._database.look() as looking:
            rows = looking.rows(self._one, {"at_instance": key.instance_id, "at_destination": key.destination_id})
        return _facts(rows[0]) if rows else None

    def _rows(
        self, select: Callable[[Shape], sa.Select[Any]], wanted: Wanted, after: Key | None, limit: int
    ) -> Sequence[Any]:
        with self._database.look() as looking:
            search = _Search(wanted, after, limit, on_sqlite=self._database.is_sqlite)
            if not search.is_possible(looking.rows(self._destinations, {})):
                return []
            if search.needs_keys:
                search.look_at([node for (node,) in looking.rows(self._nodes, {})])
            elif search.needs_runs:
                search.run_through(looking.rows(self._counts, {}))
                if not search.runs:
                    return []
            return looking.rows(self._statement(select, search.shape()), search.values)

    def _statement(self, select: Callable[[Shape], sa.Select[Any]], shape: Shape) -> Statement:
        found = self._prepared.get((select, shape))
        if found is None:
            if len(self._prepared) >= _STATEMENTS_LIMIT:
                self._prepared.clear()
            found = self._prepared[select, shape] = self._database.prepare(select(shape))
        return found


class _Search:
    """What somebody asks, in the database's terms."""

    def __init__(self, wanted: Wanted, after: Key | None, limit: int, *, on_sqlite: bool) -> None:
        self._wanted = wanted
        self._on_sqlite = on_sqlite
        self._identifiers = tuple(name for name in IDENTIFIERS if getattr(wanted, name))
        self._destinations: tuple[int, ...] = ()
        self.runs: tuple[tuple[int, int], ...] = ()
        """The pairs of destination and state that it is led by."""
        self._keys = 0
        last = min(after or _NEWEST, Key(_bound(wanted.until), 0) if wanted.until else _NEWEST)
        self.values: dict[str, Any] = {
            "first": _bound(wanted.since) if wanted.since else 0,
            "last": last.instance_id,
            "last_destination": last.destination_id,
            "most": limit,
            **{name: storable(getattr(wanted, name)) for name in self._identifiers},
            **({"code": wanted.code} if wanted.code else {}),
        }

    @property
    def needs_keys(self) -> bool:
        """Whether a SOP Instance UID leads the search."""
        return "sop_instance_uid" in self._identifiers

    @property
    def needs_runs(self) -> bool:
        """Whether the search is led by where deliveries stand."""
        return not self._identifiers and bool(self._wanted.states or self._destinations)

    def is_possible(self, destinations: Sequence[tuple[int, str, str]]) -> bool:
        """Take in which destinations are meant; False if there are none."""
        node, name = self._wanted.node, self._wanted.destination
        if not node and not name:
            return True
        self._destinations = tuple(
            sorted(
                number
                for number, its_node, its_name in destinations
                if node in ("", its_node) and name in ("", its_name)
            )
        )
        return bool(self._destinations)

    def look_at(self, nodes: Sequence[str]) -> None:
        """Take in where a SOP Instance UID may have arrived."""
        keys = [uid_key(node, self.values["sop_instance_uid"]) for node in nodes]
        self._keys = len(keys)
        self.values |= {f"key_{number}": key for number, key in enumerate(keys)}

    def run_through(self, counts: Sequence[Sequence[int]]) -> None:
        """Take in which destinations had anything in which states."""
        states = self._wanted.states or frozenset(State)
        self.runs = tuple(
            (destination_id, int(state))
            for destination_id, *numbers in counts
            for state in sorted(states)
            if numbers[state] and (not self._destinations or destination_id in self._destinations)
        )

    def shape(self) -> Shape:
        """What its statement depends on."""
        return Shape(
            self._identifiers,
            self._keys,
            tuple(sorted(map(int, self._wanted.states))),
            self._destinations,
            self.runs,
            has_code=bool(self._wanted.code),
            on_sqlite=self._on_sqlite,
        )


def _bound(at: datetime) -> int:
    return max(0, first_id_at(microseconds(at)))


def _facts(row: Sequence[Any]) -> Facts:
    number, to, received_at, changed_at, not_before, attempts, size, version, state, *texts = row
    return Facts(
        number,
        to,
        moment(received_at),
        moment(changed_at),
        moment(not_before) if not_before else None,
        attempts,
        size,
        version,
        _STATES[state],
        *texts,
    )

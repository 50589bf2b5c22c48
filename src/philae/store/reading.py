"""Where everything stands, for people: read from the counts, whether the gateway runs or not."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from philae.admin.status import Place
from philae.pipeline.outcome import State
from philae.store.album_shares import read_unshared
from philae.store.claiming import oldest_queued
from philae.store.commitments import read_uncommitted
from philae.store.contacts import read_troubles
from philae.store.moments import moment
from philae.store.tables.configuration import destination
from philae.store.tables.deliveries import delivery, tally
from philae.store.tables.instances import SLOTS, accepted, instance

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from philae.pipeline.album_shares import Unshared
    from philae.pipeline.circuit import Trouble
    from philae.pipeline.commitments import Uncommitted
    from philae.store.database import Database


@dataclass(frozen=True, slots=True)
class LedgerCounts:
    """How many instances were accepted and where their deliveries stand (`philae.pipeline.ports.Counts`)."""

    by_node: Mapping[str, int]
    """Instances accepted per forward node."""
    opened_by_destination: Mapping[int, int]
    by_destination: Mapping[int, Mapping[State, int]]

    @property
    def accepted(self) -> int:
        """Instances ever accepted."""
        return sum(self.by_node.values())

    @property
    def opened(self) -> int:
        """Deliveries ever opened, counted on their own."""
        return sum(self.opened_by_destination.values())

    def in_state(self, *states: State) -> int:
        """Deliveries in one of these states."""
        return sum(counts[state] for counts in self.by_destination.values() for state in states)


@dataclass(frozen=True, slots=True)
class DestinationStanding:
    """Where the deliveries to one destination stand; it may no longer be configured."""

    id: int
    name: str
    opened: int
    by_state: Mapping[State, int]
    oldest_waiting: datetime | None
    """When the instance that has waited longest was accepted."""
    waits_because: str = ""
    """The status by which the receiver put that one off."""
    trouble: Trouble | None = None
    """Why the destination cannot be reached now."""
    unshared: tuple[Unshared, ...] = ()
    """Series that have arrived and wait for an album."""
    uncommitted: Uncommitted | None = None
    """Instances that have arrived and that the receiver has not committed itself to keep."""


@dataclass(frozen=True, slots=True)
class NodeStanding:
    """What one forward node has accepted, and its destinations."""

    ae_title: str
    accepted: int
    destinations: tuple[DestinationStanding, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """The accounting identity, in all and for each forward node and destination."""

    counts: LedgerCounts
    nodes: tuple[NodeStanding, ...]

    def places(self) -> Iterator[Place]:
        """Every destination there ever was, as people see it."""
        for node in self.nodes:
            for each in node.destinations:
                waiting = each.oldest_waiting, each.waits_because, each.trouble, each.unshared, each.uncommitted
                yield Place(each.id, node.ae_title, each.name, *waiting)


def read_standing(database: Database) -> Standing:
    """Everything that ``philae status`` shows. Raises `LedgerUnavailable`."""
    with database.read() as connection:
        counts = read_counts(connection)
        oldest, troubles = _oldest_waiting(connection, counts), read_troubles(connection)
        unshared, uncommitted = read_unshared(connection), read_uncommitted(connection)
        destinations: dict[str, list[DestinationStanding]] = defaultdict(list)
        for number, node, name in connection.execute(sa.select(destination).order_by(destination.c.id)):
            by_state = counts.by_destination.get(number, dict.fromkeys(State, 0))
            opened = counts.opened_by_destination.get(number, 0)
            waiting_since, because = oldest.get(number, (None, ""))
            why = waiting_since, because, troubles.get(number), unshared.get(number, ()), uncommitted.get(number)
            destinations[node].append(DestinationStanding(number, name, opened, by_state, *why))
    nodes = sorted(counts.by_node.keys() | destinations.keys())
    return Standing(
        counts, tuple(NodeStanding(node, counts.by_node.get(node, 0), tuple(destinations[node])) for node in nodes)
    )


def read_counts(connection: Connection) -> LedgerCounts:
    """The sums over all shards."""
    by_node = sa.select(accepted.c.node, _sum(accepted.c.instances)).group_by(accepted.c.node)
    by_state = [_sum(tally.c[state.name.lower()]) for state in State]
    by_destination = sa.select(tally.c.destination_id, _sum(tally.c.opened), *by_state).group_by(tally.c.destination_id)
    rows = connection.execute(by_destination).all()
    return LedgerCounts(
        by_node={node: int(count) for node, count in connection.execute(by_node)},
        opened_by_destination={row[0]: int(row[1]) for row in rows},
        by_destination={row[0]: {state: int(row[2 + state]) for state in State} for row in rows},
    )


def recount(database: Database) -> LedgerCounts:
    """The same counts from the rows themselves, as long as none was forgotten: slow, to prove that those are right."""
    by_destination: dict[int, dict[State, int]] = {}
    with database.read() as connection:
        in_states = sa.select(delivery.c.destination_id, delivery.c.state, sa.func.count()).group_by(
            delivery.c.destination_id, delivery.c.state
        )
        for destination_id, state, count in connection.execute(in_states):
            by_destination.setdefault(destination_id, dict.fromkeys(State, 0))[State(state)] = count
        by_node = connection.execute(sa.select(instance.c.node, sa.func.count()).group_by(instance.c.node))
        return LedgerCounts(
            by_node=dict(by_node.all()),
            opened_by_destination={key: sum(counts.values()) for key, counts in by_destination.items()},
            by_destination=by_destination,
        )


def _oldest_waiting(connection: Connection, counts: LedgerCounts) -> dict[int, tuple[datetime, str]]:
    """Per destination with anything waiting, when its oldest instance was accepted, and by what it was put off."""
    is_sending = delivery.c.state == sa.literal_column(str(int(State.SENDING)))
    sending = connection.execute(
        sa.select(delivery.c.destination_id, sa.func.min(delivery.c.instance_id))
        .where(is_sending, delivery.c.worker > sa.literal_column("''"))
        .group_by(delivery.c.destination_id)
    )
    oldest = dict(sending.all())
    for destination_id, by_state in counts.by_destination.items():
        if by_state[State.QUEUED]:
            first = {"destination_id": destination_id, "most": 1}
            queued = connection.scalar(_first_queued(connection.dialect.name == "sqlite"), first)
            oldest[destination_id] = min(filter(None, (queued, oldest.get(destination_id))), default=0)
    put_off = sa.case((delivery.c.not_before > 0, sa.func.coalesce(delivery.c.code, "")), else_="")
    found = sa.select(delivery.c.destination_id, delivery.c.instance_id, instance.c.received_at, put_off)
    joined = found.join(instance, instance.c.id == delivery.c.instance_id)
    rows = connection.execute(joined.where(delivery.c.instance_id.in_(oldest.values())))
    return {to: (moment(at), code) for to, number, at, code in rows if oldest.get(to) == number}


@cache
def _first_queued(is_sqlite: bool) -> sa.Select[Any] | sa.CompoundSelect[Any]:  # noqa: FBT001 - what it is cached by
    return oldest_queued(range(SLOTS), is_sqlite=is_sqlite)


def _sum(column: sa.ColumnElement[int]) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(column), sa.literal_column("0"))

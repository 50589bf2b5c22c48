"""How everything goes at one moment: what the first page shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from philae.admin.activity import DAY, PERIOD, Ended, LastFault, beginning, per_minute
from philae.pipeline.outcome import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from philae.admin.activity import ActivityBook
    from philae.admin.notifications.alarms import Alarm
    from philae.admin.status import DestinationStatus, GatewayStatus, NodeStatus

_RATE_STEP: Final = timedelta(seconds=10)
"""A rate that only time changes is told anew so often."""


@dataclass(frozen=True, slots=True)
class Flow:
    """What goes to a destination, or to all of a forward node."""

    rate: float
    """Delivered a minute."""
    day: tuple[Ended, ...]
    """The last 24 hours, an entry an hour."""
    last_fault: LastFault | None = None


@dataclass(frozen=True, slots=True)
class Overview:
    """Where everything stands and how it goes. Two that say the same are equal."""

    status: GatewayStatus
    alarms: Sequence[Alarm]
    flows: Mapping[int, Flow]
    """By destination."""
    by_node: Mapping[str, Flow]

    def flow_of(self, destination: DestinationStatus) -> Flow | None:
        """None for one that the ledger does not know yet."""
        return self.flows.get(destination.place.id) if destination.place else None


def overview(status: GatewayStatus, alarms: Sequence[Alarm], book: ActivityBook, now: datetime) -> Overview:
    """Raises `LedgerUnavailable`."""
    hours = _by_destination(book.since(DAY.begin(now), DAY.step))
    periods = _by_destination(book.since(beginning(now, PERIOD) - PERIOD, PERIOD))
    faults = book.last_faults([number for number, each in _known(status) if _needs_a_person(each)])
    at = beginning(now, _RATE_STEP) + _RATE_STEP

    def flow(numbers: Iterable[int], fault: LastFault | None = None) -> Flow:
        day = [each for number in numbers for each in hours[number]]
        latest = [each for number in numbers for each in periods[number]]
        return Flow(per_minute(latest, at), DAY.series(day, now), fault)

    return Overview(
        status,
        tuple(alarms),
        {number: flow([number], faults.get(number)) for number, _ in _known(status)},
        {node.ae_title: flow([number for number, _ in _places(node)]) for node in status.nodes},
    )


def _by_destination(ended: Iterable[Ended]) -> Mapping[int, list[Ended]]:
    found: defaultdict[int, list[Ended]] = defaultdict(list)
    for each in ended:
        found[each.destination_id].append(each)
    return found


def _known(status: GatewayStatus) -> Iterator[tuple[int, DestinationStatus]]:
    return (pair for node in status.nodes for pair in _places(node))


def _places(node: NodeStatus) -> Iterator[tuple[int, DestinationStatus]]:
    return ((each.place.id, each) for each in node.destinations if each.place is not None)


def _needs_a_person(destination: DestinationStatus) -> bool:
    return any(destination.tally.by_state.get(state) for state in (State.HELD, State.FAILED))

"""The accounting identity: every delivery ever opened, by where it stands."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from philae.pipeline.outcome import DELIVERED, WAITING, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from philae.config.configuration import Configuration
    from philae.config.forward_node import ForwardNode
    from philae.pipeline.album_shares import Unshared
    from philae.pipeline.circuit import Trouble
    from philae.pipeline.commitments import Uncommitted
    from philae.pipeline.ports import Counts

ENDS = (
    State.SENT,
    State.ALREADY_PRESENT,
    State.SIMULATED,
    State.EXCLUDED,
    State.HELD,
    State.FAILED,
)


@dataclass(frozen=True, slots=True)
class Tally:
    """Deliveries and where they stand."""

    opened: int
    by_state: Mapping[State, int]

    @property
    def waiting(self) -> int:
        """Queued or being sent."""
        return sum(self.by_state.get(state, 0) for state in WAITING)

    @property
    def balanced(self) -> bool:
        """Whether each delivery opened is in exactly one state."""
        return self.opened == sum(self.by_state.values())

    def as_words(self) -> dict[str, int]:
        """``opened``, one entry an end, ``waiting``."""
        ends = {state.name.lower(): self.by_state.get(state, 0) for state in ENDS}
        return {"opened": self.opened, **ends, "waiting": self.waiting}


@dataclass(frozen=True, slots=True)
class Place:
    """What the ledger knows of a destination, configured or not."""

    id: int
    node: str
    name: str
    oldest_waiting: datetime | None = None
    """When the instance that has waited longest was accepted."""
    waits_because: str = ""
    """The status by which the receiver put that one off."""
    trouble: Trouble | None = None
    """Why the destination cannot be reached now."""
    unshared: tuple[Unshared, ...] = ()
    """Series that have arrived and wait for an album."""
    uncommitted: Uncommitted | None = None
    """Instances that have arrived and that the receiver has not committed itself to keep, where it is asked to."""


@dataclass(frozen=True, slots=True)
class DestinationStatus:
    """One destination of a forward node; one that was removed has no kind."""

    name: str
    kind: str
    enabled: bool
    tally: Tally
    place: Place | None = None
    closed_until: datetime | None = None
    """When its next delivery window opens, if none is open."""
    paused: bool = False
    """Whether somebody keeps what arrives for it waiting."""

    @property
    def removed(self) -> bool:
        """Whether it is configured no longer."""
        return not self.kind

    def as_document(self) -> dict[str, object]:
        """What it is and where its deliveries stand."""
        document = {"name": self.name, "kind": self.kind, "enabled": self.enabled, "deliveries": self.tally.as_words()}
        if self.closed_until is not None:
            document["closed_until"] = self.closed_until.isoformat()
        if self.paused:
            document["paused"] = True
        return document if self.place is None else {**document, "removed": self.removed, **_waiting(self.place)}


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One forward node."""

    ae_title: str
    destinations: tuple[DestinationStatus, ...]

    def total(self, word: str) -> int:
        """Over all destinations; ``sent`` is whatever was delivered, and the other words those of `Tally.as_words`."""
        words = [each.tally.as_words() for each in self.destinations]
        names = [state.name.lower() for state in DELIVERED] if word == "sent" else [word]
        return sum(each[name] for each in words for name in names)


@dataclass(frozen=True, slots=True)
class GatewayStatus:
    """The whole gateway."""

    accepted: int
    deliveries: Tally
    nodes: tuple[NodeStatus, ...]

    def as_document(self) -> dict[str, object]:
        """The shape that ``philae status --json`` prints."""
        return {
            "instances": {"accepted": self.accepted},
            "deliveries": self.deliveries.as_words(),
            "nodes": [
                {
                    "ae_title": node.ae_title,
                    "destinations": [each.as_document() for each in node.destinations],
                }
                for node in self.nodes
            ],
        }


def gateway_status(counts: Counts, configuration: Configuration, places: Iterable[Place] = ()) -> GatewayStatus:
    """What ``counts`` say, by the forward nodes and destinations of ``configuration``.

    With ``places`` also since when and why something waits, and what became of destinations that were removed.
    """
    totals = dict.fromkeys(State, 0)
    for states in counts.by_destination.values():
        for state, number in states.items():
            totals[state] += number
    known = {each.id: each for each in places}
    now = datetime.now(UTC)
    nodes = {node.ae_title: _configured(node, counts, known, now) for node in configuration.forward_nodes}
    for place in known.values():
        states = counts.by_destination.get(place.id, {})
        if configuration.destination(place.id) is None and any(states.values()):
            removed = DestinationStatus(place.name, "", enabled=False, tally=_tally(states), place=place)
            nodes.setdefault(place.node, []).append(removed)
    return GatewayStatus(
        accepted=counts.accepted,
        deliveries=Tally(counts.opened, totals),
        nodes=tuple(NodeStatus(ae_title, tuple(destinations)) for ae_title, destinations in nodes.items()),
    )


def _configured(
    node: ForwardNode, counts: Counts, known: Mapping[int, Place], now: datetime
) -> list[DestinationStatus]:
    return [
        DestinationStatus(
            each.name,
            each.settings.kind,
            each.enabled,
            _tally(counts.by_destination.get(each.id, {})),
            known.get(each.id),
            each.hours.closed_until(now),
            each.enabled and not node.sends_to(each),
        )
        for each in node.destinations
    ]


def _waiting(place: Place) -> dict[str, object]:
    trouble = place.trouble
    return {
        "oldest_waiting": place.oldest_waiting.isoformat() if place.oldest_waiting else None,
        "waits_because": place.waits_because,
        "unreachable": {
            "reason": trouble.reason,
            "since": trouble.since.isoformat(),
            "tried_at": trouble.tried_at.isoformat(),
        }
        if trouble
        else None,
        **({"albums": [asdict(each) for each in place.unshared]} if place.unshared else {}),
        **({"storage_commitment": _awaited(place.uncommitted)} if place.uncommitted else {}),
    }


def _awaited(found: Uncommitted) -> dict[str, object]:
    return {**asdict(found), "since": found.since.isoformat()}


def _tally(states: Mapping[State, int]) -> Tally:
    return Tally(sum(states.values()), states)

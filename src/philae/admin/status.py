"""The accounting identity: every delivery ever opened, by where it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from philae.pipeline.outcome import WAITING, State

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.config.model import Configuration
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
class DestinationStatus:
    """One destination of a forward node."""

    name: str
    kind: str
    enabled: bool
    tally: Tally


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """One forward node."""

    ae_title: str
    destinations: tuple[DestinationStatus, ...]


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
                    "destinations": [
                        {
                            "name": each.name,
                            "kind": each.kind,
                            "enabled": each.enabled,
                            "deliveries": each.tally.as_words(),
                        }
                        for each in node.destinations
                    ],
                }
                for node in self.nodes
            ],
        }


def gateway_status(counts: Counts, configuration: Configuration) -> GatewayStatus:
    """What ``counts`` say, by the forward nodes and destinations of ``configuration``."""
    totals = dict.fromkeys(State, 0)
    for states in counts.by_destination.values():
        for state, number in states.items():
            totals[state] += number
    return GatewayStatus(
        accepted=counts.accepted,
        deliveries=Tally(counts.opened, totals),
        nodes=tuple(
            NodeStatus(
                node.ae_title,
                tuple(
                    DestinationStatus(
                        each.name, each.settings.kind, each.enabled, _tally(counts.by_destination.get(each.id, {}))
                    )
                    for each in node.destinations
                ),
            )
            for node in configuration.forward_nodes
        ),
    )


def _tally(states: Mapping[State, int]) -> Tally:
    return Tally(sum(states.values()), states)

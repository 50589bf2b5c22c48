"""Where everything of a forward node's routes stands in their drawing: sources, the node, destinations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.admin.status import DestinationStatus
    from philae.config.destination import Destination
    from philae.config.forward_node import ForwardNode

WIDTH: Final = 900
BOX_WIDTH: Final = 250
BOX_HEIGHT: Final = 52
_GAP: Final = 14
_MIDDLE: Final = (WIDTH - BOX_WIDTH) / 2
_RIGHT: Final = WIDTH - BOX_WIDTH - 2
_LEFT: Final = 2


@dataclass(frozen=True, slots=True)
class Condition:
    """How a destination is: a state that has a colour, and how many deliveries make it so."""

    state: str
    count: int = 0


@dataclass(frozen=True, slots=True)
class Box:
    """A box by its top left corner, and the line that joins it to the node."""

    x: float
    y: float
    line: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """The boxes, in the order of the node's sources and destinations; one source stands for anyone."""

    height: float
    hub: Box
    sources: tuple[Box, ...]
    destinations: tuple[Box, ...]


def drawing(node: ForwardNode) -> Drawing:
    """Made to be scaled: nothing in it depends on how large it is shown."""
    rows = max(1, len(node.sources), len(node.destinations))
    height = rows * (BOX_HEIGHT + _GAP) - _GAP + 4
    hub = Box(_MIDDLE, (height - BOX_HEIGHT) / 2, "")
    return Drawing(
        height,
        hub,
        _column(_LEFT, max(1, len(node.sources)), hub, height),
        _column(_RIGHT, len(node.destinations), hub, height),
    )


def condition_of(node: ForwardNode, destination: Destination, known: Mapping[str, DestinationStatus]) -> Condition:
    """What people have to know first: that nobody sends, that it is out of reach, that something is held or waits."""
    status = known.get(destination.name)
    if not destination.enabled:
        return Condition("disabled")
    if destination.paused or node.paused:
        return Condition("paused", status.tally.waiting if status else 0)
    if status is None:
        return Condition("idle")
    if status.place is not None and status.place.trouble is not None:
        return Condition("unreachable", status.tally.waiting)
    words = status.tally.as_words()
    state = next((state for state in ("failed", "held", "waiting", "sent") if words.get(state)), "idle")
    return Condition(state, words.get(state, 0))


def _column(x: float, count: int, hub: Box, height: float) -> tuple[Box, ...]:
    top = (height - count * (BOX_HEIGHT + _GAP) + _GAP) / 2
    return tuple(_box(x, top + row * (BOX_HEIGHT + _GAP), hub) for row in range(count))


def _box(x: float, y: float, hub: Box) -> Box:
    """Its line is a curve that leaves and arrives level."""
    is_left = x < hub.x
    begin, end = (x + BOX_WIDTH, hub.x) if is_left else (hub.x + BOX_WIDTH, x)
    own, middle = y + BOX_HEIGHT / 2, hub.y + BOX_HEIGHT / 2
    first, last = (own, middle) if is_left else (middle, own)
    bend = (begin + end) / 2
    return Box(x, y, f"M{begin:g} {first:g}C{bend:g} {first:g} {bend:g} {last:g} {end:g} {last:g}")

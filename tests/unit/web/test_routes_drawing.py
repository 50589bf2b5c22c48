"""The drawing of a node's routes."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from philae.admin.status import DestinationStatus, Tally
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode, Source
from philae.destinations.folder import FolderSettings
from philae.pipeline.outcome import State
from philae.web.routes_drawing import BOX_HEIGHT, BOX_WIDTH, WIDTH, Condition, condition_of, drawing


def node(sources: int = 0, destinations: int = 0, **more: Any) -> ForwardNode:
    return ForwardNode(
        ae_title="PHILAE",
        sources=tuple(Source(ae_title=f"S{number}") for number in range(sources)),
        destinations=tuple(place(f"d{number}") for number in range(destinations)),
        **more,
    )


def place(name: str = "d0", **more: Any) -> Destination:
    return Destination(name=name, settings=FolderSettings(path=Path("/out")), **more)


@pytest.mark.parametrize("sources,destinations", [(0, 0), (1, 5), (7, 1), (3, 3)])
def test_everything_lies_inside_and_nothing_on_another(sources: int, destinations: int) -> None:
    found = drawing(node(sources, destinations))

    boxes = (found.hub, *found.sources, *found.destinations)
    assert (len(found.sources), len(found.destinations)) == (max(1, sources), destinations)
    assert all(0 <= box.x <= WIDTH - BOX_WIDTH and 0 <= box.y <= found.height - BOX_HEIGHT for box in boxes)
    for column in (found.sources, found.destinations):
        assert all(low.y - high.y >= BOX_HEIGHT for high, low in pairwise(column))


@pytest.mark.parametrize(
    "states,condition",
    [
        ({}, Condition("idle")),
        ({State.SENT: 5}, Condition("sent", 5)),
        ({State.SENT: 5, State.QUEUED: 2, State.SENDING: 1}, Condition("waiting", 3)),
        ({State.SENT: 5, State.QUEUED: 2, State.HELD: 4}, Condition("held", 4)),
        ({State.HELD: 4, State.FAILED: 1}, Condition("failed", 1)),
    ],
)
def test_what_people_have_to_know_first_is_what_is_shown(states: dict[State, int], condition: Condition) -> None:
    status = DestinationStatus("d0", "folder", enabled=True, tally=Tally(sum(states.values()), states))

    assert condition_of(node(), place(), {"d0": status}) == condition


def test_who_does_not_send_says_so_whatever_there_is_to_send() -> None:
    known = {"d0": DestinationStatus("d0", "folder", enabled=True, tally=Tally(3, {State.QUEUED: 3}))}

    assert condition_of(node(), place(enabled=False), known).state == "disabled"
    assert condition_of(node(), place(paused=True), known) == Condition("paused", 3)
    assert condition_of(node(paused=True), place(), known) == Condition("paused", 3)
    assert condition_of(node(), place(), {}) == Condition("idle")

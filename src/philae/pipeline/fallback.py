"""When a destination's fallback gets what the destination itself does not take (ADR 10)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from philae.pipeline.outcome import State

if TYPE_CHECKING:
    from datetime import datetime

    from philae.config.configuration import Configuration
    from philae.pipeline.circuit import Trouble
    from philae.pipeline.ports import Fallbacks

AT_ONCE: Final = 512
STEPS: Final = 8
"""A long queue is handed over in several turns: lanes and intakes write in between."""


def fall_back(
    destination_id: int,
    trouble: Trouble | None,
    configuration: Configuration,
    fallbacks: Fallbacks,
    now: datetime,
) -> int:
    """Open deliveries to the fallback of a destination, if it has one and needs it; how many."""
    found = configuration.destination(destination_id)
    node, destination = found if found is not None else (None, None)
    if node is None or destination is None or destination.fallback is None:
        return 0
    fallback = next((each for each in node.destinations if each.name == destination.fallback), None)
    if fallback is None or not fallback.enabled:
        return 0
    states = {State.FAILED}
    if _is_away(trouble, destination.fallback_after_s, now):
        states.add(State.QUEUED)
    opened = 0
    for _ in range(STEPS):
        count = fallbacks.open(destination.id, fallback.id, configuration.version, states, AT_ONCE)
        opened += count
        if count < AT_ONCE:
            break
    return opened


def _is_away(trouble: Trouble | None, patience_s: float | None, now: datetime) -> bool:
    return trouble is not None and patience_s is not None and now - trouble.since >= timedelta(seconds=patience_s)

"""What waits for a destination that is closed keeps nobody waiting."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from philae.admin.notifications.alarms import DestinationHealth
    from philae.config.configuration import Configuration


def since_opening(health: DestinationHealth, configuration: Configuration, now: datetime) -> DestinationHealth:
    """``health`` in which an instance waits only from when its destination's delivery window opened."""
    found = configuration.destination(health.id)
    if found is None or health.oldest_waiting is None:
        return health
    since = found[1].hours.open_since(now)
    return replace(health, oldest_waiting=max(since, health.oldest_waiting) if since is not None else None)

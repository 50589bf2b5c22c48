"""How long a lane has to wait for its destination's next delivery window."""

from __future__ import annotations

from datetime import UTC, datetime
from time import time
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from philae.config.windows import Hours

_REMEMBERED_S: Final = 1.0


class ClosedFor:
    """Asks the windows at most once a second, so that a lane may ask before each instance."""

    def __init__(self, hours: Hours) -> None:
        self._hours = hours
        self._looked_at = 0.0
        self._opens_at = 0.0

    def __call__(self) -> float:
        """Seconds until the destination may be sent to; 0 while it may."""
        if not self._hours.windows:
            return 0.0
        now = time()
        if not self._looked_at <= now < self._looked_at + _REMEMBERED_S:
            self._looked_at = now
            until = self._hours.closed_until(datetime.fromtimestamp(now, UTC))
            self._opens_at = until.timestamp() if until is not None else 0.0
        return max(0.0, self._opens_at - now)

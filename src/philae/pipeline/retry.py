"""When to try again, as a value."""

import random
from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryCurve:
    """Capped exponential delays with jitter."""

    base_s: float = 2.0
    cap_s: float = 300.0
    jitter: float = 0.2
    """Share of the delay by which it may be shorter or longer."""

    def delay(self, failures: int) -> timedelta:
        """How long to wait after the n-th failure in a row (1 is the first)."""
        seconds = min(self.cap_s, self.base_s * 2.0 ** min(failures - 1, 30))
        return timedelta(seconds=seconds * (1 + random.uniform(-self.jitter, self.jitter)))  # noqa: S311 - spreads load

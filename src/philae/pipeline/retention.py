"""How long is remembered what became of deliveries, as a value."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final


@dataclass(frozen=True, slots=True)
class Retention:
    """Finished deliveries are forgotten, with their instance, when there are too many of them or they are too old."""

    deliveries: int = 150_000
    """So many finished ones are kept, the newest."""
    age: timedelta | None = None
    """After the last change of an instance; however old without."""


DEFAULT_RETENTION: Final = Retention()

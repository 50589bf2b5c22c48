"""How much ended when: what rates, sparklines and charts are drawn from."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from philae.admin.deliveries import Key

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

PERIOD: Final = timedelta(minutes=10)
"""The finest that is kept, for an hour or two."""
HOUR: Final = timedelta(hours=1)
"""The finest that is kept of what is older."""
KEPT: Final = timedelta(days=32)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Ended(NamedTuple):
    """Deliveries of a destination that ended within one stretch of time."""

    destination_id: int
    begin: datetime
    delivered: int
    excluded: int
    stopped: int
    """Held or failed."""


@dataclass(frozen=True, slots=True)
class LastFault:
    """The newest delivery of a destination that is held or failed."""

    instance_id: int
    at: datetime
    code: str

    def key(self, destination_id: int) -> Key:
        """What the delivery is known by."""
        return Key(self.instance_id, destination_id)


class ActivityBook(Protocol):
    """What ended, kept with every change. Raises `LedgerUnavailable`."""

    def since(self, begin: datetime, step: timedelta) -> Sequence[Ended]:
        """By destination and stretches of ``step``, a multiple of `PERIOD`, from the one that ``begin`` lies in.

        What is past is known by the `HOUR`, as its beginning.
        """

    def together(self, begin: datetime, destinations: Collection[int]) -> Sequence[Ended]:
        """Of all these destinations in one, by `PERIOD` or `HOUR`, from the one that ``begin`` lies in."""

    def last_faults(self, destinations: Collection[int]) -> Mapping[int, LastFault]:
        """Of those destinations that have one."""


@dataclass(frozen=True, slots=True)
class Window:
    """A number of stretches of time, the last of which is under way."""

    step: timedelta
    count: int

    def begin(self, now: datetime) -> datetime:
        """When the first stretch began."""
        return beginning(now, self.step) - (self.count - 1) * self.step

    def series(self, ended: Iterable[Ended], now: datetime) -> tuple[Ended, ...]:
        """One entry a stretch, all destinations together; those in which nothing ended are there with zeros."""
        totals: Counter[tuple[datetime, str]] = Counter()
        for each in ended:
            begin = beginning(each.begin, self.step)
            for name in ("delivered", "excluded", "stopped"):
                totals[begin, name] += getattr(each, name)
        begins = (self.begin(now) + number * self.step for number in range(self.count))
        return tuple(
            Ended(0, at, totals[at, "delivered"], totals[at, "excluded"], totals[at, "stopped"]) for at in begins
        )


DAY: Final = Window(HOUR, 24)
WINDOWS: Final[Mapping[str, Window]] = {
    "24h": DAY,
    "7d": Window(timedelta(hours=6), 28),
    "30d": Window(timedelta(days=1), 30),
}
"""What charts are drawn of, by the name in their address."""


def beginning(at: datetime, step: timedelta) -> datetime:
    """When the stretch of time began that ``at`` lies in."""
    return _EPOCH + (at - _EPOCH) // step * step


def period_of(at: datetime) -> int:
    """The number of the period that ``at`` lies in."""
    return (at - _EPOCH) // PERIOD


def moment_of(period: int) -> datetime:
    """When a period began."""
    return _EPOCH + period * PERIOD


def per_minute(ended: Iterable[Ended], now: datetime) -> float:
    """Deliveries a minute, over the period before this one and what has passed of this."""
    begin = beginning(now, PERIOD) - PERIOD
    delivered = sum(each.delivered for each in ended if each.begin >= begin)
    return delivered / ((now - begin) / timedelta(minutes=1))

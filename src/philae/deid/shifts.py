"""How far the dates of one patient move, from a profile's amounts, a hash or the instance itself."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from philae.deid.keys import scaled

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,10}")


class Shift(NamedTuple):
    """How far to go back: dates by ``days``, times by ``seconds``, date times by both."""

    days: int
    seconds: int

    def past(self, midnights: int) -> Shift:
        """The shift of a date whose time of day crosses so many midnights on its way back."""
        return self._replace(days=self.days + midnights) if midnights else self


class ShiftRange(NamedTuple):
    """Between what bounds the shifts of patients lie; the upper ones are never reached."""

    min_days: int
    max_days: int
    min_seconds: int
    max_seconds: int

    def at(self, fraction: float) -> Shift:
        """The shift of one patient: both amounts at the same fraction of their ranges."""
        return Shift(
            scaled(fraction, self.min_days, self.max_days), scaled(fraction, self.min_seconds, self.max_seconds)
        )


DUMMY_RANGE: Final = ShiftRange(0, 365, 0, 86_400)
"""The shift behind the default dummy of DA, TM, DT and AS: less than a year and less than a day."""


def shift_by_tag(days: str | None, seconds: str | None) -> Shift:
    """The shift written in an instance itself; an amount that is absent or no integer counts as 0."""
    return Shift(integer(days or "") or 0, integer(seconds or "") or 0)


def integer(text: str) -> int | None:
    """The number written as an optional sign and digits if it fits 32 bits, else None."""
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -(1 << 31) <= number < 1 << 31 else None

"""How far the dates of one patient move, from a profile's amounts, a hash or the instance itself."""

import re
from typing import Final, NamedTuple

from philae.deid.keys import Keys, scaled

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,10}")
_DUMMY_DAYS: Final = 365
_DUMMY_SECONDS: Final = 86_400


class Shift(NamedTuple):
    """How far to go back: dates by ``days``, times by ``seconds``, date times by both."""

    days: int
    seconds: int


def shift_range(
    keys: Keys, patient_id: str, *, max_days: int, max_seconds: int, min_days: int = 0, min_seconds: int = 0
) -> Shift:
    """The shift of one patient, the same in every instance: both amounts at the same fraction of their ranges."""
    fraction = keys.fraction(patient_id)
    return Shift(scaled(fraction, min_days, max_days), scaled(fraction, min_seconds, max_seconds))


def dummy_shift(keys: Keys, patient_id: str) -> Shift:
    """The shift behind the default dummy of DA, TM, DT and AS: less than a year and less than a day."""
    return shift_range(keys, patient_id, max_days=_DUMMY_DAYS, max_seconds=_DUMMY_SECONDS)


def shift_by_tag(days: str | None, seconds: str | None) -> Shift:
    """The shift written in an instance itself; an amount that is absent or no integer counts as 0."""
    return Shift(integer(days or "") or 0, integer(seconds or "") or 0)


def integer(text: str) -> int | None:
    """The number written as an optional sign and digits if it fits 32 bits, else None."""
    if not _INTEGER.fullmatch(text):
        return None
    number = int(text)
    return number if -(1 << 31) <= number < 1 << 31 else None

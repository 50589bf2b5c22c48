"""The age of a patient at an examination, as an AS value."""

import re
from datetime import date, timedelta
from typing import Final

_DATE: Final = re.compile(r"([0-9]{4})([^0-9]?)([0-9]{2})\2([0-9]{2})")
_PADDED_MONTH: Final = 32  # days; only the sign of a difference of days within a month matters


def age_at(born: date | None, examined: date | None) -> str | None:
    """Complete years from 2 up, else complete months from 2 up, else days; None without either date.

    ``020Y``, ``014M``, ``031D``; weeks are never used.
    """
    if born is None or examined is None:
        return None
    months = _truncated(_padded_days(examined) - _padded_days(born), _PADDED_MONTH)
    years = _truncated(months, 12)
    if years >= 2:
        return f"{years:03d}Y"
    if months >= 2:
        return f"{months:03d}M"
    return f"{(examined - born).days:03d}D"


def lenient_date(text: str) -> date | None:
    """The day written as YYYYMMDD or with two equal separators; days and months out of range roll over."""
    match = _DATE.fullmatch(text.strip())
    if not match:
        return None
    year, month, day = int(match[1]), int(match[3]), int(match[4])
    years, months = divmod(month - 1, 12)
    try:
        return date(year + years, months + 1, 1) + timedelta(day - 1)
    except (ValueError, OverflowError):
        return None


def _padded_days(day: date) -> int:
    return (day.year * 12 + day.month) * _PADDED_MONTH + day.day


def _truncated(number: int, divisor: int) -> int:
    return number // divisor if number >= 0 else -(-number // divisor)

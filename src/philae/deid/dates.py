"""Arithmetic on the text of DA, TM, DT and AS values (PS3.5 6.2): moved in time, or made coarser."""

import calendar
import re
from datetime import UTC, date, tzinfo
from typing import Final, NamedTuple

from philae.deid.datetimes import WHITE_SPACE, Removal, coarsen_dt, is_offset, shift_dt
from philae.deid.errors import UnreadableDate
from philae.deid.shifts import Shift

_DA: Final = re.compile(r"([0-9]{4})\.?(0[1-9]|1[0-2])\.?(0[1-9]|[12][0-9]|3[01])")
_TM: Final = re.compile(
    r"([01][0-9]|2[0-3])(?::?([0-5][0-9])(?::?([0-5][0-9])(?:\.([0-9]{0,6}))?)?)?"
    r"|24(?::?00(?::?00(?:\.0{0,6})?)?)?"
)
_AGE: Final = re.compile(r"[0-9]{3}|[+-][0-9]{2}")
_UNIT: Final = re.compile(r"[A-Za-z]?")

_DAYS_PER_UNIT: Final = {"Y": 365, "M": 30, "W": 7}
_DAYS_IN_400_YEARS: Final = 146_097
_SECONDS_A_DAY: Final = 86_400

_BAD_DA: Final = "a date is not YYYYMMDD"
_BAD_TM: Final = "a time is not HHMMSS.FFFFFF"
_BAD_AS: Final = "an age is not three digits and a unit"
_OUT_OF_YEARS: Final = "a shifted date leaves the years 0 to 9999"


class Clock(NamedTuple):
    """How to read the zone of a DT value: see ``shift_dt``."""

    offset_from_utc: str | None = None
    server_timezone: tzinfo = UTC
    keep_offset: bool = False


DEFAULT_CLOCK: Final = Clock(keep_offset=True)


def clock_of(zone: tzinfo | None, offset_from_utc: str) -> Clock:
    """How to tell the DT values of one instance: in ``zone``, or with their own clock and offset if it is None.

    An ``offset_from_utc`` that is none counts as absent.
    """
    return DEFAULT_CLOCK if zone is None else Clock(offset_from_utc if is_offset(offset_from_utc) else None, zone)


def shift_text(vr: str, text: str, shift: Shift, clock: Clock = DEFAULT_CLOCK) -> str:
    """The value of ``vr`` AS, DA, DT or TM, moved by ``shift``. Raises ``UnreadableDate``."""
    match vr:
        case "DA":
            return shift_da(text, shift.days)
        case "TM":
            return shift_tm(text, shift.seconds)
        case "AS":
            return shift_as(text, shift.days)
        case "DT":
            return shift_dt(
                text,
                shift,
                offset_from_utc=clock.offset_from_utc,
                server_timezone=clock.server_timezone,
                keep_offset=clock.keep_offset,
            )
    raise ValueError(f"values of VR {vr} have no date to shift")


def shift_da(text: str, days: int) -> str:
    """The date ``days`` earlier, as YYYYMMDD; a day past the end of its month is its last. Raises ``UnreadableDate``."""
    year, month, day = _parse_da(text)
    return _date_text(_ordinal(year, month, min(day, calendar.monthrange(year, month)[1])) - days)


def shift_tm(text: str, seconds: int) -> str:
    """The time of day ``seconds`` earlier, across midnight too, as HHMMSS.FFFFFF. Raises ``UnreadableDate``."""
    second, fraction = _parse_tm(text)
    moved = (second - seconds) % _SECONDS_A_DAY
    return f"{moved // 3600:02d}{moved // 60 % 60:02d}{moved % 60:02d}.{fraction.ljust(6, '0')}"


def midnights_between(time: str, seconds: int) -> int:
    """How many midnights a time of day crosses as it goes back by ``seconds``; negative as it goes forward.

    A time that cannot be read crosses none.
    """
    try:
        second, _ = _parse_tm(time)
    except UnreadableDate:
        return 0
    return (seconds - second + _SECONDS_A_DAY - 1) // _SECONDS_A_DAY


def shift_as(text: str, days: int) -> str:
    """The age ``days`` later in whole units of its own, at least three characters and the unit. Raises ``UnreadableDate``.

    An unknown unit counts days. Going far back gives forms such as ``0-4D``, as Karnak does.
    """
    age, unit = text[:3], text[3:]
    if not (_AGE.fullmatch(age) and _UNIT.fullmatch(unit)):
        raise UnreadableDate(_BAD_AS)
    units = abs(days) // _DAYS_PER_UNIT.get(unit, 1)
    moved = int(age) + (units if days >= 0 else -units)
    return f"{str(moved).rjust(3, '0')}{unit}"


def coarsen(vr: str, text: str, remove: Removal) -> str | None:
    """The value of ``vr`` DA or DT with day, or month and day, set to 01; None for others. Raises ``UnreadableDate``."""
    match vr:
        case "DA":
            return coarsen_da(text, remove)
        case "DT":
            return coarsen_dt(text, remove)
    return None


def coarsen_da(text: str, remove: Removal) -> str:
    """The date with day, or month and day, set to 01, as YYYYMMDD. Raises ``UnreadableDate``."""
    year, month, _ = _parse_da(text)
    return f"{year:04d}{month if remove == 'day' else 1:02d}01"


def _parse_da(text: str) -> tuple[int, int, int]:
    match = _DA.fullmatch(text.strip(WHITE_SPACE))
    if not match:
        raise UnreadableDate(_BAD_DA)
    return int(match[1]), int(match[2]), int(match[3])


def _parse_tm(text: str) -> tuple[int, str]:
    """The second of the day and the digits of its fraction."""
    match = _TM.fullmatch(text.strip(WHITE_SPACE))
    if not match:
        raise UnreadableDate(_BAD_TM)
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    return (hour * 60 + minute) * 60 + second, match[4] or ""


def _ordinal(year: int, month: int, day: int) -> int:
    """The number of a day, 1 for 0001-01-01; year 0, which ``datetime`` lacks, is 400 years before year 400."""
    if year:
        return date(year, month, day).toordinal()
    return date(400, month, day).toordinal() - _DAYS_IN_400_YEARS


def _date_text(ordinal: int) -> str:
    is_in_year_0 = -366 < ordinal < 1
    try:
        day = date.fromordinal(ordinal + _DAYS_IN_400_YEARS * is_in_year_0)
    except (ValueError, OverflowError):
        raise UnreadableDate(_OUT_OF_YEARS) from None
    return f"{0 if is_in_year_0 else day.year:04d}{day.month:02d}{day.day:02d}"

"""Arithmetic on the text of DT values (PS3.5 6.2): moved in time, or made coarser."""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final, Literal, TypeAlias

from philae.deid.errors import UnreadableDate
from philae.deid.shifts import Shift

Removal: TypeAlias = Literal["day", "month_day"]

WHITE_SPACE: Final = "".join(map(chr, range(0x21)))

_LENIENT: Final = re.compile(
    r"([0-9]{4})(?:[^0-9]?([0-9]{2})(?:[^0-9]?([0-9]{2})(?:[^0-9]?([0-9]{2})"
    r"(?:[^0-9]?([0-9]{2})(?:[^0-9]?([0-9]{2})(?:\.([0-9]*))?)?)?)?)?)?"
)
_OWN_OFFSET: Final = re.compile(r"(.{4,})([+-][0-9]{4})", re.DOTALL)
_OFFSET: Final = re.compile(r"([+-])([0-9]{2})([0-9]{2})")
_STRICT: Final = re.compile(
    r"([0-9]{4})(?:(0[1-9]|1[0-2])(?:(0[1-9]|[12][0-9]|3[01])(?:([01][0-9]|2[0-3])"
    r"(?:([0-5][0-9])(?:([0-5][0-9])(?:\.([0-9]{0,6}))?)?)?)?)?)?([+-][0-9]{4})?"
)

_BAD_DT: Final = "a date time is not YYYYMMDDHHMMSS.FFFFFF"
_BAD_OFFSET: Final = "Timezone Offset From UTC (0008,0201) is not +HHMM or -HHMM"
_OUT_OF_YEARS: Final = "a shifted date time leaves the years 1 to 9999"


def shift_dt(
    text: str,
    shift: Shift,
    *,
    offset_from_utc: str | None = None,
    server_timezone: tzinfo = UTC,
    keep_offset: bool = False,
) -> str:
    """The moment earlier by ``shift``, as YYYYMMDDHHMMSS.FFFFFF rounded to milliseconds. Raises ``UnreadableDate``.

    Missing fields are 01 or 00, fields out of range roll over. A moment with an offset, its own or else
    ``offset_from_utc``, is told in ``server_timezone`` and loses it; with ``keep_offset`` clock and offset stay.
    """
    body, own_offset = _split_offset(text.strip(WHITE_SPACE))
    match = _LENIENT.fullmatch(body)
    if not match:
        raise UnreadableDate(_BAD_DT)
    ahead_of_utc = None if keep_offset else _offset(own_offset or offset_from_utc)
    try:
        clock = _clock(match)
        if not keep_offset:
            clock = _in_zone(clock, ahead_of_utc, server_timezone)
        clock -= timedelta(days=shift.days, seconds=shift.seconds)
    except (ValueError, OverflowError):
        raise UnreadableDate(_OUT_OF_YEARS) from None
    return f"{clock.year:04d}{clock:%m%d%H%M%S.%f}{own_offset if keep_offset else ''}"


def coarsen_dt(text: str, remove: Removal) -> str:
    """The date time with day, or month and day, set to 01; time and offset stay. Raises ``UnreadableDate``."""
    match = _STRICT.fullmatch(text.strip(WHITE_SPACE))
    if not match:
        raise UnreadableDate(_BAD_DT)
    month = match[2] or "01" if remove == "day" else "01"
    time = "".join(match[field] or "00" for field in (4, 5, 6))
    return f"{match[1]}{month}01{time}.{(match[7] or '').ljust(6, '0')}{match[8] or ''}"


def is_offset(text: str) -> bool:
    """Whether this is an offset from UTC, +HHMM or -HHMM."""
    return _OFFSET.fullmatch(text) is not None


def _split_offset(text: str) -> tuple[str, str]:
    match = _OWN_OFFSET.fullmatch(text)
    return (match[1], match[2]) if match else (text, "")


def _offset(text: str | None) -> timedelta | None:
    if not text:
        return None
    match = _OFFSET.fullmatch(text)
    if not match:
        raise UnreadableDate(_BAD_OFFSET)
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    return -ahead if match[1] == "-" else ahead


def _clock(match: re.Match[str]) -> datetime:
    """The clock reading as written, labelled UTC whatever its zone, so that moving it is plain arithmetic."""
    year, month, day, hour, minute, second = (
        int(part or default) for part, default in zip(match.groups()[:6], (1, 1, 1, 0, 0, 0), strict=True)
    )
    fraction = match[7] or ""
    milliseconds = int(fraction[:3].ljust(3, "0")) + (fraction[3:4] >= "5")
    years, months = divmod(month - 1, 12)
    since = timedelta(days=day - 1, hours=hour, minutes=minute, seconds=second, milliseconds=milliseconds)
    return datetime(year + years, months + 1, 1, tzinfo=UTC) + since


def _in_zone(clock: datetime, ahead_of_utc: timedelta | None, zone: tzinfo) -> datetime:
    """What clocks in ``zone`` show at a moment; a time that ``zone`` skips in spring is read an hour later."""
    if ahead_of_utc is not None:
        moment = clock - ahead_of_utc
    elif zone is UTC:
        return clock
    else:
        moment = clock.replace(tzinfo=zone).astimezone(UTC)
    return moment.astimezone(zone).replace(tzinfo=UTC)

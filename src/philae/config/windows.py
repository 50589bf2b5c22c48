"""Delivery windows: when a destination may be sent to."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from itertools import groupby
from typing import Annotated, Any, Final

from pydantic import PlainSerializer, PlainValidator, WithJsonSchema
from typing_extensions import override

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WRITTEN: Final = re.compile(r"(?P<days>[a-z,\s-]*?)\s*(?P<start>\d\d?:\d\d)\s*-\s*(?P<end>\d\d?:\d\d)")
_KEYS: Final = {"days", "from", "to"}
_DAY_MIN: Final = 24 * 60
_HORIZON: Final = range(-8, 9)
"""Days around today in which every window has begun before now, and begins after."""
_EVER: Final = datetime.min.replace(tzinfo=UTC)

Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class Window:
    """A time of the day on some days of the week; one that ends before it begins ends on the next day."""

    days: tuple[int, ...]
    """Monday is 0; ascending."""
    start_min: int
    """Minutes after midnight, by the clock on the wall."""
    end_min: int

    def on(self, day: date, zone: tzinfo) -> Span:
        """From when to when it is open if it begins on ``day``."""
        midnight = datetime.combine(day, time.min, zone)
        end_min = self.end_min + (_DAY_MIN if self.end_min <= self.start_min else 0)
        begin, end = (midnight + timedelta(minutes=minutes) for minutes in (self.start_min, end_min))
        return begin.astimezone(UTC), end.astimezone(UTC)

    @override
    def __str__(self) -> str:
        runs = groupby(enumerate(self.days), key=lambda each: each[1] - each[0])
        days = [_run([day for _, day in run]) for _, run in runs]
        return f"{', '.join(days)} {_clock(self.start_min)}-{_clock(self.end_min)}"


@dataclass(frozen=True, slots=True)
class Hours:
    """The windows of a destination in their time zone; without any it is always open."""

    windows: tuple[Window, ...]
    zone: tzinfo

    def open_since(self, now: datetime) -> datetime | None:
        """From when on it has been open without a break; None while it is closed."""
        if not self.windows:
            return _EVER
        spans = self._spans(now)
        since = min((begin for begin, end in spans if begin <= now < end), default=None)
        for begin, end in reversed(spans):
            if since is not None and begin < since <= end:
                since = begin
        return since

    def closed_until(self, now: datetime) -> datetime | None:
        """When it opens next; None while it is open."""
        if self.open_since(now) is not None:
            return None
        return next(begin for begin, _ in self._spans(now) if begin > now)

    def _spans(self, now: datetime) -> list[Span]:
        today = now.astimezone(self.zone).date()
        days = [today + timedelta(days=number) for number in _HORIZON]
        return sorted(each.on(day, self.zone) for each in self.windows for day in days if day.weekday() in each.days)


def read_window(value: Any) -> Window:
    """A window from text such as ``mon-fri 20:00-06:00``, or a mapping of ``days``, ``from`` and ``to``.

    Raises ``ValueError``.
    """
    if isinstance(value, Window):
        return value
    if isinstance(value, Mapping) and value.keys() <= _KEYS and {"from", "to"} <= value.keys():
        days = value.get("days", "")
        days = days if isinstance(days, str) else ",".join(map(str, days))
        value = f"{days} {value['from']}-{value['to']}"
    found = _WRITTEN.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if found is None:
        raise ValueError("write days and times such as mon-fri 20:00-06:00")
    start, end = _minutes(found["start"]), _minutes(found["end"])
    if start in (end, _DAY_MIN):
        raise ValueError("a window has a length; 00:00-24:00 is the whole day")
    return Window(tuple(sorted(set(_days(found["days"])))) or tuple(range(len(DAYS))), start, end)


Windowed = Annotated[
    Window, PlainValidator(read_window), PlainSerializer(str, return_type=str), WithJsonSchema({"type": "string"})
]
"""A window as it stands in a document: text, or a mapping."""


def _days(text: str) -> Iterator[int]:
    for part in re.sub(r"\s*-\s*", "-", text).replace(",", " ").split():
        first, _, last = part.partition("-")
        number, count = _day(first), (_day(last or first) - _day(first)) % len(DAYS)
        yield from ((number + each) % len(DAYS) for each in range(count + 1))


def _day(name: str) -> int:
    if name not in DAYS:
        raise ValueError(f"there is no day {name!r}; they are {', '.join(DAYS)}")
    return DAYS.index(name)


def _minutes(text: str) -> int:
    hours, minutes = map(int, text.split(":"))
    if minutes >= 60 or hours * 60 + minutes > _DAY_MIN:
        raise ValueError(f"{text} is no time of the day")
    return hours * 60 + minutes


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _run(days: list[int]) -> str:
    if len(days) > 2:
        return f"{DAYS[days[0]]}-{DAYS[days[-1]]}"
    return ", ".join(DAYS[day] for day in days)

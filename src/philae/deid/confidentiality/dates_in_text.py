"""Dates as people write them in free text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier gennaio enero jänner",
            "feb february februar février fevrier febbraio febrero",
            "mar march mär mrz märz maerz mars marzo",
            "apr april avril aprile abril",
            "may mai maggio mayo",
            "jun june juni juin giugno junio",
            "jul july juli juillet luglio julio",
            "aug august août aout agosto",
            "sep sept september septembre settembre septiembre",
            "oct october okt oktober octobre ottobre octubre",
            "nov november novembre noviembre",
            "dec december dez dezember décembre decembre dicembre diciembre",
        ),
        1,
    )
    for name in names.split()
}
_NAMED_MONTH: Final = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DATE: Final = re.compile(
    rf"""(?<!\d)(?:
      (?P<year>\d{{4}}) (?P<gap>[-/._ ]?) (?P<month>\d{{2}}) (?P=gap) (?P<day>\d{{2}})
    | (?P<year2>\d{{4}}) [-/._]\s? (?P<month2>\d{{1,2}}) [-/._]\s? (?P<day2>\d{{1,2}})
    | (?P<first>\d{{1,2}}) (?:[-/._]\s?|\s) (?P<second>\d{{1,2}}) (?:[-/._]\s?|\s) (?P<last>\d{{4}}|\d{{2}})
    | (?P<packed>\d{{2}}\d{{2}}\d{{4}})
    | (?P<day3>\d{{1,2}}) (?:st|nd|rd|th)? \.? [-/\s]* (?:of\s+)? (?P<name3>{_NAMED_MONTH})\.?
      [-/,.\s]* (?P<year3>\d{{4}}|\d{{2}})
    | (?P<name4>{_NAMED_MONTH})\.? [-/\s]* (?P<day4>\d{{1,2}}) (?:st|nd|rd|th)? [-/,.\s]+ (?P<year4>\d{{4}})
    )""",
    re.VERBOSE | re.IGNORECASE,
)


def dates_in(text: str) -> Iterator[tuple[int, int, frozenset[str]]]:
    """Where dates stand in a text, each with all that it may mean as YYYYMMDD."""
    for match in _DATE.finditer(text):
        yield match.start(), match.end(), frozenset(_readings(match.groupdict()))


def _readings(parts: dict[str, str | None]) -> Iterator[str]:
    if (year := parts["year"] or parts["year2"]) is not None:
        yield _written(year, parts["month"] or parts["month2"], parts["day"] or parts["day2"])
        if parts["year"] and not parts["gap"]:  # eight digits may also begin with the day or the month
            yield from _readings_of_packed("".join((year, parts["month"] or "", parts["day"] or "")))
    elif (packed := parts["packed"]) is not None:
        yield from _readings_of_packed(packed)
    elif (name := parts["name3"] or parts["name4"]) is not None:
        for year in _years(parts["year3"] or parts["year4"] or ""):
            yield _written(year, str(_MONTHS[name.lower()]), parts["day3"] or parts["day4"])
    else:
        for year in _years(parts["last"] or ""):
            yield _written(year, parts["second"], parts["first"])
            yield _written(year, parts["first"], parts["second"])


def _readings_of_packed(digits: str) -> Iterator[str]:
    yield _written(digits[4:], digits[2:4], digits[:2])
    yield _written(digits[4:], digits[:2], digits[2:4])


def _years(year: str) -> tuple[str, ...]:
    return (year,) if len(year) == 4 else (f"19{year}", f"20{year}")


def _written(year: str, month: str | None, day: str | None) -> str:
    return f"{year}{(month or '').zfill(2)}{(day or '').zfill(2)}"

"""Deliveries as CSV that a spreadsheet takes for text, whatever patients and senders are called."""

from __future__ import annotations

import csv
from functools import lru_cache
from io import StringIO
from operator import itemgetter
from time import gmtime, strftime
from typing import TYPE_CHECKING, Final

from philae.admin.csv_cells import BEGINS_FORMULA, as_text
from philae.admin.declined import Declined
from philae.admin.deliveries import Facts
from philae.pipeline.outcome import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from philae.admin.deliveries import Row
    from philae.admin.deliveries_rules import RuleBook

COLUMNS: Final = (*Facts._fields, "project", "profile", "rules")
_WORDS: Final = [state.name.lower() for state in sorted(State)]
_TEXTS: Final = Facts._fields.index("code")
"""Where they begin: the rest of a row are texts."""
_FIRST: Final = itemgetter(slice(1))
_SECONDS: Final = [f"{number:02}." for number in range(60)]
_MILLISECONDS: Final = [f"{number:03}+00:00" for number in range(1000)]


def csv_of(rows: Iterable[Sequence[Row]], rule_book: RuleBook, delimiter: str = ",", quote: str = '"') -> Iterator[str]:
    """The heading and a line each, in blocks as large as those of ``rows``. Raises `Declined`.

    Fifty thousand lines a second are promised: hence no `datetime`, and tables in the place of formats.
    """
    check_dialect(delimiter, quote)
    yield _block([COLUMNS], delimiter, quote)
    for some in rows:
        yield _block([_cells(row, rule_book) for row in some], delimiter, quote)


def check_dialect(delimiter: str, quote: str) -> None:
    """Raises `Declined` unless each is one character and both can be told apart."""
    for name, character in (("delimiter", delimiter), ("quote character", quote)):
        if len(character) != 1 or character in "\r\n\0 " or character.isalnum():
            raise Declined(f"the {name} must be one character, and no letter, digit, space or line end")
    if delimiter == quote:
        raise Declined("delimiter and quote character must differ")


def _block(lines: Sequence[Sequence[str]], delimiter: str, quote: str) -> str:
    """Nearly every block needs no quotes, and the writer of the library would look at each character for itself."""
    block = "\r\n".join(map(delimiter.join, lines)) + "\r\n"
    is_plain = (
        block.count(delimiter) == len(lines) * (len(COLUMNS) - 1)
        and block.count("\n") == block.count("\r") == len(lines)
        and quote not in block
    )
    if is_plain:
        return block
    text = StringIO()
    csv.writer(text, delimiter=delimiter, quotechar=quote).writerows(lines)
    return text.getvalue()


def _cells(row: Row, rule_book: RuleBook) -> tuple[str, ...]:
    """Moments in UTC; text that a spreadsheet would compute stands behind an apostrophe."""
    number, to, received_at, changed_at, not_before, attempts, size, version, state = row[:_TEXTS]
    texts = (*row[_TEXTS:], *rule_book.rules_of(version, to))
    if not BEGINS_FORMULA.isdisjoint(map(_FIRST, texts)):
        texts = tuple(map(as_text, texts))
    moments = _utc(received_at), _utc(changed_at), _utc(not_before) if not_before else ""
    return (f"{number}", f"{to}", *moments, f"{attempts}", f"{size}", f"{version}", _WORDS[state], *texts)


def _utc(microseconds: int) -> str:
    """Such as ``2026-03-04 05:06:07.890+00:00``."""
    minute, ms = divmod(microseconds // 1000, 60_000)
    return f"{_minute(minute)}{_SECONDS[ms // 1000]}{_MILLISECONDS[ms % 1000]}"


@lru_cache(maxsize=4096)
def _minute(minutes: int) -> str:
    """Most of what is exported together came within hours."""
    return strftime("%Y-%m-%d %H:%M:", gmtime(minutes * 60))

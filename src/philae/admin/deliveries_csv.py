"""Deliveries as CSV that a spreadsheet takes for text, whatever patients and senders are called."""

from __future__ import annotations

import csv
from io import StringIO
from itertools import islice
from typing import TYPE_CHECKING, Final

from philae.admin.declined import Declined
from philae.admin.deliveries import Facts
from philae.pipeline.outcome import State

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from philae.admin.deliveries_rules import RuleBook

COLUMNS: Final = (*Facts._fields, "project", "profile", "rules")
_AT_ONCE: Final = 500
_BEGINS_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""The last four are the wide forms of the first four, which some spreadsheets take as well."""
_WORDS: Final = {state: state.name.lower() for state in State}


def csv_of(deliveries: Iterable[Facts], rule_book: RuleBook, delimiter: str = ",", quote: str = '"') -> Iterator[str]:
    """The heading and a line each, in blocks that keep memory bounded. Raises `Declined`."""
    check_dialect(delimiter, quote)
    yield _line(COLUMNS, delimiter, quote)
    lines = (_line(_cells(each, rule_book), delimiter, quote) for each in deliveries)
    while block := "".join(islice(lines, _AT_ONCE)):
        yield block


def check_dialect(delimiter: str, quote: str) -> None:
    """Raises `Declined` unless each is one character and both can be told apart."""
    for name, character in (("delimiter", delimiter), ("quote character", quote)):
        if len(character) != 1 or character in "\r\n\0 " or character.isalnum():
            raise Declined(f"the {name} must be one character, and no letter, digit, space or line end")
    if delimiter == quote:
        raise Declined("delimiter and quote character must differ")


def _line(cells: Sequence[str], delimiter: str, quote: str) -> str:
    """Nearly every line needs no quotes, and the writer of the library would look at each character for itself."""
    line = delimiter.join(cells)
    if line.count(delimiter) == len(cells) - 1 and quote not in line and "\n" not in line and "\r" not in line:
        return f"{line}\r\n"
    text = StringIO()
    csv.writer(text, delimiter=delimiter, quotechar=quote).writerow(cells)
    return text.getvalue()


def _cells(each: Facts, rule_book: RuleBook) -> tuple[str, ...]:
    """Moments in UTC; text that a spreadsheet would compute stands behind an apostrophe."""
    number, to, received_at, changed_at, not_before, attempts, size, version, state, *texts = each
    rules = rule_book.rules_of(version, to)
    texts += (rules.project, rules.profile, rules.digest)
    if not _BEGINS_FORMULA.isdisjoint([text[:1] for text in texts]):
        texts = [f"'{text}" if text[:1] in _BEGINS_FORMULA else text for text in texts]
    return (
        str(number),
        str(to),
        received_at.isoformat(" ", "milliseconds"),
        changed_at.isoformat(" ", "milliseconds"),
        not_before.isoformat(" ", "milliseconds") if not_before else "",
        str(attempts),
        str(size),
        str(version),
        _WORDS[state],
        *texts,
    )

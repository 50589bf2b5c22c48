"""Rows of a CSV file, each with the line on which it begins, and what is wrong with them."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TextIO

from typing_extensions import override

from philae.admin.declined import Declined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import BinaryIO

SHOWN: Final = 100
"""Faults that are told; the others are counted."""


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong in one line of the file, without any value of it."""

    line: int
    message: str

    @override
    def __str__(self) -> str:
        return f"line {self.line}: {self.message}"


class RowFaults(Exception):
    """Nothing was stored; ``faults`` holds the first `SHOWN`, ``count`` says how many there are."""

    def __init__(self, faults: Sequence[RowFault], count: int) -> None:
        super().__init__(f"{count} rows have a fault; nothing was stored")
        self.faults = tuple(faults[:SHOWN])
        self.count = count


def text_of(file: BinaryIO, encoding: str) -> TextIO:
    """The file as text, closed with it. Raises `Declined` for an encoding that is none; reading raises `UnicodeError`."""
    try:
        return io.TextIOWrapper(file, encoding, newline="")
    except LookupError:
        raise Declined(f"there is no encoding {encoding!r}; such are utf-8, windows-1252 and iso-8859-1") from None


def rows_of(text: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    """Rows with the line on which each begins. Raises `Declined`, `RowFaults`."""
    if len(separator) != 1 or separator in '"\r\n':
        raise Declined("the separator must be one character, no quote and no line end")
    reader = csv.reader(text, delimiter=separator, strict=True)
    line = 1
    try:
        for row in reader:
            yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise RowFaults([RowFault(line, f"no CSV: {error}")], 1) from error

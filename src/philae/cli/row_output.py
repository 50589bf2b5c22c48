"""Rows on stdout or in a file: a table for people, JSON or CSV for programs."""

from __future__ import annotations

import csv
import json
from enum import StrEnum
from typing import TYPE_CHECKING

from philae.admin.csv_cells import cell

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import TextIO


class RowFormat(StrEnum):
    """How rows are printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


def write_rows(rows: Sequence[Mapping[str, object]], names: Sequence[str], format_: RowFormat, stream: TextIO) -> None:
    """Write the values under ``names`` of each row."""
    if format_ is RowFormat.JSON:
        write_json(rows, stream)
        return
    lines = [[_text(row[name]) for name in names] for row in rows]
    if format_ is RowFormat.CSV:
        write_csv(names, lines, stream)
    else:
        write_table(names, lines, stream)


def write_json(document: object, stream: TextIO) -> None:
    """Write it indented, any character as it is."""
    json.dump(document, stream, indent=2, ensure_ascii=False)
    stream.write("\n")


def write_csv(names: Iterable[str], lines: Iterable[Iterable[str]], stream: TextIO) -> None:
    """Write a heading and lines that no spreadsheet takes for formulas."""
    writer = csv.writer(stream)
    writer.writerow(names)
    writer.writerows([cell(text) for text in line] for line in lines)


def write_table(names: Sequence[str], lines: Sequence[Sequence[str]], stream: TextIO) -> None:
    """Write columns as wide as their longest text."""
    shown = [[_printable(text) for text in line] for line in [[name.replace("_", " ") for name in names], *lines]]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    stream.writelines("  ".join(map(str.ljust, line, widths)).rstrip() + "\n" for line in shown)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _printable(text: str) -> str:
    """The text without what would steer a terminal."""
    return (
        text if text.isprintable() else "".join(each if each.isprintable() else f"\\x{ord(each):02x}" for each in text)
    )

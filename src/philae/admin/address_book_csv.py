"""Address books as CSV files, in the columns that people know: written, and read all or nothing."""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from pydantic import ValidationError

from philae.admin.address_book import SERVICES, WORKSTATION, DicomNode, WebEndpoint
from philae.admin.csv_cells import bare, cell
from philae.admin.csv_rows import RowFault, RowFaults, rows_of, text_of
from philae.admin.declined import Declined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import BinaryIO

    from philae.admin.address_book import Entry

NODE_COLUMNS: Final = ("description", "aetitle", "hostname", "port", "nodeType", "nodeGroup")
ENDPOINT_COLUMNS: Final = ("description", "url", "services", "group")
MOST_ROWS: Final = 10_000
_NEEDED: Final = {NODE_COLUMNS: 4, ENDPOINT_COLUMNS: 2}
_SEPARATORS: Final = (",", ";", "\t")


def nodes_to_csv(nodes: Iterable[DicomNode]) -> str:
    """A heading and a line each."""
    rows = ((each.description, each.ae_title, each.hostname, str(each.port), each.kind, each.group) for each in nodes)
    return _written(NODE_COLUMNS, rows)


def endpoints_to_csv(endpoints: Iterable[WebEndpoint]) -> str:
    """A heading and a line each."""
    rows = ((each.description, each.url, ";".join(each.services), each.group) for each in endpoints)
    return _written(ENDPOINT_COLUMNS, rows)


def nodes_from_csv(file: BinaryIO, group: str = "") -> list[DicomNode]:
    """Every row, in ``group`` if it is named. Closes the file. Raises `RowFaults`, `Declined`."""

    def node(cells: Sequence[str]) -> DicomNode:
        description, ae_title, hostname, port, kind, own = cells
        fields: dict[str, Any] = {"description": description, "ae_title": ae_title, "hostname": hostname}
        return DicomNode.model_validate({**fields, "port": port, "kind": kind or WORKSTATION, "group": group or own})

    return _read(file, NODE_COLUMNS, node)


def endpoints_from_csv(file: BinaryIO, group: str = "") -> list[WebEndpoint]:
    """Every row, in ``group`` if it is named. Closes the file. Raises `RowFaults`, `Declined`."""

    def endpoint(cells: Sequence[str]) -> WebEndpoint:
        description, url, services, own = cells
        named = tuple(each.strip() for each in services.split(";") if each.strip()) or SERVICES
        return WebEndpoint(description=description, url=url, services=named, group=group or own)

    return _read(file, ENDPOINT_COLUMNS, endpoint)


def _written(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([cell(each) for each in row] for row in rows)
    return text.getvalue()


def _read(file: BinaryIO, columns: tuple[str, ...], entry: Callable[[Sequence[str]], Entry]) -> list[Entry]:
    entries: list[Entry] = []
    faults: list[RowFault] = []
    try:
        with text_of(file, "utf-8-sig") as text:
            content = text.read()
    except UnicodeError:
        raise Declined("the file is not UTF-8 text; save it as CSV in UTF-8") from None
    for line, row in rows_of(StringIO(content), _separator(content)):
        if not _is_entry(row, columns):
            continue
        cells = [bare(each.strip()) for each in row[: len(columns)]]
        try:
            entries.append(_made(cells, columns, entry))
        except Declined as declined:
            faults.append(RowFault(line, str(declined)))
        if len(entries) + len(faults) > MOST_ROWS:
            raise Declined(f"the file has more than {MOST_ROWS} rows")
    if faults:
        raise RowFaults(faults, len(faults))
    if not entries:
        raise Declined("the file has no rows")
    return entries


def _made(cells: list[str], columns: tuple[str, ...], entry: Callable[[Sequence[str]], Entry]) -> Entry:
    needed = _NEEDED[columns]
    if len(cells) < needed:
        raise Declined(f"{len(cells)} columns; there must be {needed}: {', '.join(columns[:needed])}")
    try:
        return entry(cells + [""] * (len(columns) - len(cells)))
    except ValidationError as error:
        first = error.errors()[0]
        raise Declined(f"{first['loc'][0]}: {first['msg'].removeprefix('Value error, ')}") from None


def _is_entry(row: Sequence[str], columns: tuple[str, ...]) -> bool:
    """Neither empty, nor a comment, nor a heading."""
    first = row[0].strip() if row else ""
    is_heading = [each.strip().casefold() for each in row[:2]] == [each.casefold() for each in columns[:2]]
    return any(map(str.strip, row)) and not first.startswith("#") and not is_heading


def _separator(content: str) -> str:
    """The one that the first line with any has most of."""
    line = next((each for each in content.splitlines() if each.strip() and not each.startswith("#")), "")
    return max(_SEPARATORS, key=line.count)

"""Address books in the database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Generic

import sqlalchemy as sa

from philae.admin.address_book import DicomNode, Entry, WebEndpoint
from philae.pipeline.ports import LedgerUnavailable
from philae.store.tables.address_book import dicom_node, web_endpoint

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from sqlalchemy.engine import Connection

    from philae.store.database import Database


class SqlAddressBook(Generic[Entry]):
    """`philae.admin.address_book.AddressBook`; one per process and table."""

    def __init__(self, database: Database, table: sa.Table, model: type[Entry]) -> None:
        self._database = database
        self._table = table
        self._model: type[Entry] = model
        keys = next(each for each in table.constraints if isinstance(each, sa.UniqueConstraint))
        self._address = [column.name for column in keys.columns]

    def all(self) -> Sequence[tuple[int, Entry]]:
        c = self._table.c
        ordered = sa.select(self._table).order_by(c.book_group, c.description, c.id)
        with self._database.read() as connection:
            return [(row.id, self._entry(row)) for row in connection.execute(ordered)]

    def add(self, entries: Sequence[Entry]) -> int:
        with self._change() as connection:
            return self._added(connection, entries)

    def change(self, number: int, entry: Entry) -> bool:
        row, c = _row(entry), self._table.c
        same = sa.and_(*(c[name] == row[name] for name in self._address), c.id != number)
        with self._change() as connection:
            if connection.scalar(sa.select(c.id).where(same)) is not None:
                return False
            if not connection.execute(sa.update(self._table).where(c.id == number).values(**row)).rowcount:
                raise LookupError(number)
        return True

    def delete(self, numbers: Collection[int]) -> int:
        with self._change() as connection:
            return connection.execute(sa.delete(self._table).where(self._table.c.id.in_(numbers))).rowcount

    def replace(self, entries: Sequence[Entry], group: str | None) -> int:
        deleted = sa.delete(self._table)
        with self._change() as connection:
            connection.execute(deleted if group is None else deleted.where(self._table.c.book_group == group))
            return self._added(connection, entries)

    def _added(self, connection: Connection, entries: Sequence[Entry]) -> int:
        columns = [self._table.c[name] for name in self._address]
        known = {tuple(row) for row in connection.execute(sa.select(*columns))}
        new: dict[tuple[Any, ...], dict[str, Any]] = {}
        for row in map(_row, entries):
            new.setdefault(tuple(row[name] for name in self._address), row)
        rows = [row for address, row in new.items() if address not in known]
        if rows:
            connection.execute(sa.insert(self._table), rows)
        return len(rows)

    def _entry(self, row: sa.Row[Any]) -> Entry:
        fields: dict[str, Any] = {**row._mapping, "group": row.book_group}  # noqa: SLF001 - SQLAlchemy's public name
        fields = {name: fields[name] for name in self._model.model_fields}
        if "services" in fields:
            fields["services"] = tuple(fields["services"].split())
        entry: Entry = self._model.model_validate(fields)
        return entry

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        try:
            with self._database.change() as connection:
                yield connection
        except sa.exc.DBAPIError as error:
            raise LedgerUnavailable(f"the address book was not changed: {type(error.orig).__name__}") from error


def dicom_nodes(database: Database) -> SqlAddressBook[DicomNode]:
    """The book of DICOM nodes."""
    return SqlAddressBook(database, dicom_node, DicomNode)


def web_endpoints(database: Database) -> SqlAddressBook[WebEndpoint]:
    """The book of DICOMweb endpoints."""
    return SqlAddressBook(database, web_endpoint, WebEndpoint)


def _row(entry: DicomNode | WebEndpoint) -> dict[str, Any]:
    row = entry.model_dump()
    row["book_group"] = row.pop("group")
    if isinstance(entry, WebEndpoint):
        row["services"] = " ".join(entry.services)
    return row

"""Pseudonyms from a CSV file: every row is checked, and every fault told, before any is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from philae.admin.csv_rows import SHOWN, RowFault, RowFaults, rows_of, text_of
from philae.admin.declined import Declined
from philae.admin.pseudonym_editing import Collisions
from philae.admin.pseudonyms import Patient, check_patient

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from typing import BinaryIO

    from philae.admin.pseudonym_editing import PseudonymEditor

MOST_ROWS: Final = 500_000
REQUIRED: Final = ("pseudonym", "patient_id")
FIELDS: Final = (*REQUIRED, "issuer", "last_name", "first_name")
_SPELLINGS: Final = {
    "pseudonym": ("pseudonym", "externalpseudonym"),
    "patient_id": ("patientid",),
    "issuer": ("issuer", "issuerofpatientid"),
    "last_name": ("lastname", "patientlastname"),
    "first_name": ("firstname", "patientfirstname"),
}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read."""

    separator: str = ","
    encoding: str = "utf-8-sig"
    columns: Mapping[str, int | str] = field(default_factory=dict)
    """By field: the number of a column, from 1, or its header; what is not named is found by the usual headers."""
    from_line: int | None = None
    """The first line with a patient; the line before it has the headers. The second line unless columns are numbers."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import came to."""

    rows: int
    released: int
    """Deliveries that had waited for one of the pseudonyms."""


def import_csv(file: BinaryIO, layout: Layout, table: PseudonymEditor, project: str, now: datetime) -> Imported:
    """Store every row of a file, or none. Raises `RowFaults`, `Declined`, `LedgerUnavailable`."""
    lines: list[int] = []
    patients: list[Patient] = []
    for line, patient in read_csv(file, layout):
        lines.append(line)
        patients.append(patient)
    try:
        released = table.add(project, patients, now)
    except Collisions as error:
        faults = [RowFault(lines[each.index], each.words) for each in error.collisions]
        raise RowFaults(faults, len(faults)) from None
    return Imported(len(patients), released)


def read_csv(file: BinaryIO, layout: Layout) -> Iterator[tuple[int, Patient]]:
    """Lines and patients of a file that has no fault in itself; closes the file. Raises `RowFaults`, `Declined`."""
    check = _Check()
    try:
        with text_of(file, layout.encoding) as text:
            rows = rows_of(text, layout.separator)
            columns, first = _columns(rows, layout)
            for line, row in rows:
                if line >= first and any(cell.strip() for cell in row):
                    check.take(line, _patient(row, columns))
    except UnicodeError as error:
        raise Declined(f"the file is not {layout.encoding} text; name its encoding, such as windows-1252") from error
    return check.result()


class _Check:
    """Gathers rows and what is wrong with them."""

    def __init__(self) -> None:
        self._rows: list[tuple[int, Patient]] = []
        self._faults: list[RowFault] = []
        self._count = 0
        self._patients: dict[tuple[str, str], int] = {}
        self._pseudonyms: dict[str, int] = {}

    def take(self, line: int, patient: Patient | None) -> None:
        if len(self._rows) >= MOST_ROWS:
            raise Declined(f"the file has more than {MOST_ROWS} rows; split it")
        fault = "a column is missing" if patient is None else check_patient(patient) or self._twice(line, patient)
        if patient is not None and fault is None:
            self._rows.append((line, patient))
            return
        self._count += 1
        if len(self._faults) < SHOWN and fault is not None:
            self._faults.append(RowFault(line, fault))

    def result(self) -> Iterator[tuple[int, Patient]]:
        if self._count:
            raise RowFaults(self._faults, self._count)
        if not self._rows:
            raise Declined("the file has no rows; the first line is taken for headers unless columns are numbers")
        return iter(self._rows)

    def _twice(self, line: int, patient: Patient) -> str | None:
        first = self._patients.setdefault((patient.patient_id, patient.issuer), line)
        if first != line:
            return f"the patient of line {first} again"
        first = self._pseudonyms.setdefault(patient.pseudonym, line)
        return f"the pseudonym of line {first} again" if first != line else None


def _columns(rows: Iterator[tuple[int, list[str]]], layout: Layout) -> tuple[Mapping[str, int], int]:
    """Where each field stands in a row, from 0, and the first line with a patient."""
    unknown = sorted(layout.columns.keys() - set(FIELDS))
    if unknown:
        raise Declined(f"there is no field {unknown[0]!r}; known are: {', '.join(FIELDS)}")
    if layout.columns and all(isinstance(column, int) for column in layout.columns.values()):
        columns = {name: int(column) - 1 for name, column in layout.columns.items()}
        first = layout.from_line or 1
    else:
        first = layout.from_line or 2
        headers = next((row for line, row in rows if line >= first - 1), [])
        columns = dict(columns_of(headers, layout.columns))
    missing = [name for name in REQUIRED if columns.get(name, -1) < 0]
    if missing:
        raise Declined(f"no column for {' and '.join(missing)}; say which column it is")
    return columns, first


def columns_of(headers: Sequence[str], wanted: Mapping[str, int | str]) -> Iterator[tuple[str, int]]:
    """Fields whose column is known, from 0: those of ``wanted``, the others by the usual headers. Raises `Declined`."""
    plain = [_plain(header) for header in headers]
    for name in FIELDS:
        column = wanted.get(name)
        if isinstance(column, int):
            yield name, column - 1
            continue
        spellings = _SPELLINGS[name] if column is None else (_plain(column),)
        place = next((plain.index(each) for each in spellings if each in plain), None)
        if place is not None:
            yield name, place
        elif column is not None:
            raise Declined(f"no column has the header given for {name}")


def _plain(header: str) -> str:
    return "".join(filter(str.isalnum, header)).casefold()


def _patient(row: Sequence[str], columns: Mapping[str, int]) -> Patient | None:
    """None when the row is too short for a required column; a missing optional one is empty."""
    if any(columns[name] >= len(row) for name in REQUIRED):
        return None
    return Patient(**{name: row[place].strip() if place < len(row) else "" for name, place in columns.items()})

"""The table of pseudonyms: who a pseudonym stands for, row by row, project by project."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO
from typing import Annotated, Final

from fastapi import APIRouter, Body, Depends, Query
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from philae.admin.pseudonym_csv import Layout, import_csv
from philae.admin.pseudonym_editing import PseudonymEditor
from philae.admin.pseudonyms import LONGEST, Entry, Page, Patient
from philae.web.auth import Caller, Reached, allowed

router = APIRouter(prefix="/api/v1/projects/{project}/pseudonyms", tags=["pseudonyms"])
lookup_router = APIRouter(prefix="/api/v1/pseudonyms", tags=["pseudonyms"])

LARGEST_CSV: Final = 64 << 20
_MOST_NUMBERS: Final = 10_000
_LARGEST_NUMBER: Final = (1 << 63) - 1
_ALLOWED: Final = r"^[^\\\x00-\x1f\x7f-\x9f]*$"

Keeper = Annotated[Caller, Depends(allowed("pseudonyms"))]
Identifier = Annotated[Caller, Depends(allowed("identifiers"))]
Text = Annotated[str, StringConstraints(max_length=LONGEST, pattern=_ALLOWED, strip_whitespace=True)]
Filled = Annotated[
    str, StringConstraints(max_length=LONGEST, pattern=r"^[^\\\x00-\x20\x7f-\xa0][^\\\x00-\x1f\x7f-\x9f]*$")
]
Number = Annotated[int, Field(ge=0, le=_LARGEST_NUMBER)]
Column = Annotated[str, Field(min_length=1, max_length=200)]


class Given(BaseModel):
    """A patient as hospitals know them, and the pseudonym that stands for them."""

    model_config = ConfigDict(extra="forbid")

    patient_id: Filled
    pseudonym: Filled
    issuer: Text = ""
    last_name: Text = ""
    first_name: Text = ""

    def patient(self) -> Patient:
        return Patient(**{name: text.strip() for name, text in self.model_dump().items()})


class Row(BaseModel):
    """A row of the table."""

    number: int
    project: str
    patient_id: str
    pseudonym: str
    issuer: str
    last_name: str
    first_name: str
    expires_at: datetime | None


class PseudonymsFound(BaseModel):
    """A page of rows; ``after`` is where the next one begins, null on the last."""

    rows: list[Row]
    after: int | None


class Containing(BaseModel):
    """Which rows are meant: those that contain each of the texts."""

    model_config = ConfigDict(extra="forbid")

    patient_id: Text = ""
    pseudonym: Text = ""
    issuer: Text = ""
    last_name: Text = ""
    first_name: Text = ""
    after: Number = 0
    limit: int = Field(default=100, ge=1, le=1000)


class Released(BaseModel):
    """How many deliveries had waited for a pseudonym and go on."""

    released: int


class Imported(Released):
    """What came of a file."""

    rows: int


class Deleted(BaseModel):
    """How many rows are gone."""

    deleted: int


class Numbers(BaseModel):
    """Rows by their numbers."""

    numbers: list[Number] = Field(min_length=1, max_length=_MOST_NUMBERS)


class Asked(BaseModel):
    """A pseudonym as a whole, letter case included."""

    pseudonym: str = Field(min_length=1, max_length=LONGEST)
    project: str = ""
    """Only in this project; in each if empty."""


class Columns(BaseModel):
    """How a CSV file is to be read; a column is the number that it has, from 1, or its header."""

    model_config = ConfigDict(extra="forbid")

    separator: str = Field(default=",", pattern=r'^[^"\r\n]$')
    encoding: str = Field(default="utf-8-sig", max_length=40)
    from_line: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    """The first line with a patient."""
    pseudonym: Column | None = None
    patient_id: Column | None = None
    issuer: Column | None = None
    last_name: Column | None = None
    first_name: Column | None = None

    def layout(self) -> Layout:
        given = self.model_dump(exclude_none=True, exclude={"separator", "encoding", "from_line"})
        columns = {name: int(text) if text.isascii() and text.isdecimal() else text for name, text in given.items()}
        return Layout(self.separator, self.encoding, columns, self.from_line)


def _keeping(gateway: Reached, caller: Keeper) -> PseudonymEditor:
    return PseudonymEditor(gateway.configurations.current(), gateway.pseudonyms, gateway.audit, caller.actor)


def _looking(gateway: Reached, caller: Identifier) -> PseudonymEditor:
    return PseudonymEditor(gateway.configurations.current(), gateway.pseudonyms, gateway.audit, caller.actor)


Table = Annotated[PseudonymEditor, Depends(_keeping)]
Mapping = Annotated[PseudonymEditor, Depends(_looking)]


@router.get("", summary="Rows of a project, in the order in which they were added")
def read_rows(table: Table, project: str, wanted: Annotated[Containing, Query()]) -> PseudonymsFound:
    """The audit trail notes who looked."""
    contains = Patient(**wanted.model_dump(exclude={"after", "limit"}))
    entries = table.page(project, Page(wanted.limit, wanted.after, contains), datetime.now(UTC))
    return PseudonymsFound(
        rows=[_row(each) for each in entries], after=entries[-1].id if len(entries) == wanted.limit else None
    )


@router.post("", summary="Add a patient", status_code=201)
def add_row(gateway: Reached, table: Table, project: str, given: Annotated[Given, Body()]) -> Released:
    """Deliveries that waited for the pseudonym go on. 409 if the patient or the pseudonym is in the table already."""
    return _released(gateway, table.add_one(project, given.patient(), datetime.now(UTC)))


@router.delete("", summary="Delete every row of a project")
def remove_rows(table: Table, project: str) -> Deleted:
    """And of no other; the project need not be configured any more."""
    return Deleted(deleted=table.clear(project, datetime.now(UTC)))


@router.post("/delete", summary="Delete some rows")
def remove_some(table: Table, project: str, given: Annotated[Numbers, Body()]) -> Deleted:
    """Those that there are; others are passed over."""
    return Deleted(deleted=table.delete(project, given.numbers, datetime.now(UTC)))


@router.post("/import", summary="Add every row of a CSV file, or none")
def import_rows(
    gateway: Reached,
    table: Table,
    project: str,
    columns: Annotated[Columns, Query()],
    file: Annotated[bytes, Body(media_type="text/csv", max_length=LARGEST_CSV)],
) -> Imported:
    """Answers 422, with the lines, if any row has a fault. Columns that are not named are found by the usual headers."""
    found = import_csv(BytesIO(file), columns.layout(), table, project, datetime.now(UTC))
    return Imported(rows=found.rows, released=_released(gateway, found.released).released)


@router.put("/{number}", summary="Correct a row")
def put_row(gateway: Reached, table: Table, project: str, number: Number, given: Annotated[Given, Body()]) -> Released:
    """409 if the patient or the pseudonym is in another row."""
    return _released(gateway, table.change(project, number, given.patient(), datetime.now(UTC)))


@lookup_router.post("/lookup", summary="Whom a pseudonym stands for")
def look_up(table: Mapping, asked: Annotated[Asked, Body()]) -> list[Row]:
    """In each project where it stands for somebody; the audit trail notes who asked."""
    return [_row(each) for each in table.lookup(asked.pseudonym, datetime.now(UTC), asked.project)]


def _row(each: Entry) -> Row:
    patient = each.patient
    return Row(
        number=each.id,
        project=each.project,
        patient_id=patient.patient_id,
        pseudonym=patient.pseudonym,
        issuer=patient.issuer,
        last_name=patient.last_name,
        first_name=patient.first_name,
        expires_at=each.expires_at,
    )


def _released(gateway: Reached, count: int) -> Released:
    gateway.bell.ring()
    return Released(released=count)

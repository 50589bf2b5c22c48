"""`philae pseudonyms`: the table of who a pseudonym stands for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.console import SHOWN, complain_of, print_json, say
from philae.cli.data import DATA
from philae.cli.failure import FAILED, MISUSED, fail
from philae.cli.opened import opened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.admin.pseudonym_editing import PseudonymEditor
    from philae.admin.pseudonyms import Entry
    from philae.cli.opened import Opened

group = typer.Typer(help="Import, add, list, delete and look up pseudonyms.", no_args_is_help=True)

PROJECT = Annotated[str, typer.Option("--project", help="The project whose table it is.")]
JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="pseudonyms")


@group.command("import")
def import_table(
    file: Annotated[Path, typer.Argument(help="A CSV file.")],
    project: PROJECT,
    *,
    separator: Annotated[str, typer.Option(help="The character between columns; 'tab' is one.")] = ",",
    encoding: Annotated[str, typer.Option(help="Of the file, such as windows-1252.")] = "utf-8-sig",
    column: Annotated[
        list[str] | None, typer.Option(help="FIELD=NUMBER or FIELD=HEADER for pseudonym, patient_id, issuer, ...")
    ] = None,
    from_line: Annotated[int | None, typer.Option(min=1, help="The first line with a patient.")] = None,
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Add every row of a file, or none when any has a fault; deliveries that waited for a pseudonym go on."""
    from philae.admin.csv_rows import RowFaults
    from philae.admin.pseudonym_csv import Layout, import_csv

    layout = Layout("\t" if separator == "tab" else separator, encoding, _columns(column or ()), from_line)
    with opened(data) as gateway, file.open("rb") as content:
        try:
            imported = import_csv(content, layout, _table(gateway), project, datetime.now(UTC))
        except RowFaults as error:
            complain_of(f"{file}: {fault}" for fault in error.faults[:SHOWN])
            fail(f"{error.count} rows of {file} have a fault; nothing was imported", code=FAILED)
        gateway.ring()
    if as_json:
        print_json({"rows": imported.rows, "released": imported.released})
    else:
        say(f"{imported.rows} pseudonyms are in the table; {imported.released} deliveries go on")


@group.command("add")
def add(
    patient_id: Annotated[str, typer.Argument(help="As in the instances, (0010,0020).")],
    pseudonym: Annotated[str, typer.Argument(help="What stands for the patient.")],
    project: PROJECT,
    issuer: Annotated[str, typer.Option(help="Of the Patient ID, (0010,0021).")] = "",
    last_name: Annotated[str, typer.Option(help="For people.")] = "",
    first_name: Annotated[str, typer.Option(help="For people.")] = "",
    data: DATA = None,
) -> None:
    """Add one patient; deliveries that waited for the pseudonym go on."""
    from philae.admin.pseudonym_editing import Collisions
    from philae.admin.pseudonyms import Patient

    patient = Patient(patient_id.strip(), pseudonym.strip(), issuer.strip(), last_name.strip(), first_name.strip())
    with opened(data) as gateway:
        try:
            released = _table(gateway).add_one(project, patient, datetime.now(UTC))
        except Collisions as error:
            fail(error.collisions[0].words, code=FAILED)
        gateway.ring()
    say(f"added; {released} deliveries go on")


@group.command("list")
def list_rows(
    project: PROJECT,
    limit: Annotated[int, typer.Option(min=1, max=1_000_000, help="Rows at most.")] = 100,
    after: Annotated[int, typer.Option(min=0, help="Only rows with a higher number.")] = 0,
    patient_id: Annotated[str, typer.Option(help="Only Patient IDs that contain this.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Print rows with whom they stand for; the audit trail notes it."""
    from philae.admin.pseudonyms import Page, Patient

    with opened(data) as gateway:
        page = Page(limit, after, Patient(patient_id, ""))
        found = _table(gateway).page(project, page, datetime.now(UTC))
    _print(found, as_json=as_json)


@group.command("delete")
def delete(
    project: PROJECT,
    numbers: Annotated[list[int] | None, typer.Argument(metavar="[NUMBER]...", help="As `list` has them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All rows of the project, and of no other.")] = False,
    data: DATA = None,
) -> None:
    """Delete rows by their numbers, or all of a project."""
    if every == bool(numbers):
        fail("name the rows by their numbers, or give --all", code=MISUSED)
    with opened(data) as gateway:
        table, now = _table(gateway), datetime.now(UTC)
        deleted = table.clear(project, now) if every else table.delete(project, numbers or [], now)
    say(f"{deleted} rows deleted")
    if numbers and deleted < len(set(numbers)):
        fail("some of the rows are not in the table of this project", code=FAILED)


@group.command("lookup")
def lookup(
    pseudonym: Annotated[str, typer.Argument(help="As a whole; case matters.")],
    project: Annotated[str, typer.Option("--project", help="One project only.")] = "",
    data: DATA = None,
    as_json: JSON = False,
) -> None:
    """Print whom a pseudonym stands for, by project; the audit trail notes it. Exit code 1 if nobody."""
    with opened(data) as gateway:
        found = _table(gateway).lookup(pseudonym, datetime.now(UTC), project)
    _print(found, as_json=as_json)
    if not found:
        fail("this pseudonym stands for nobody in the table", code=FAILED)


def _table(gateway: Opened) -> PseudonymEditor:
    from philae.admin.pseudonym_editing import PseudonymEditor
    from philae.store.audit import SqlAuditTrail
    from philae.store.pseudonyms import SqlPseudonyms

    rows, audit = SqlPseudonyms(gateway.database), SqlAuditTrail(gateway.database)
    return PseudonymEditor(gateway.configurations.current(), rows, audit, gateway.actor)


def _columns(options: Sequence[str]) -> dict[str, int | str]:
    columns: dict[str, int | str] = {}
    for option in options:
        name, separator, column = option.partition("=")
        if not separator or not column:
            fail(f"--column {option!r} is not FIELD=NUMBER or FIELD=HEADER", code=MISUSED)
        columns[name.strip()] = int(column) if column.isascii() and column.isdigit() else column
    return columns


def _print(entries: Sequence[Entry], *, as_json: bool) -> None:
    rows = [
        {
            "number": each.id,
            "project": each.project,
            "pseudonym": each.patient.pseudonym,
            "patient_id": each.patient.patient_id,
            "issuer": each.patient.issuer,
            "last_name": each.patient.last_name,
            "first_name": each.patient.first_name,
            "expires_at": each.expires_at.isoformat() if each.expires_at else None,
        }
        for each in entries
    ]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say("\t".join(str(value or "") for value in row.values()))

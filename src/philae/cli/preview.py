"""``philae preview``: what would happen to one instance, before anything does."""

from __future__ import annotations

import os
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from philae.cli.engine_options import Engine, EngineOptions, build_engine
from philae.cli.failure import Failure, Misuse
from philae.cli.option_group import takes
from philae.cli.row_output import write_csv, write_json, write_table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.deid.plan import Plan
    from philae.deid.report import Row


class Format(StrEnum):
    """How the plan is printed."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview")(preview)


@takes(EngineOptions)
def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A DICOM file.")],
    *,
    options: EngineOptions,
    format_: Annotated[
        Format,
        typer.Option("--format", help="html is one page with both headers side by side, which needs no other file."),
    ] = Format.TABLE,
    as_json: Annotated[bool, typer.Option("--json", help="The same as --format json.")] = False,
    kept: Annotated[bool, typer.Option("--all", help="Show also what is kept, and why; html always does.")] = False,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write into a new FILE that only you can read."),
    ] = None,
    image: Annotated[
        Path | None,
        typer.Option(
            "--image",
            metavar="FILE",
            help="Write the pixels before and after, what changes outlined, into a new PNG that only you can read.",
        ),
    ] = None,
    frame: Annotated[int, typer.Option("--frame", metavar="N", min=1, help="Which frame --image shows.")] = 1,
) -> None:
    """Show what the profile would change in FILE: path, attribute, before, after, action, rule, reason.

    It shows the patient's own values. The instance is not changed, and without --output nothing is written.
    """
    if as_json:
        format_ = Format.JSON
    engine = build_engine(options)
    plan, rows = _planned(engine, file, kept=kept or format_ is Format.HTML)
    if image is not None:
        picture = _pictured(engine, file, frame)
        with os.fdopen(_created(image), "wb") as png:
            png.write(picture)
    if output is None:
        _print(plan, rows, format_, file, sys.stdout)
        return
    with os.fdopen(_created(output), "w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        _print(plan, rows, format_, file, stream)


def _created(file: Path) -> int:
    try:
        return os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError as error:
        raise Misuse(f"{file} exists; name a new file") from error


def show_preview(file: Path, profile: Path, secret: str, project_name: str) -> None:
    """Print the table for one file, with the derived pseudonym."""
    plan, rows = _planned(build_engine(EngineOptions(profile, secret, project_name=project_name)), file, kept=False)
    _print(plan, rows, Format.TABLE, file, sys.stdout)


def _pictured(engine: Engine, file: Path, frame: int) -> bytes:
    """A PNG of a frame before and after."""
    from datetime import UTC, datetime

    from philae.deid.errors import DeidError
    from philae.deid.files.instance_file import InstanceFile
    from philae.deid.pixels.side_by_side import images, side_by_side
    from philae.dicom.scan import inflate

    with InstanceFile(file) as instance:
        try:
            before = inflate(instance.encoded)
            pseudonym = engine.pseudonyms.pseudonym(before)
            output = engine.compiled.output(before, pseudonym=pseudonym, now=datetime.now(UTC))
            first, second = images(before, output)
            if first is None or second is None:
                raise Failure(f"{file} has no pixels, or the profile takes them away")
            return side_by_side(first, second, frame)
        except DeidError as error:
            raise Failure(f"{file}: {error}") from error


def _planned(engine: Engine, file: Path, *, kept: bool) -> tuple[Plan, Sequence[Row]]:
    from datetime import UTC, datetime

    from philae.deid.errors import DeidError
    from philae.deid.files.instance_file import DirectoryFile, InstanceFile
    from philae.deid.report import rows
    from philae.deid.requests import NO_REPLIES
    from philae.dicom.part10 import NotDicom
    from philae.dicom.scan import MalformedDataset, inflate

    try:
        with InstanceFile(file) as instance:
            encoded = inflate(instance.encoded)
            pseudonym = engine.pseudonyms.pseudonym(encoded)
            requests = engine.compiled.requests(encoded, pseudonym=pseudonym)
            replies = engine.ask(requests) if engine.ask is not None else NO_REPLIES
            plan = engine.compiled.plan(encoded, pseudonym=pseudonym, now=datetime.now(UTC), replies=replies)
            return plan, tuple(rows(plan, encoded, engine.compiled, kept=kept))
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror}") from error
    except NotDicom as error:
        raise Failure(f"{file} is no DICOM file: {error}") from error
    except (DirectoryFile, DeidError, MalformedDataset) as error:
        raise Failure(f"{file}: {error}") from error


def _print(plan: Plan, rows: Sequence[Row], format_: Format, file: Path, stream: TextIO) -> None:
    from philae.deid.report import Row

    match format_:
        case Format.JSON:
            write_json(_document(plan, rows), stream)
        case Format.CSV:
            names = (*Row._fields, "change")
            write_csv(names, ([*(value or "" for value in row), row.change] for row in rows), stream)
        case Format.HTML:
            from philae.deid.report_page import page

            stream.write(page(rows, f"Preview of {file.name}"))
        case Format.TABLE:
            _print_table(plan, rows, stream)


def _document(plan: Plan, rows: Sequence[Row]) -> dict[str, object]:
    return {
        "excluded": plan.excluded,
        "warnings": plan.warnings,
        "sop_class_uid": plan.sop_class_uid,
        "sop_instance_uid": plan.sop_instance_uid,
        "study_instance_uid": plan.study_instance_uid,
        "changes": [row._asdict() for row in rows],
    }


def _print_table(plan: Plan, rows: Sequence[Row], stream: TextIO) -> None:
    stream.writelines(f"warning: {warning}\n" for warning in plan.warnings)
    if plan.excluded is not None:
        stream.write(f"excluded: {plan.excluded}\n")
        return
    lines = [
        (row.path, row.keyword, _shown(row.before, "(absent)"), _shown(row.after, "(removed)"), *row[5:])
        for row in rows
    ]
    write_table(("path", "attribute", "before", "after", "action", "rule", "reason"), lines, stream)


def _shown(value: str | None, missing: str) -> str:
    return missing if value is None else value or "(empty)"

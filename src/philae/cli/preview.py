"""``philae preview``: what would happen to one instance, before anything does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.console import print_json, say
from philae.cli.engine_options import (
    Engine,
    ProfileOption,
    ProjectNameOption,
    PseudonymOption,
    PseudonymTagOption,
    SecretFileOption,
    SecretOption,
    build_engine,
)
from philae.cli.failure import Failure, Misuse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.deid.plan import Plan
    from philae.deid.report import Row


_WIDE: Final = 240
"""Columns of a table that goes into a file or a pipe."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("preview")(preview)


def preview(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A DICOM file.")],
    *,
    profile: ProfileOption,
    secret: SecretOption = None,
    secret_file: SecretFileOption = None,
    pseudonym: PseudonymOption = None,
    pseudonym_tag: PseudonymTagOption = None,
    project_name: ProjectNameOption = "philae",
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as JSON.")] = False,
) -> None:
    """Show what the profile would change in FILE: path, attribute, before, after, rule.

    The table shows the patient's own values. Nothing is written.
    """
    engine = build_engine(profile, secret, secret_file, pseudonym, pseudonym_tag, project_name)
    plan, rows = _planned(engine, file)
    if as_json:
        _print_document(plan, rows)
    else:
        _print(plan, rows)


def show_preview(file: Path, profile: Path, secret: str, project_name: str) -> None:
    """Print the table for one file, with the derived pseudonym."""
    plan, rows = _planned(build_engine(profile, secret, None, None, None, project_name), file)
    _print(plan, rows)


def _planned(engine: Engine, file: Path) -> tuple[Plan, Sequence[Row]]:
    from datetime import UTC, datetime

    from philae.admin.instance_file import DirectoryFile, InstanceFile
    from philae.deid.errors import DeidError
    from philae.deid.report import rows
    from philae.dicom.part10 import NotDicom
    from philae.dicom.scan import MalformedDataset, inflate

    try:
        with InstanceFile(file) as instance:
            encoded = inflate(instance.encoded)
            pseudonym = engine.pseudonyms.pseudonym(encoded)
            plan = engine.compiled.plan(encoded, pseudonym=pseudonym, now=datetime.now(UTC))
            return plan, tuple(rows(plan, encoded, engine.compiled))
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror}") from error
    except NotDicom as error:
        raise Failure(f"{file} is no DICOM file: {error}") from error
    except (DirectoryFile, DeidError, MalformedDataset) as error:
        raise Failure(f"{file}: {error}") from error


def _print_document(plan: Plan, rows: Sequence[Row]) -> None:
    print_json(
        {
            "excluded": plan.excluded,
            "sop_class_uid": plan.sop_class_uid,
            "sop_instance_uid": plan.sop_instance_uid,
            "study_instance_uid": plan.study_instance_uid,
            "changes": [row._asdict() for row in rows],
        }
    )


def _print(plan: Plan, rows: Sequence[Row]) -> None:
    if plan.excluded is not None:
        say(f"excluded: {plan.excluded}")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, header_style="bold", pad_edge=False)
    for heading in ("path", "attribute", "before", "after", "rule"):
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(row.path, row.keyword, _shown(row.before, "(absent)"), _shown(row.after, "(removed)"), row.rule)
    Console(markup=False, width=None if sys.stdout.isatty() else _WIDE).print(table)


def _shown(value: str | None, missing: str) -> str:
    return missing if value is None else value or "(empty)"

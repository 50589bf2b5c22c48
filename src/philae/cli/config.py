"""`philae config`: the configuration as a document."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.data import DATA, settings_for
from philae.cli.failure import fail
from philae.cli.opened import opened

if TYPE_CHECKING:
    from philae.config.configuration import Configuration

group = typer.Typer(help="Apply or export the configuration document.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="config")


def read_document(path: Path) -> Configuration:
    """The document in a file; ends the command with every fault when it has some."""
    from philae import destinations, pseudonyms
    from philae.config.document import DocumentFaults, load_document

    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fail(f"cannot read {path}: {error}", code=2)
    try:
        return load_document(
            text,
            path.resolve().parent,
            destination_kinds=destinations.SETTINGS,
            pseudonym_kinds=pseudonyms.SETTINGS,
        )
    except DocumentFaults as error:
        fail(*(f"{path}: {fault}" for fault in error.faults), code=2)


@group.command("apply")
def apply_document(
    file: Annotated[Path, typer.Argument(help="Configuration document (YAML).")],
    data: DATA = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check the document and change nothing.")] = False,
) -> None:
    """Check a document and make it the configuration; a running gateway follows within a second."""
    from philae.admin.project_secrets import changed_secrets
    from philae.config.document import DocumentFaults

    configuration = read_document(file)
    if dry_run:
        sys.stderr.write(f"{file}: no faults; nothing was changed\n")
        return
    settings = settings_for(data)
    settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with opened(data) as gateway:
        before = gateway.configurations.current()
        try:
            wanted = configuration.model_copy(update={"version": before.version})
            applied = gateway.change(wanted, "configuration.applied")
        except DocumentFaults as error:
            fail(*(f"{file}: {fault}" for fault in error.faults), code=2)
    for warning in changed_secrets(before, applied):
        sys.stderr.write(f"warning: {warning}\n")
    sys.stderr.write(f"configuration version {applied.version} is current\n")


@group.command("export")
def export_document(data: DATA = None) -> None:
    """Print the current configuration as a document that `config apply` takes; it holds no secrets."""
    from philae.app.gateway import config_store, open_database
    from philae.config.document import dump_document
    from philae.pipeline.ports import LedgerUnavailable

    settings = settings_for(data)
    try:
        database = open_database(settings)
        document = dump_document(config_store(database).current())
        database.close()
    except LedgerUnavailable as error:
        fail(str(error))
    sys.stdout.write(document)

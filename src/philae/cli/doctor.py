"""``philae doctor``: why nothing arrives at a destination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.console import print_json, say
from philae.cli.data import DATA
from philae.cli.failure import FAILED

if TYPE_CHECKING:
    from philae.admin.doctor import Finding


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    destination: Annotated[
        str, typer.Argument(metavar="NODE/NAME", help="AE title of the forward node / destination.")
    ],
    store: Annotated[bool, typer.Option("--store", help="Deliver a made-up instance as well.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data: DATA = None,
) -> None:
    """Examine a destination step by step. Exit code 1 if a step failed; works while the gateway runs or not."""
    from philae.admin.doctor import as_document, case_of, examine, is_healthy
    from philae.cli.opened import opened
    from philae.destinations import examination_of
    from philae.store.deliveries import SqlDeliveryBook

    with opened(data) as gateway:
        configuration, book = gateway.configurations.current(), SqlDeliveryBook(gateway.database)
        case = case_of(configuration, book, destination, store=store)
    findings = []
    for finding in examine(examination_of(case)):
        findings.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        print_json(as_document(case, findings))
    if not is_healthy(findings):
        raise typer.Exit(FAILED)


def _show(finding: Finding) -> None:
    took = f"{finding.ms:7.0f} ms" if finding.ms else " " * 10
    say(f"{finding.verdict:8}{took}  {finding.step}: {finding.message}")
    if finding.advice:
        say(f"{'':20}-> {finding.advice}")

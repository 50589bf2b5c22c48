"""``philae doctor``: why nothing arrives at a destination."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.console import print_json, say
from philae.cli.data import DATA
from philae.cli.failure import FAILED
from philae.cli.opened import opened

if TYPE_CHECKING:
    from philae.admin.doctor import Finding
    from philae.admin.examinations import Examined
    from philae.cli.opened import Opened

_SHOWN: Final = 20


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("doctor")(doctor)


def doctor(
    destination: Annotated[
        str, typer.Argument(metavar="NODE/NAME", help="AE title of the forward node / destination.")
    ],
    store: Annotated[bool, typer.Option("--store", help="Deliver a made-up instance as well.")] = False,
    history: Annotated[
        bool, typer.Option("--history", help="Print what was found before, and examine nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    data: DATA = None,
) -> None:
    """Examine a destination step by step. Exit code 1 if a step failed; works while the gateway runs or not."""
    from philae.admin.doctor import is_healthy

    with opened(data) as gateway:
        if history:
            _show_history(gateway, destination, as_json=as_json)
            return
        findings = _examined(gateway, destination, store=store, as_json=as_json)
    if not is_healthy(findings):
        raise typer.Exit(FAILED)


def _examined(gateway: Opened, name: str, *, store: bool, as_json: bool) -> list[Finding]:
    from philae.admin.doctor import as_document, case_of
    from philae.admin.examinations import examine_and_keep
    from philae.destinations import examination_of
    from philae.store.deliveries import SqlDeliveryBook
    from philae.store.examinations import SqlExaminations

    case = case_of(gateway.configurations.current(), SqlDeliveryBook(gateway.database), name, store=store)
    book, findings = SqlExaminations(gateway.database), []
    for finding in examine_and_keep(examination_of(case), case.destination.id, gateway.actor, book):
        findings.append(finding)
        if not as_json:
            _show(finding)
    if as_json:
        print_json(as_document(case, findings))
    return findings


def _show_history(gateway: Opened, name: str, *, as_json: bool) -> None:
    from philae.admin.doctor import destination_named
    from philae.store.examinations import SqlExaminations

    _, destination = destination_named(gateway.configurations.current(), name)
    found = SqlExaminations(gateway.database).of(destination.id, _SHOWN)
    if as_json:
        print_json([each.as_document() for each in found])
        return
    for each in found:
        say(f"{each.at.astimezone():%Y-%m-%d %H:%M}  {_words(each)}  ({each.actor})")


def _words(each: Examined) -> str:
    complaint = each.complaint
    return f"failed   {complaint.step}: {complaint.message}" if complaint is not None else "healthy"


def _show(finding: Finding) -> None:
    took = f"{finding.ms:7.0f} ms" if finding.ms else " " * 10
    say(f"{finding.verdict:8}{took}  {finding.step}: {finding.message}")
    if finding.advice:
        say(f"{'':20}-> {finding.advice}")

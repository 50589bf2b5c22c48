"""``philae echo``: ask a peer whether it is there."""

from __future__ import annotations

from typing import Annotated

import typer

from philae.cli.console import print_json, say
from philae.cli.failure import FAILED, Failure
from philae.cli.peer import CallingOption, PeerArgument, address_of


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("echo")(echo)


def echo(
    peer: PeerArgument,
    calling: CallingOption = "PHILAE",
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the answer as JSON.")] = False,
) -> None:
    """Send a C-ECHO. Exit code 1 if the peer cannot be reached or does not answer with success."""
    from philae.dicom.status import store_status
    from philae.dimse.errors import DimseError
    from philae.tools import echo as tool

    address = address_of(peer, calling)
    try:
        answer = tool.echo(address)
    except DimseError as error:
        raise Failure(f"{peer}: {error}") from error
    if answer is None:
        raise Failure(f"{peer}: the peer does not accept the Verification SOP Class; ask for it to be enabled")
    words = f"{store_status(answer.status)}{f': {answer.comment}' if answer.comment else ''}"
    if as_json:
        print_json(
            {
                "peer": peer,
                "status": f"{answer.status:04X}",
                "words": words,
                "association_ms": round(answer.association_ms, 1),
                "answer_ms": round(answer.answer_ms, 1),
            }
        )
    else:
        say(f"{peer}: {words}, association in {answer.association_ms:.1f} ms, answer in {answer.answer_ms:.1f} ms")
    if answer.status:
        raise typer.Exit(FAILED)

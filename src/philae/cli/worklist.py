"""``philae worklist``: what a worklist server has scheduled."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.console import complain, print_json, say
from philae.cli.failure import FAILED, Failure
from philae.cli.peer import CallingOption, PeerArgument, address_of

if TYPE_CHECKING:
    from philae.tools.worklist import Worklist


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("worklist")(worklist)


DAY = typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD")


def worklist(
    peer: PeerArgument,
    calling: CallingOption = "PHILAE",
    *,
    station: Annotated[str, typer.Option(help="AE title of the station.")] = "",
    modality: Annotated[str, typer.Option(help="Such as CT.")] = "",
    patient_id: Annotated[str, typer.Option(help="Patient ID; * and ? stand for other characters.")] = "",
    patient_name: Annotated[str, typer.Option(help="As in DICOM, such as 'Muster^*'.")] = "",
    admission_id: Annotated[str, typer.Option(help="Admission ID.")] = "",
    accession_number: Annotated[str, typer.Option(help="Accession Number.")] = "",
    since: Annotated[datetime | None, DAY] = None,
    until: Annotated[datetime | None, DAY] = None,
    dump: Annotated[bool, typer.Option("--dump", help="Print every attribute.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print DICOM JSON (PS3.18 F).")] = False,
) -> None:
    """Print the entries of a DICOM worklist, which name patients. Exit code 1 if the server cannot be asked."""
    from philae.dimse.errors import DimseError
    from philae.tools.worklist import Wanted, lines, query

    first, last = (each.date() if each is not None else None for each in (since, until))
    wanted = Wanted(station, modality, patient_id, admission_id, first, last, patient_name, accession_number)
    try:
        found = query(address_of(peer, calling), wanted)
    except DimseError as error:
        raise Failure(f"{peer}: {error}") from error
    if as_json:
        print_json([each.dataset.to_json_dict() for each in found.entries])
    elif dump:
        say("".join(lines(found)))
    else:
        _print(found)
    if found.is_cut:
        complain(f"there are more than these {len(found.entries)}; name a day, a modality or a station")
    elif found.status:
        complain(f"the server answers {found.status:04X}H {found.comment}".rstrip())
        raise typer.Exit(FAILED)


def _print(found: Worklist) -> None:
    for each in found.entries:
        texts = each.starts, each.modality, each.station_ae_title, each.patient_name, each.patient_id
        say("\t".join((*texts, each.patient_birth_date, each.accession_number, each.description)))

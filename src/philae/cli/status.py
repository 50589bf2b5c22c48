"""`philae status`: where every delivery stands."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.console import say
from philae.cli.data import DATA, settings_for
from philae.cli.failure import fail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from philae.admin.status import DestinationStatus, GatewayStatus
    from philae.pipeline.commitments import Uncommitted


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(status)


def status(
    data: DATA = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show how many instances were accepted and where their deliveries stand; works while the gateway runs or not."""
    from philae.admin.status import gateway_status
    from philae.app.gateway import config_store, open_database
    from philae.pipeline.ports import LedgerUnavailable
    from philae.store.reading import read_standing

    settings = settings_for(data)
    if settings.uses_default_database and not settings.data.is_dir():
        fail(f"there is no gateway in {settings.data}; name its folder with --data")
    try:
        database = open_database(settings)
        standing = read_standing(database)
        found = gateway_status(standing.counts, config_store(database).current(), standing.places())
        database.close()
    except LedgerUnavailable as error:
        fail(str(error))
    if as_json:
        json.dump(found.as_document(), sys.stdout)
        sys.stdout.write("\n")
    else:
        show_status(found)
    if not found.deliveries.balanced:
        fail("the accounting identity does not hold: deliveries opened and deliveries by state differ")


def show_status(found: GatewayStatus) -> None:
    """Print the accounting identity as a table, then why something waits."""
    from rich.console import Console
    from rich.table import Table

    table = Table("node", "destination", title=f"{found.accepted} instances accepted", title_justify="left")
    for word in found.deliveries.as_words():
        table.add_column(word.replace("_", " "), justify="right", min_width=len(max(word.split("_"), key=len)))
    for node in found.nodes:
        for each in node.destinations:
            table.add_row(node.ae_title, _name(each), *map(str, each.tally.as_words().values()))
    table.add_section()
    table.add_row("all", "", *map(str, found.deliveries.as_words().values()))
    Console(markup=False, width=max(120, Console().width)).print(table)
    for node in found.nodes:
        for each in node.destinations:
            for words in _waits(each):
                say(f"{node.ae_title}/{each.name}: {words}")


def _name(each: DestinationStatus) -> str:
    state = "removed" if each.removed else "disabled" if not each.enabled else "paused" if each.paused else ""
    return f"{each.name} ({state})" if state else each.name


def _waits(each: DestinationStatus) -> Iterator[str]:
    if each.closed_until is not None:
        yield f"closed until {_local(each.closed_until)}"
    place = each.place
    if place is None:
        return
    if place.trouble is not None:
        since, tried_at = _local(place.trouble.since), _local(place.trouble.tried_at)
        yield f"cannot be reached since {since}, last tried {tried_at}: {place.trouble.reason}"
    if place.oldest_waiting is not None:
        because = f"; the receiver put it off with {place.waits_because}" if place.waits_because else ""
        yield f"the oldest that waits was accepted {_local(place.oldest_waiting)}{because}"
    for waiting in place.unshared:
        because = f": {waiting.reason}" if waiting.reason else ""
        yield f"{waiting.series} series wait for album {waiting.album}{because}"
    if place.uncommitted is not None:
        yield _uncommitted(place.uncommitted)


def _uncommitted(found: Uncommitted) -> str:
    asked = (
        f"asked {found.attempts} times" if found.attempts > 1 else "asked once" if found.attempts else "not asked yet"
    )
    because = f": {found.reason}" if found.reason else ""
    return f"{found.instances} instances await storage commitment since {_local(found.since)}, {asked}{because}"


def _local(at: datetime) -> str:
    return at.astimezone().isoformat(" ", "seconds")

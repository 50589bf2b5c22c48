"""`philae status`: where every delivery stands."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.data import DATA, settings_for
from philae.cli.failure import fail

if TYPE_CHECKING:
    from philae.admin.status import GatewayStatus


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
    from philae.store.ledger import SqlLedger

    settings = settings_for(data)
    if settings.uses_default_database and not settings.data.is_dir():
        fail(f"there is no gateway in {settings.data}; name its folder with --data")
    try:
        database = open_database(settings)
        found = gateway_status(SqlLedger(database).counts(), config_store(database).current())
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
    """Print the accounting identity as a table."""
    from rich.console import Console
    from rich.table import Table

    table = Table("node", "destination", title=f"{found.accepted} instances accepted", title_justify="left")
    for word in found.deliveries.as_words():
        table.add_column(word.replace("_", " "), justify="right", min_width=len(max(word.split("_"), key=len)))
    for node in found.nodes:
        for each in node.destinations:
            name = each.name if each.enabled else f"{each.name} (disabled)"
            table.add_row(node.ae_title, name, *map(str, each.tally.as_words().values()))
    table.add_section()
    table.add_row("all", "", *map(str, found.deliveries.as_words().values()))
    Console(markup=False, width=max(120, Console().width)).print(table)

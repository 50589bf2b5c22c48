"""`philae users`: who may sign in to the web interface."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from philae.cli.console import print_json, say
from philae.cli.data import DATA
from philae.cli.opened import opened

group = typer.Typer(help="Show who may sign in; make a link to set up an administrator.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="users")


@group.command("setup-link")
def setup_link(data: DATA = None) -> None:
    """Print a link by which somebody becomes an administrator: it works once, for a day; the one before is void."""
    from datetime import UTC, datetime

    from philae.admin.audit import Event
    from philae.admin.users_sessions import new_setup_link
    from philae.app.web import setup_url
    from philae.store.audit import SqlAuditTrail
    from philae.store.users import SqlSetupLinks

    with opened(data) as gateway:
        now = datetime.now(UTC)
        text = new_setup_link(SqlSetupLinks(gateway.database), now)
        SqlAuditTrail(gateway.database).record(Event(now, gateway.actor, "user.setup-link", ""))
        link = setup_url(gateway.settings, text)
    sys.stderr.write("Open this link in a browser, once and within a day; whoever has it becomes an administrator:\n")
    say(link)


@group.command("list")
def show(
    data: DATA = None, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False
) -> None:
    """List the users and their roles."""
    from philae.store.users import SqlUserStore

    with opened(data) as gateway:
        users = SqlUserStore(gateway.database).all()
    rows = [{"name": each.name, "roles": sorted(role.value for role in each.roles)} for each in users]
    if as_json:
        print_json(rows)
        return
    for row in rows:
        say(f"{row['name']}\t{', '.join(row['roles'])}")

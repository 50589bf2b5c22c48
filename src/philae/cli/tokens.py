"""`philae tokens`: who may call the REST API."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from philae.cli.console import print_json, say
from philae.cli.data import DATA, settings_for
from philae.cli.opened import opened

if TYPE_CHECKING:
    from philae.admin.token_keeping import TokenKeeper
    from philae.cli.opened import Opened

group = typer.Typer(help="Issue, list and revoke API tokens.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="tokens")


@group.command("create")
def create(
    name: Annotated[str, typer.Argument(help="Who or what will use it.")],
    scope: Annotated[list[str], typer.Option(help="What it may do; may be repeated.")],
    days: Annotated[int, typer.Option(help="How long it lives; 0 is for ever.", min=0, max=36_500)] = 365,
    data: DATA = None,
) -> None:
    """Print a new token, once: only its hash is stored."""
    from datetime import UTC, datetime, timedelta

    lifetime = timedelta(days=days) if days else None
    settings_for(data).data.mkdir(parents=True, exist_ok=True, mode=0o700)
    with opened(data) as gateway:
        token, text = _keeper(gateway).issue(name, scope, datetime.now(UTC), lifetime)
    until = f"until {token.expires_at:%Y-%m-%d}" if token.expires_at else "for ever"
    sys.stderr.write(f"token {name!r} may {', '.join(sorted(token.scopes))} {until}; it is shown only now:\n")
    say(text)


@group.command("list")
def show(
    data: DATA = None, as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False
) -> None:
    """List the tokens; their texts are not known to anyone but their holders."""
    from philae.store.tokens import SqlTokenStore

    with opened(data) as gateway:
        tokens = SqlTokenStore(gateway.database).all()
    if as_json:
        print_json(
            [
                {
                    "name": each.name,
                    "scopes": sorted(each.scopes),
                    "created_at": each.created_at.isoformat(),
                    "expires_at": each.expires_at.isoformat() if each.expires_at else None,
                }
                for each in tokens
            ]
        )
        return
    for each in tokens:
        until = f"{each.expires_at:%Y-%m-%d}" if each.expires_at else "never"
        say(f"{each.name}\texpires {until}\t{', '.join(sorted(each.scopes))}")


@group.command("revoke")
def revoke(name: Annotated[str, typer.Argument(help="The token's name.")], data: DATA = None) -> None:
    """Take a token back; it is refused from the next request on."""
    from datetime import UTC, datetime

    with opened(data) as gateway:
        _keeper(gateway).revoke(name, datetime.now(UTC))


def _keeper(gateway: Opened) -> TokenKeeper:
    from philae.admin.token_keeping import TokenKeeper
    from philae.store.tokens import SqlTokenStore

    return TokenKeeper(SqlTokenStore(gateway.database), gateway.audit, gateway.actor)

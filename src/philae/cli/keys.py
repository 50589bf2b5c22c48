"""`philae keys`: what seals the secrets in the database."""

from __future__ import annotations

import typer

from philae.cli.console import complain, say
from philae.cli.data import DATA
from philae.cli.opened import opened

group = typer.Typer(help="Make and change the key that seals stored secrets.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="keys")


@group.command("new")
def new() -> None:
    """Print a key for PHILAE_SECRET_KEY; nothing is changed."""
    from philae.store.secret_keys import new_key

    say(new_key())


@group.command("rotate")
def rotate(data: DATA = None) -> None:
    """Seal every stored secret anew, with a new key, or with the first of those in PHILAE_SECRET_KEY."""
    from philae.app.gateway import keys_of
    from philae.store.resealing import reseal
    from philae.store.secret_keys import KeyFile

    with opened(data) as gateway:
        keys = keys_of(gateway.settings)
        if isinstance(keys, KeyFile):
            keys.bring_in_new()
        count = reseal(gateway.database)
        if isinstance(keys, KeyFile):
            keys.forget_old()
    complain(f"{count} sealed values are sealed with the first key in {keys.place}; others are needed no more")

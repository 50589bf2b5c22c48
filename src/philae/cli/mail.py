"""`philae mail`: whether people can be told."""

from __future__ import annotations

from typing import Annotated

import typer

from philae.cli.console import say
from philae.cli.data import DATA
from philae.cli.failure import FAILED, fail
from philae.cli.opened import opened

group = typer.Typer(help="Try whether mail arrives.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="mail")


@group.command("test")
def send_test(address: Annotated[str, typer.Argument(help="Who gets the mail.")], data: DATA = None) -> None:
    """Send a test mail and say what the server answered."""
    from datetime import UTC, datetime

    from pydantic import TypeAdapter, ValidationError

    from philae.config.mail import Address
    from philae.notifications.smtp import NotSent
    from philae.notifications.trial import send_trial

    try:
        recipient: str = TypeAdapter(Address).validate_python(address)
    except ValidationError:
        fail(f"{address!r} is no address; write it as name@example.org", code=2)
    with opened(data) as gateway:
        try:
            say(send_trial(gateway.settings.mail, recipient, gateway.audit, gateway.actor, datetime.now(UTC)))
        except NotSent as error:
            fail(f"not sent: {error}", code=FAILED)

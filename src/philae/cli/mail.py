"""`philae mail`: whether people can be told."""

from __future__ import annotations

from typing import Annotated

import typer

from philae.cli.console import say
from philae.cli.data import DATA, settings_for
from philae.cli.failure import fail

group = typer.Typer(help="Try whether mail arrives.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="mail")


@group.command("test")
def send_test(address: Annotated[str, typer.Argument(help="Who gets the mail.")], data: DATA = None) -> None:
    """Send a test mail and say what the server answered."""
    from datetime import UTC, datetime
    from uuid import uuid4

    from pydantic import TypeAdapter, ValidationError

    from philae.admin.notifications.mail import Mail
    from philae.config.mail import Address
    from philae.notifications.smtp import NotSent, send

    server = settings_for(data).mail
    if server is None:
        fail("there is no mail server; set PHILAE_MAIL_HOST and PHILAE_MAIL_FROM", code=2)
    try:
        recipient: str = TypeAdapter(Address).validate_python(address)
    except ValidationError:
        fail(f"{address!r} is no address; write it as name@example.org", code=2)
    mail = Mail.of_lines((recipient,), "[Philae] test", ["Mail from this gateway arrives."])
    try:
        answer = send(server, mail, f"philae.test.{uuid4().hex}", datetime.now(UTC))
    except NotSent as error:
        fail(f"not sent: {error}")
    say(f"{server.host}:{server.port} ({server.security}) took the mail: {answer.words}")

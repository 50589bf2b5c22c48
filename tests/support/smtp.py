"""Mail servers on the loopback interface: aiosmtpd, and one that accepts and says nothing."""

from __future__ import annotations

import email
import socket
import ssl
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from philae.config.mail import MailSecurity, MailServer
from tests.support.gateway import free_port

USER, PASSWORD = "gateway", "hush-hush"


@dataclass
class Mailbox:
    """What the server took; it takes nothing for addresses in ``refused``, and nothing at all if ``busy``.

    It hangs up after ``patience`` mails of one connection.
    """

    refused: tuple[str, ...] = ()
    busy: bool = False
    patience: int = 1000
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)
    connections: Counter[Any] = field(default_factory=Counter)
    """Mails of each."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        if address in self.refused:
            return "550 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_MAIL(  # noqa: N802 - as above
        self, server: Any, session: Any, envelope: Any, address: str, _options: list[str]
    ) -> str:
        self.connections[session] += 1
        if self.connections[session] > self.patience:
            server.transport.close()
            return "421 enough for one connection"
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - as above
        if self.busy:
            return "451 come back later"
        message = email.message_from_bytes(envelope.content, policy=default)
        assert isinstance(message, EmailMessage)
        self.mails.append(message)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 kept it"

    @property
    def text(self) -> str:
        """Subjects and both parts of every mail, decoded."""
        return "\n".join(
            part
            for mail in self.mails
            for part in (str(mail["Subject"]), *(each.get_content() for each in mail.iter_parts()))
        )

    def server(self, security: MailSecurity = "none", **more: Any) -> MailServer:
        return MailServer("127.0.0.1", self.port, security, "philae@hospital.example", **more)


@contextmanager
def mail_server(
    mailbox: Mailbox | None = None, *, starttls: ssl.SSLContext | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Mailbox]:
    """A server on the mailbox's port or a free one; over TLS it wants `USER` and `PASSWORD`."""
    mailbox = mailbox or Mailbox()
    is_safe = starttls is not None or tls is not None
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=mailbox.port or free_port(),
        ssl_context=tls,
        tls_context=starttls,
        require_starttls=starttls is not None,
        auth_required=is_safe,
        auth_require_tls=tls is None,
        authenticator=_authenticated,
    )
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


def _authenticated(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=False)

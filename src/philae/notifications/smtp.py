"""Hands mails to a server (SMTP, RFC 5321), over TLS unless it is said otherwise."""

from __future__ import annotations

import ssl
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP as LINES_OF_SMTP
from email.utils import format_datetime
from smtplib import SMTP, SMTP_SSL, SMTPException
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import datetime

    from philae.admin.notifications.mail import Mail
    from philae.config.mail import MailServer

_ASCII: Final = LINES_OF_SMTP.clone(cte_type="7bit")
_TAKEN: Final = 250
_TAKEN_FORWARDING: Final = 251


class NotSent(Exception):
    """The server did not take the mail; the message says what it answered, or why it could not be asked."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said of a mail that it has taken."""

    words: str
    refused: tuple[str, ...]
    """Recipients that it does not take mail for."""


class Courier:
    """Hands mails to one server, one after the other over one connection; for one thread."""

    def __init__(self, server: MailServer) -> None:
        self._server = server
        self._connection: SMTP | None = None

    def send(self, mail: Mail, name: str, written_at: datetime) -> Answer:
        """Send ``mail``; ``name`` is the same for every attempt, so that a repeat is recognised. Raises `NotSent`.

        A server may end a connection after so many mails: what fails on one that was used is tried on a new one.
        """
        message = _encoded(self._server, mail, name, written_at)
        while True:
            was_used = self._connection is not None
            try:
                return self._transmit(mail.recipients, message)
            except NotSent:
                self._hang_up()
                if not was_used:
                    raise

    def close(self) -> None:
        """Say goodbye; the server has what it has taken, however it answers."""
        if self._connection is not None:
            with suppress(OSError, SMTPException):
                self._connection.quit()
            self._hang_up()

    def _transmit(self, recipients: tuple[str, ...], message: bytes) -> Answer:
        try:
            if self._connection is None:
                self._connection = _connection(self._server)
                _introduce(self._connection, self._server)
            return _transmit(self._connection, self._server.sender, recipients, message)
        except (OSError, SMTPException) as error:
            raise NotSent(f"{self._server.host}:{self._server.port}: {_words(error)}") from error

    def _hang_up(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _connection(server: MailServer) -> SMTP:
    if server.security == "tls":
        return SMTP_SSL(server.host, server.port, timeout=server.timeout_s, context=_context(server))
    return SMTP(server.host, server.port, timeout=server.timeout_s)


def _introduce(connection: SMTP, server: MailServer) -> None:
    if server.security == "starttls":
        connection.starttls(context=_context(server))
    if server.user:
        connection.login(server.user, server.password)


def _context(server: MailServer) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=server.authority)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _transmit(connection: SMTP, sender: str, recipients: tuple[str, ...], message: bytes) -> Answer:
    connection.ehlo_or_helo_if_needed()
    _check(connection.mail(sender))
    answers = {recipient: connection.rcpt(recipient) for recipient in recipients}
    refused = tuple(each for each, (code, _) in answers.items() if code not in {_TAKEN, _TAKEN_FORWARDING})
    if len(refused) == len(recipients):
        _check(answers[refused[0]])
    code, words = connection.data(message)
    _check((code, words))
    return Answer(f"{code} {_decoded(words)}", refused)


def _check(answer: tuple[int, bytes]) -> None:
    code, words = answer
    if code != _TAKEN:
        raise NotSent(f"{code} {_decoded(words)}")


def _encoded(server: MailServer, mail: Mail, name: str, written_at: datetime) -> bytes:
    message = EmailMessage(_ASCII)
    message["From"] = server.sender
    message["To"] = ", ".join(mail.recipients)
    message["Subject"] = _one_line(mail.subject)
    message["Date"] = format_datetime(written_at)
    message["Message-ID"] = f"<{name}@{server.sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    return message.as_bytes()


def _one_line(text: str) -> str:
    """Control characters in a header could begin another one."""
    return "".join(character if character.isprintable() else " " for character in text)


def _words(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            f"its certificate is not trusted ({error.verify_message}); set PHILAE_MAIL_AUTHORITY to who vouches for it"
        )
    code, words = getattr(error, "smtp_code", None), getattr(error, "smtp_error", b"")
    if code is not None:
        return f"{code} {_decoded(words)}"
    return (error.strerror if isinstance(error, OSError) and error.strerror else "") or str(error)


def _decoded(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return _one_line(text)

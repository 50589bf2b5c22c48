"""What is said about mail in settings and in the configuration: addresses, and the server that takes it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias

from pydantic import BeforeValidator, StringConstraints

from philae.config.spelled import Spelled

MailSecurity: TypeAlias = Literal["starttls", "tls", "none"]
PORTS: Final[dict[MailSecurity, int]] = {"starttls": 587, "tls": 465, "none": 25}
"""Where a server listens unless it is said otherwise (RFC 8314)."""

Address = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=254),
    Spelled(
        r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.\[\]:-]+",
        "give a mail address in plain letters, without a name, such as pacs@hospital.example",
    ),
]
"""An address such as ``a@b.example``, without a name; ASCII, so that every server takes it."""


def split_at_commas(value: Any) -> Any:
    """A text is a list whose items are separated by commas, as Karnak's form has it."""
    return [part for part in map(str.strip, value.split(",")) if part] if isinstance(value, str) else value


Addresses = Annotated[tuple[Address, ...], BeforeValidator(split_at_commas)]


@dataclass(frozen=True, slots=True)
class MailServer:
    """A server that takes mail, and how it is spoken to."""

    host: str
    port: int
    security: MailSecurity
    sender: str
    """The address that mail comes from."""
    user: str = ""
    password: str = field(default="", repr=False)
    authority: Path | None = None
    """Certificates that may vouch for the server; those of the operating system when not given."""
    timeout_s: float = 20.0
    """For each answer."""

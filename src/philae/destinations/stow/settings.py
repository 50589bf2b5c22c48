"""What a STOW-RS destination is told: where, as whom, and how much at once."""

from __future__ import annotations

import re
from typing import Any, ClassVar, Final, Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from typing_extensions import override

from philae.config.model import DestinationSettings, Frozen, Secret
from philae.config.tls import ClientTls

_PAIR: Final = re.compile(r"\s*<key>(?P<key>[^<>]*)</key>\s*<value>(?P<value>.*?)</value>\s*", re.DOTALL)
"""Karnak's notation of one header."""
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110 5.6.2)."""
_OURS: Final = frozenset({"accept", "connection", "content-length", "content-type", "host", "transfer-encoding"})


class BasicLogin(Frozen):
    """User and password, sent with every request (RFC 7617)."""

    username: str = Field(min_length=1, pattern=r"^[^:]+$")
    password: Secret = Field(repr=False)


class ClientCredentials(Frozen):
    """OAuth 2.0 client credentials (RFC 6749 4.4)."""

    token_url: str
    client_id: str = Field(min_length=1)
    client_secret: Secret = Field(repr=False)
    scope: str = ""

    @field_validator("token_url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        return _checked_url(url, "token_url", query=True)


class StowSettings(DestinationSettings):
    """``{kind: stow, url: https://archive.example.org/dicom-web}``."""

    kind_name: ClassVar[str] = "stow"
    kind: Literal["stow"] = "stow"
    url: str
    """``/studies`` is appended unless it ends so."""
    headers: dict[str, Secret] = Field(default={}, repr=False)
    """Further headers: a mapping, or ``<key>name</key><value>text</value>`` one after the other."""
    basic: BasicLogin | None = None
    token: Secret | None = Field(default=None, repr=False)
    """A bearer token that does not change."""
    oauth2: ClientCredentials | None = None
    tls: ClientTls = ClientTls()
    batch_instances: int = Field(default=20, ge=1, le=1000)
    batch_bytes: int = Field(default=64 << 20, ge=1)
    """A request holds at most so many instances and bytes; a larger instance goes alone."""
    look_up: bool = False
    """Ask by QIDO-RS whether an instance that the archive refuses is there already."""
    connections: int = Field(default=1, ge=1, le=50)
    """How many series may be under way at once; 1 keeps total order."""
    connect_timeout_s: float = Field(default=10.0, gt=0)
    response_timeout_s: float = Field(default=120.0, gt=0)

    @property
    @override
    def lanes(self) -> int:
        """One connection a lane."""
        return self.connections

    @property
    def studies_url(self) -> str:
        """Where instances are posted."""
        url = self.url.rstrip("/")
        return url if url.endswith("/studies") else f"{url}/studies"

    @field_validator("url")
    @classmethod
    def _is_url(cls, url: str) -> str:
        return _checked_url(url, "url", query=False)

    @field_validator("headers", mode="before")
    @classmethod
    def _karnak_notation(cls, headers: Any) -> Any:
        return _pairs(headers) if isinstance(headers, str) else headers

    @field_validator("headers")
    @classmethod
    def _sendable(cls, headers: dict[str, str]) -> dict[str, str]:
        for name, value in headers.items():
            if not _TOKEN.fullmatch(name):
                raise ValueError("a header has a name that HTTP does not allow")
            if name.lower() in _OURS:
                raise ValueError(f"the gateway itself says {name}; leave it out")
            if not value.isprintable() or not value.isascii():
                raise ValueError(f"the value of {name} holds characters that a header cannot carry")
        return headers

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        given = [name for name in ("basic", "token", "oauth2") if getattr(self, name) is not None]
        given += [f"the header {name}" for name in self.headers if name.lower() == "authorization"]
        if len(given) > 1:
            raise ValueError(f"{' and '.join(given)} all say who the gateway is; give one of them")
        return self


def _pairs(text: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    position = 0
    while position < len(text):
        pair = _PAIR.match(text, position)
        if pair is None:
            raise ValueError("headers are written <key>name</key><value>text</value>, one after the other")
        name = pair["key"].strip()
        if name.lower() in map(str.lower, headers):
            raise ValueError(f"the header {name} is given twice")
        headers[name] = pair["value"].strip()
        position = pair.end()
    return headers


def _checked_url(url: str, name: str, *, query: bool) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError(f"{name} is no address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0 or not url.isprintable():
        raise ValueError(f"{name} must begin with https:// or http:// and name a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError(f"{name} must not hold a password; give it as basic: {{username: ..., password: ...}}")
    if parts.fragment or (parts.query and not query) or " " in url:
        raise ValueError(f"{name} must not hold spaces, ? or #")
    return url

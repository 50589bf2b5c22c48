"""What a STOW-RS destination is told: where, as whom, and how much at once."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Final, Literal, Self

from pydantic import Field, field_validator, model_validator
from typing_extensions import override

from philae.config.album import KheopsAlbum
from philae.config.fields import AtOnce, Frozen, Name, Seconds
from philae.config.kinds import DestinationSettings
from philae.config.secret import STORED, Secret
from philae.config.spelled import Spelled
from philae.config.tls import ClientTls
from philae.config.urls import Url
from philae.config.web_services import ClientCredentials, WebServiceSettings

_PAIR: Final = re.compile(r"\s*<key>(?P<key>[^<>]*)</key>\s*<value>(?P<value>.*?)</value>\s*", re.DOTALL)
"""Karnak's notation of one header."""
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
"""The name of a header (RFC 9110 5.6.2)."""
_OURS: Final = frozenset({"accept", "connection", "content-length", "content-type", "host", "transfer-encoding"})


class BasicLogin(Frozen):
    """User and password, sent with every request (RFC 7617)."""

    username: Annotated[
        str, Field(min_length=1), Spelled(r"[^:]+", "a user name holds no colon: it ends the name in the header")
    ]
    password: Secret = Field(repr=False)


class StowSettings(DestinationSettings):
    """``{kind: stow, url: https://archive.example.org/dicom-web}``."""

    kind_name: ClassVar[str] = "stow"
    kind: Literal["stow"] = "stow"
    url: Url
    """``/studies`` is appended unless it ends so."""
    headers: dict[str, Secret] = Field(default={}, repr=False)
    """Further headers: a mapping, or ``<key>name</key><value>text</value>`` one after the other."""
    basic: BasicLogin | None = None
    token: Secret | None = Field(default=None, repr=False)
    """A bearer token that does not change."""
    oauth2: ClientCredentials | None = None
    authentication: Name | None = None
    """The name of an authentication in ``web_services``, which has the client credentials."""
    http: Literal["1.1", "2"] = "1.1"
    """The version of HTTP; 2 needs https."""
    tls: ClientTls = ClientTls()
    kheops_albums: tuple[KheopsAlbum, ...] = ()
    """Albums that each series is shared with once its first instance has arrived."""
    batch_instances: int = Field(default=20, ge=1, le=1000)
    batch_bytes: int = Field(default=64 << 20, ge=1)
    """A request holds at most so many instances and bytes; a larger instance goes alone."""
    look_up: bool = False
    """Ask by QIDO-RS whether an instance that the archive refuses is there already."""
    connections: AtOnce = 4
    """How many series may be under way at once; 1 keeps total order."""
    connect_timeout_s: Seconds = 10.0
    response_timeout_s: Seconds = 120.0

    @property
    @override
    def lanes(self) -> int:
        """One connection a lane."""
        return self.connections

    @property
    @override
    def shares_with(self) -> tuple[KheopsAlbum, ...]:
        """Those of Kheops."""
        return self.kheops_albums

    @property
    def studies_url(self) -> str:
        """Where instances are posted."""
        url = self.url.rstrip("/")
        return url if url.endswith("/studies") else f"{url}/studies"

    @override
    def with_authentications(self, services: WebServiceSettings) -> Self:
        """With the client credentials that it names."""
        if self.authentication is None:
            return self
        return self.model_copy(update={"oauth2": services.authentication(self.authentication)})

    @field_validator("kheops_albums")
    @classmethod
    def _differ(cls, albums: tuple[KheopsAlbum, ...]) -> tuple[KheopsAlbum, ...]:
        if len({each.name for each in albums}) < len(albums):
            raise ValueError("kheops_albums must have names that differ")
        known = [each for each in albums if each.authorization_destination != STORED]
        if len({(each.url_api, each.authorization_destination) for each in known}) < len(known):
            raise ValueError("two kheops_albums are the same album; give each once")
        return albums

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
    def _can_be_spoken(self) -> Self:
        if self.http == "2" and not self.url.startswith("https://"):
            raise ValueError("HTTP/2 is agreed on by TLS (RFC 9113 3.2): write https:// in url, or leave http out")
        return self

    @model_validator(mode="after")
    def _one_identity(self) -> Self:
        given = [name for name in ("basic", "token", "oauth2", "authentication") if getattr(self, name) is not None]
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

"""API tokens: who may call the REST API, for what, until when."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from philae.admin.declined import Declined

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime, timedelta

SCOPES: Final = {
    "status": "see counts, metrics and what destinations answer",
    "configure": "read and change the configuration",
    "deliveries": "see deliveries without what identifies a patient",
    "identifiers": "see original identifiers and look pseudonyms up",
    "operate": "release, retry and discard deliveries",
    "pseudonyms": "see, add and delete pseudonyms",
    "send": "hand in instances by STOW-RS",
    "audit": "read who changed what",
    "users": "see and change who may sign in",
}
PREFIX: Final = "philae_"
_SECRET_BYTES: Final = 32
LONGEST_NAME: Final = 80


@dataclass(frozen=True, slots=True)
class Token:
    """What is known of a token; its text is shown once and never stored."""

    name: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None

    def allows(self, scope: str) -> bool:
        return scope in self.scopes


class TokenStore(Protocol):
    """Tokens by the SHA-256 of their text."""

    def add(self, token: Token, digest: bytes) -> bool:
        """False when the name is taken."""

    def find(self, digest: bytes) -> Token | None: ...

    def all(self) -> Sequence[Token]:
        """By name."""

    def revoke(self, name: str) -> bool:
        """False when there is none of this name."""


def issue(
    store: TokenStore, name: str, scopes: Collection[str], now: datetime, lifetime: timedelta | None
) -> tuple[Token, str]:
    """A new token and its text, which cannot be shown again. Raises `Declined`."""
    if not name.strip() or len(name) > LONGEST_NAME:
        raise Declined(f"a token needs a name of 1 to {LONGEST_NAME} characters")
    unknown = sorted(set(scopes) - SCOPES.keys())
    if unknown or not scopes:
        wrong = f"unknown scope {', '.join(unknown)}" if unknown else "a token needs a scope"
        raise Declined(f"{wrong}; there are: {', '.join(SCOPES)}")
    token = Token(name, frozenset(scopes), now, now + lifetime if lifetime is not None else None)
    text = PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    if not store.add(token, digest_of(text)):
        raise Declined(f"there is a token {name!r} already; revoke it first, or take another name")
    return token, text


def check(store: TokenStore, text: str, now: datetime) -> Token | None:
    """The token of this text; None if there is none, or it has expired."""
    token = store.find(digest_of(text)) if text.startswith(PREFIX) else None
    is_live = token is not None and (token.expires_at is None or now < token.expires_at)
    return token if is_live else None


def digest_of(text: str) -> bytes:
    """What is stored of a token: its text is random enough for a plain hash."""
    return hashlib.sha256(text.encode()).digest()

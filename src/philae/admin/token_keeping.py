"""What administrators do with API tokens; all of it is audited."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from philae.admin.audit import Event
from philae.admin.declined import Missing
from philae.admin.tokens import issue

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime, timedelta

    from philae.admin.audit import AuditTrail
    from philae.admin.tokens import Token, TokenStore


@dataclass(frozen=True, slots=True)
class TokenKeeper:
    """One administrator, by the name that the audit trail has."""

    tokens: TokenStore
    audit: AuditTrail
    actor: str

    def issue(self, name: str, scopes: Collection[str], now: datetime, lifetime: timedelta | None) -> tuple[Token, str]:
        """A new token and its text, which cannot be shown again. Raises `Declined`."""
        token, text = issue(self.tokens, name, scopes, now, lifetime)
        self.audit.record(Event(now, self.actor, "token.issued", token.name, after=" ".join(sorted(token.scopes))))
        return token, text

    def revoke(self, name: str, now: datetime) -> None:
        """Raises `Missing`."""
        if not self.tokens.revoke(name):
            raise Missing(f"there is no token {name!r}; `philae tokens list` shows them")
        self.audit.record(Event(now, self.actor, "token.revoked", name))

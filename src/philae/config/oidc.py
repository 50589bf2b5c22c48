"""The provider that vouches for people who sign in (OpenID Connect)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Final
from urllib.parse import urlsplit

from pydantic import AfterValidator

_OWN_MACHINE: Final = frozenset({"localhost", "127.0.0.1", "::1"})


def _issuer(url: str) -> str:
    """Without TLS only on this machine: what the provider says decides who is an administrator."""
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment:
        raise ValueError("write the issuer as https://provider.example.org/realms/hospital")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _OWN_MACHINE):
        raise ValueError("the issuer must be reached by https")
    return url.rstrip("/")


Issuer = Annotated[str, AfterValidator(_issuer)]


@dataclass(frozen=True, slots=True)
class OidcProvider:
    """Where people sign in, as which client we ask, and where their roles stand."""

    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    """A public client has none: the code is bound to the browser by PKCE either way."""
    scopes: str = "openid profile"
    roles_claim: str = "realm_access.roles"
    """The names that lead to the roles, with dots between."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, as browsers compare them."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

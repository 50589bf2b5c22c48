"""The web services that profiles and pseudonym sources ask, and how to get tokens for them and for archives."""

from typing import Final

from pydantic import Field

from philae.config.fields import Frozen, Name
from philae.config.secret import Secret
from philae.config.urls import UrlWithQuery


class ClientCredentials(Frozen):
    """How to get a token by OAuth 2.0 client credentials (RFC 6749 4.4)."""

    token_url: UrlWithQuery
    client_id: str = Field(min_length=1)
    client_secret: Secret = Field(repr=False)
    scope: str = ""


class _Named(Frozen):
    name: Name


class Authentication(ClientCredentials, _Named):
    """The same with a name, by which profiles, pseudonym sources and destinations refer to it."""


class WebServiceSettings(Frozen):
    """How the web services that profiles ask are asked.

    With ``allowed_hosts`` no other host is; without, every host but those of this machine and its own network link.
    """

    allowed_hosts: tuple[str, ...] = ()
    timeout_s: float = Field(default=10.0, gt=0)
    attempts: int = Field(default=3, ge=1, le=10)
    cache_s: float = Field(default=900.0, ge=0)
    """How long an answer is taken as still true."""
    authentications: tuple[Authentication, ...] = ()

    def authentication(self, name: str) -> Authentication | None:
        """The authentication with this name."""
        return next((each for each in self.authentications if each.name == name), None)


NO_SERVICES: Final = WebServiceSettings()

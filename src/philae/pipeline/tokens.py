"""OAuth 2.0 access tokens (RFC 6749 4.4): asked for, used again until shortly before they expire."""

from __future__ import annotations

import json
from base64 import b64encode
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, urlencode

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from philae.config.web_services import ClientCredentials

EARLY_S: Final = 30.0
"""A token is renewed so long before it expires, or at half its time if that is later."""
_UNSTATED_S: Final = 300.0


class NoToken(Exception):
    """A token endpoint answered well, but not with a token."""


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """What to post to a token endpoint."""

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: str = field(repr=False)


class Tokens:
    """The access token of one client. Safe for many threads, which wait for each other's new token."""

    def __init__(
        self, client: ClientCredentials, post: Callable[[TokenRequest], str], now: Callable[[], float] = monotonic
    ) -> None:
        """``post`` returns the body of a good answer, and raises what the callers of `token` expect for any other."""
        self._request = _request(client)
        self._post = post
        self._now = now
        self._lock = Lock()
        self._token = ""
        self._until = 0.0

    def token(self) -> str:
        """The token that is valid now; a new one when it is about to expire. Raises `NoToken` and what ``post`` raises."""
        with self._lock:
            if not self._token or self._now() >= self._until:
                self._token, valid_s = _read(self._post(self._request))
                self._until = self._now() + max(valid_s - EARLY_S, valid_s / 2)
            return self._token

    def refused(self, token: str) -> None:
        """A server did not take ``token``: the next one is a new one, unless it has been renewed already."""
        with self._lock:
            if token == self._token:
                self._token = ""


def basic(username: str, password: str) -> str:
    """The header ``Authorization`` of RFC 7617."""
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")


def _request(client: ClientCredentials) -> TokenRequest:
    form = {"grant_type": "client_credentials", **({"scope": client.scope} if client.scope else {})}
    headers = {
        "Accept": "application/json",
        "Authorization": basic(quote_plus(client.client_id), quote_plus(client.client_secret)),  # RFC 6749 2.3.1
        "Content-Type": "application/x-www-form-urlencoded",
    }
    return TokenRequest(client.token_url, headers, urlencode(form))


def _read(answer: str) -> tuple[str, float]:
    """The token and for how many seconds it is valid."""
    try:
        said = json.loads(answer)
        token, valid_s = said["access_token"], float(said.get("expires_in", _UNSTATED_S))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        token, valid_s = None, 0.0
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise NoToken("its answer holds no token")
    return token, valid_s

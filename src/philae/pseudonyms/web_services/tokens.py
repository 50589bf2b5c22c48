"""Access tokens by OAuth 2.0 client credentials (RFC 6749 4.4), used again as long as they are valid."""

from __future__ import annotations

import json
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, urlencode

from philae.pseudonyms.web_services.answers import Call, NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.config.model import Authentication

_MARGIN_S: Final = 30.0
_UNSTATED_S: Final = 300.0
_FORM: Final = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


class Tokens:
    """One token for each authentication. Safe for many threads, which wait for each other's new token."""

    def __init__(self, fetch: Callable[[Call], str], now: Callable[[], float] = monotonic) -> None:
        self._fetch = fetch
        self._now = now
        self._known: dict[str, tuple[str, float]] = {}
        self._lock = Lock()

    def token(self, authentication: Authentication) -> str:
        """A token that is valid now. Raises `NoAnswer`."""
        with self._lock:
            token, ends = self._known.get(authentication.name, ("", 0.0))
            if not token or self._now() >= ends:
                token, lifetime_s = _read(self._fetch(_call(authentication)), authentication.name)
                self._known[authentication.name] = token, self._now() + lifetime_s
            return token

    def forget(self, authentication: Authentication, token: str) -> None:
        """A service refused this token: get another next time."""
        with self._lock:
            if self._known.get(authentication.name, ("", 0.0))[0] == token:
                del self._known[authentication.name]


def _call(authentication: Authentication) -> Call:
    form = {"grant_type": "client_credentials"}
    if authentication.scope:
        form["scope"] = authentication.scope
    credentials = quote_plus(authentication.client_id), quote_plus(authentication.client_secret)  # RFC 6749 2.3.1
    return Call("POST", authentication.token_url, _FORM, urlencode(form), credentials)


def _read(answer: str, name: str) -> tuple[str, float]:
    """The token and for how long to use it."""
    try:
        document = json.loads(answer)
        token = document["access_token"]
        lifetime_s = float(document.get("expires_in", _UNSTATED_S))
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
        token, lifetime_s = None, 0.0
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        raise NoAnswer(f"authentication {name!r} got no token")
    return token, max(lifetime_s - _MARGIN_S, 0.0)

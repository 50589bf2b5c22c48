"""What a request says about who sends it: configured headers, Basic, a bearer token, or OAuth 2.0 tokens."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import lru_cache
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, urlencode, urlsplit

from philae.destinations.stow.connection import Broken, Connection, Request
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from philae.config.tls import ClientTls
    from philae.destinations.stow.connection import Answer
    from philae.destinations.stow.settings import ClientCredentials, StowSettings

EARLY_S: Final = 30.0
"""A token is renewed so long before it expires, or at half its time if that is later."""
WAIT_S: Final = 20.0


class Credentials:
    """The headers that say who we are."""

    def __init__(self, settings: StowSettings) -> None:
        self._headers = dict(settings.headers)
        self._tokens = tokens_of(settings.oauth2, settings.tls) if settings.oauth2 else None
        self._token = ""
        if settings.basic is not None:
            self._headers["Authorization"] = _basic(settings.basic.username, settings.basic.password)
        if settings.token is not None:
            self._headers["Authorization"] = f"Bearer {settings.token}"

    def headers(self) -> dict[str, str]:
        """For the next request. Raises `TryAgain` when no token is to be had."""
        if self._tokens is None:
            return self._headers
        self._token = self._tokens.token()
        return {**self._headers, "Authorization": f"Bearer {self._token}"}

    def refused(self) -> bool:
        """The server did not know us (401); whether it is worth while to ask again with other headers."""
        if self._tokens is None:
            return False
        self._tokens.refused(self._token)
        return True


class Tokens:
    """The access token of one client, shared by all connections that use it."""

    def __init__(self, client: ClientCredentials, tls: ClientTls) -> None:
        self._client = client
        self._tls = tls
        self._lock = Lock()
        self._token = ""
        self._until = 0.0

    def token(self) -> str:
        """The token that is valid now; a new one when it is about to expire. Raises `TryAgain`."""
        with self._lock:
            if not self._token or monotonic() >= self._until:
                self._token, valid_s = self._granted()
                self._until = monotonic() + max(valid_s - EARLY_S, valid_s / 2)
            return self._token

    def refused(self, token: str) -> None:
        """A server did not take ``token``: the next one is a new one, unless it has been renewed already."""
        with self._lock:
            if token == self._token:
                self._token = ""

    def _granted(self) -> tuple[str, float]:
        answer = self._asked()
        where = urlsplit(self._client.token_url).hostname
        try:
            said = json.loads(answer.body)
            if answer.status == 200:
                return str(said["access_token"]), float(said.get("expires_in", "inf"))
            fault = f"{answer.status} {said['error'][:64]}"
        except (ValueError, TypeError, KeyError, AttributeError):
            fault = str(answer.status)
        raise TryAgain(
            f"cannot get a token from {where}: it says {fault}; check token_url, client_id and client_secret"
        )

    def _asked(self) -> Answer:
        client = self._client
        form = {"grant_type": "client_credentials", **({"scope": client.scope} if client.scope else {})}
        body = urlencode(form).encode()
        headers = {
            "Accept": "application/json",
            "Authorization": _basic(quote_plus(client.client_id), quote_plus(client.client_secret)),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection = Connection(client.token_url, self._tls, connect_s=WAIT_S, response_s=WAIT_S)
        try:
            connection.send(Request("POST", client.token_url, headers, len(body), lambda: (body,)))
            return connection.answer()
        except Broken as error:
            raise TryAgain(f"cannot get a token: {error}") from error
        finally:
            connection.close()


@lru_cache(maxsize=256)
def tokens_of(client: ClientCredentials, tls: ClientTls) -> Tokens:
    """The tokens of a client; the same for all senders of this process."""
    return Tokens(client, tls)


def _basic(username: str, password: str) -> str:
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")

"""What a request says about who sends it: configured headers, Basic, a bearer token, or OAuth 2.0 tokens."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from philae.destinations.stow.connection import Broken, Connection, Request
from philae.pipeline.outcome import TryAgain
from philae.pipeline.tokens import NoToken, TokenRequest, Tokens, basic

if TYPE_CHECKING:
    from philae.config.tls import ClientTls
    from philae.config.web_services import ClientCredentials
    from philae.destinations.stow.connection import Answer
    from philae.destinations.stow.settings import StowSettings

WAIT_S: Final = 20.0


class Credentials:
    """The headers that say who we are."""

    def __init__(self, settings: StowSettings) -> None:
        self._headers = dict(settings.headers)
        self._tokens = tokens_of(settings.oauth2, settings.tls) if settings.oauth2 else None
        self._token = ""
        self._missing = settings.authentication if settings.oauth2 is None else None
        if settings.basic is not None:
            self._headers["Authorization"] = basic(settings.basic.username, settings.basic.password)
        if settings.token is not None:
            self._headers["Authorization"] = f"Bearer {settings.token}"

    def headers(self) -> dict[str, str]:
        """For the next request. Raises `TryAgain` when no token is to be had."""
        if self._missing:
            raise TryAgain(f"cannot get a token: web_services has no authentication {self._missing!r}; add it")
        if self._tokens is None:
            return self._headers
        try:
            self._token = self._tokens.token()
        except NoToken as error:
            raise TryAgain(f"cannot get a token: {error}; check token_url") from error
        return {**self._headers, "Authorization": f"Bearer {self._token}"}

    def refused(self) -> bool:
        """The server did not know us (401); whether it is worth while to ask again with other headers."""
        if self._tokens is None:
            return False
        self._tokens.refused(self._token)
        return True


@lru_cache(maxsize=256)
def tokens_of(client: ClientCredentials, tls: ClientTls) -> Tokens:
    """The tokens of a client; the same for all senders of this process."""
    return Tokens(client, lambda request: _granted(request, tls))


def _granted(request: TokenRequest, tls: ClientTls) -> str:
    answer = _answer(request, tls)
    if answer.status == 200:
        return answer.body.decode("utf-8", "replace")
    raise TryAgain(
        f"cannot get a token from {urlsplit(request.url).hostname}: it says {answer.status}{_fault(answer)};"
        " check token_url, client_id and client_secret"
    )


def _fault(answer: Answer) -> str:
    """The error code of RFC 6749 5.2, where there is one."""
    try:
        return f" {json.loads(answer.body)['error'][:64]}"
    except (ValueError, TypeError, KeyError):
        return ""


def _answer(request: TokenRequest, tls: ClientTls) -> Answer:
    body = request.body.encode()
    connection = Connection(request.url, tls, connect_s=WAIT_S, response_s=WAIT_S)
    try:
        connection.send(Request("POST", request.url, request.headers, len(body), lambda: (body,)))
        return connection.answer()
    except Broken as error:
        raise TryAgain(f"cannot get a token: {error}") from error
    finally:
        connection.close()

"""What is asked of a Kheops server: whether tokens hold, and to bring a series into an album."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from philae.destinations.stow.connection import Broken, Connection, Request
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Collection

    from philae.config.album import KheopsAlbum
    from philae.config.tls import ClientTls
    from philae.destinations.stow.connection import Answer

WAIT_S: Final = 20.0
WRITE: Final = frozenset({"write"})
READ_AND_SEND: Final = frozenset({"read", "send"})


class NotShared(Exception):
    """The album cannot be used now; the message says why and names the remedy, never a token."""


class Kheops:
    """One album of a server, over one connection."""

    def __init__(self, album: KheopsAlbum, tls: ClientTls) -> None:
        self._album = album
        self._api = album.url_api.rstrip("/")
        self._connection = Connection(self._api, tls, connect_s=WAIT_S, response_s=WAIT_S)

    def check_tokens(self) -> None:
        """Raises `NotShared` unless both tokens hold and may do what they are for."""
        self._check("authorization_destination", self._album.authorization_destination, WRITE)
        self._check("authorization_source", self._album.authorization_source, READ_AND_SEND)

    def share(self, study_instance_uid: str, series_instance_uid: str) -> None:
        """Bring a series into the album; one that is there already does no harm. Raises `NotShared`."""
        url = f"{self._api}/studies/{quote(study_instance_uid)}/series/{quote(series_instance_uid)}"
        headers = {
            "Authorization": f"Bearer {self._album.authorization_destination}",
            "X-Authorization-Source": f"Bearer {self._album.authorization_source}",
        }
        answer = self._answer(Request("PUT", url, headers))
        if not 200 <= answer.status < 300:
            raise NotShared(f"Kheops answered {answer.status} to the share; see whether the tokens may use the album")

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def _check(self, name: str, token: str, wanted: Collection[str]) -> None:
        body = urlencode({"token": token}).encode()
        headers = {
            "Accept": "application/json",
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = self._answer(Request("POST", f"{self._api}/token/introspect", headers, len(body), lambda: (body,)))
        scopes = _scopes(answer)
        if scopes is None:
            raise NotShared(f"{name} is not a token that holds ({answer.status}); have a new one made in Kheops")
        if missing := sorted(set(wanted) - scopes):
            raise NotShared(f"{name} may not {' and '.join(missing)}; have a token made in Kheops that may")

    def _answer(self, request: Request) -> Answer:
        try:
            self._connection.send(request)
            return self._connection.answer()
        except (Broken, TryAgain) as error:
            raise NotShared(f"{error}; see whether url_api is that of Kheops") from error


def _scopes(answer: Answer) -> set[str] | None:
    """What an active token may do (RFC 7662 2.2); None if it is none."""
    try:
        said = json.loads(answer.body) if answer.status == 200 else {}
        return set(said["scope"].split()) if said["active"] is True else None
    except (ValueError, TypeError, KeyError, AttributeError):
        return None

"""A server with the endpoints of Kheops that a gateway uses: STOW-RS, introspection of tokens, sharing of series."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from tests.support.scripted_http import Asked, Reply, of_type, scripted

WRITER, READER = "album-token-1234", "source-token-5678"


@dataclass
class KheopsStub:
    """Knows tokens by what they may do; ``busy`` requests to share are answered with 503 first."""

    tokens: dict[str, str] = field(default_factory=lambda: {WRITER: "write", READER: "read send"})
    busy: int = 0
    albums: dict[str, set[tuple[str, str]]] = field(default_factory=dict)
    """Study and series, by the token that brought them there."""
    instances: int = 0
    asked: list[Asked] = field(default_factory=list)
    url: str = ""

    def answer(self, _number: int, asked: Asked) -> Reply:
        self.asked.append(asked)
        match asked.method, asked.path.split("/")[2:]:
            case "POST", ["studies"]:
                self.instances += len(asked.instances)
                return Reply(200)
            case "POST", ["token", "introspect"]:
                return self._introspected(asked)
            case "PUT", ["studies", study, "series", series]:
                return self._shared(asked, study, series)
        return Reply(404)

    def album(self, **changes: str) -> dict[str, Any]:
        """Of a configuration document."""
        tokens = {"authorization_destination": WRITER, "authorization_source": READER}
        return {"name": "research", "url_api": self.url, **tokens, **changes}

    def _introspected(self, asked: Asked) -> Reply:
        (token,) = parse_qs(asked.body.decode())["token"]
        if asked.headers["authorization"] != f"Bearer {token}":
            return Reply(401)
        known = self.tokens.get(token)
        said = {"active": False} if known is None else {"active": True, "scope": known}
        return of_type("application/json", json.dumps(said))

    def _shared(self, asked: Asked, study: str, series: str) -> Reply:
        if self.busy:
            self.busy -= 1
            return Reply(503)
        writer = asked.headers["authorization"].removeprefix("Bearer ")
        reader = asked.headers["x-authorization-source"].removeprefix("Bearer ")
        if "write" not in self.tokens.get(writer, "") or "send" not in self.tokens.get(reader, ""):
            return Reply(403)
        self.albums.setdefault(writer, set()).add((study, series))
        return Reply(201)


@contextmanager
def kheops(stub: KheopsStub | None = None) -> Iterator[KheopsStub]:
    """On the loopback interface."""
    stub = stub or KheopsStub()
    with scripted(stub.answer) as server:
        stub.url = f"http://127.0.0.1:{server.port}/api"
        yield stub

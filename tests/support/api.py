"""Calls of the REST API in this process, with a token."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from httpx2 import Response
from starlette.testclient import TestClient

from philae.admin.tokens import SCOPES, issue
from philae.web.gateway import Gateway
from philae.web.server import create_app

PREFIX = "/api/v1"


class Api:
    """A program with a token of these scopes, of all unless some are named."""

    def __init__(self, gateway: Gateway, *scopes: str, name: str = "program") -> None:
        _, text = issue(gateway.tokens, name, scopes or SCOPES, datetime.now(UTC), None)
        self._client = TestClient(create_app(gateway), headers={"authorization": f"Bearer {text}"})

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Response:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        given = {"json": body} if isinstance(body, dict | list) else {"content": body}
        return self._client.request(method, PREFIX + path, headers=named, **given)


def told(gateway: Gateway) -> list[tuple[str, str, str]]:
    """Who did what to what, oldest first."""
    events: Iterable[Any] = (event for _, event in gateway.audit.events(before=None, limit=100))
    return [(each.actor, each.action, each.subject) for each in events][::-1]

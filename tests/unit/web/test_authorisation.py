"""Who may do what, over every route that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from philae.admin.users import SCOPES_OF, Role
from philae.web.gateway import Gateway
from philae.web.server import create_app
from tests.support.web import signed_in, visitor, web_gateway

NOBODY = "nobody"
SIGNED_IN = "signed in"
SCOPE = {
    "GET /": "status",
    "GET /live/home": "status",
    "GET /monitoring": "deliveries",
    "GET /delivery": "deliveries",
    "POST /delivery": "operate",
    "POST /monitoring/act": "operate",
    "GET /audit": "audit",
    "GET /account": SIGNED_IN,
    "POST /account/password": SIGNED_IN,
    "POST /account/sessions/end": SIGNED_IN,
    "POST /sign-out": SIGNED_IN,
    "GET /sign-in": NOBODY,
    "POST /sign-in": NOBODY,
    "GET /set-up/{text}": NOBODY,
    "POST /set-up/{text}": NOBODY,
    "POST /preferences": NOBODY,
    "GET /healthz": NOBODY,
    "GET /readyz": NOBODY,
    "GET /metrics": "status",
    "GET /api/v1/status": "status",
    "GET /api/echo/destinations": "status",
    "GET /api/v1/deliveries": "deliveries",
    "GET /api/v1/deliveries/count": "deliveries",
    "GET /api/v1/deliveries/export.csv": "identifiers",
    "GET /api/v1/deliveries/{name}": "deliveries",
    "POST /api/v1/deliveries/release": "operate",
    "POST /api/v1/deliveries/retry": "operate",
    "POST /api/v1/deliveries/discard": "operate",
    "POST /api/v1/destinations/{node}/{name}/doctor": "status",
    "GET /api/v1/tokens": "audit",
    "GET /api/v1/audit": "audit",
}
"""What each route asks for; those below ask for one scope by their beginning."""
SCOPE_BELOW = {
    "/node": "configure",
    "/destination": "configure",
    "/profile": "configure",
    "/project": "configure",
    "/tools": "configure",
    "/configuration": "configure",
    "/api/v1/configuration": "configure",
    "/user": "users",
    "/token": "users",
}


def routes(routed: object) -> Iterator[tuple[str, str]]:
    for route in getattr(routed, "routes", ()):
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in sorted(set(route.methods or ()) - {"HEAD"}))
        else:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                yield from routes(inner)


def needed(method: str, path: str) -> str:
    below = next((scope for beginning, scope in SCOPE_BELOW.items() if path.startswith(beginning)), "")
    return SCOPE.get(f"{method} {path}") or below


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with web_gateway(tmp_path_factory.mktemp("web")) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def browsers(gateway: Gateway) -> dict[Role, TestClient]:
    signed_in(gateway, Role.ADMIN, name="keeper")
    return {role: signed_in(gateway, role, name=role.value) for role in Role}


def all_routes(folder: Path) -> list[tuple[str, str]]:
    with web_gateway(folder) as gateway:
        return sorted(set(routes(create_app(gateway))))


def asked(browser: TestClient, method: str, path: str) -> int:
    return browser.request(method, re.sub(r"\{\w+\}", "1f-1", path), headers={"accept": "*/*"}).status_code


def test_every_route_is_in_the_matrix(tmp_path: Path) -> None:
    found = all_routes(tmp_path)

    assert len(found) > 60
    assert [route for route in found if not needed(*route)] == []
    assert SCOPE.keys() <= {f"{method} {path}" for method, path in found}


def test_nobody_gets_in_without_signing_in(gateway: Gateway, tmp_path: Path) -> None:
    stranger = visitor(gateway)

    closed = [route for route in all_routes(tmp_path) if needed(*route) != NOBODY]

    assert [route for route in closed if asked(stranger, *route) != 401] == []


@pytest.mark.parametrize("role", Role)
def test_a_role_reaches_what_its_scopes_allow_and_nothing_else(
    browsers: dict[Role, TestClient], role: Role, tmp_path: Path
) -> None:
    open_to_all = {NOBODY, SIGNED_IN}
    guarded = [route for route in all_routes(tmp_path) if needed(*route) not in open_to_all]

    refused = {route for route in guarded if asked(browsers[role], *route) == 403}

    assert refused == {route for route in guarded if needed(*route) not in SCOPES_OF[role]}


def test_only_administrators_change_anything() -> None:
    changing = {"configure", "operate", "users"}

    assert not SCOPES_OF[Role.INVESTIGATOR] & changing
    assert not SCOPES_OF[Role.USER] & changing
    assert "identifiers" not in SCOPES_OF[Role.USER]

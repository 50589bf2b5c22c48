"""Who may do what, over every route that there is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.tokens import SCOPES, issue
from philae.admin.users import SCOPES_OF, Role
from philae.web.gateway import Gateway
from philae.web.server import create_app
from tests.support.web import routes, signed_in, visitor, web_gateway

NOBODY = "nobody"
SIGNED_IN = "signed in"
SCOPE = {
    "GET /": "status",
    "GET /live/events": "status",
    "GET /monitoring": "deliveries",
    "GET /delivery": "deliveries",
    "POST /delivery": "operate",
    "POST /monitoring/act": "operate",
    "GET /audit": "audit",
    "GET /account": SIGNED_IN,
    "GET /help": SIGNED_IN,
    "POST /account/password": SIGNED_IN,
    "POST /account/sessions/end": SIGNED_IN,
    "POST /sign-out": SIGNED_IN,
    "GET /sign-in": NOBODY,
    "GET /sign-in/provider": NOBODY,
    "GET /sign-in/provider/back": NOBODY,
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
    "GET /api/v1/destinations/{node}/{name}/doctor": "status",
    "POST /api/v1/destinations/{node}/{name}/doctor": "status",
    "GET /api/v1/alarms": "status",
    "POST /api/v1/pseudonyms/lookup": "identifiers",
    "GET /api/v1/tokens": "audit",
    "POST /api/v1/tokens": "users",
    "DELETE /api/v1/tokens/{token}": "users",
    "GET /api/v1/audit": "audit",
}
"""What each route asks for; those below ask for one scope by their beginning."""
SCOPE_BELOW = {
    "/node": "configure",
    "/destination": "configure",
    "/profile": "configure",
    "/project": "configure",
    "/tools": "configure",
    "/pseudonym": "pseudonyms",
    "/mapping": "identifiers",
    "/authentication": "configure",
    "/configuration": "configure",
    "/system": "configure",
    "/first-steps": "configure",
    "/api/v1/projects/{project}/pseudonyms": "pseudonyms",
    "/api/v1/configuration": "configure",
    "/api/v1/nodes": "configure",
    "/api/v1/targets": "configure",
    "/api/v1/projects": "configure",
    "/api/v1/profiles": "configure",
    "/api/v1/authentications": "configure",
    "/api/v1/mail": "configure",
    "/api/v1/users": "users",
    "/user": "users",
    "/token": "users",
}


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


@pytest.mark.parametrize(
    "role, path, english, french",
    [
        (Role.USER, "/nodes", "the role administrator;", "le rôle administrateur ;"),
        (Role.USER, "/monitoring", "administrator or investigator;", "administrateur ou investigateur ;"),
        (Role.INVESTIGATOR, "/pseudonyms", "administrator or user;", "administrateur ou utilisateur ;"),
    ],
)
def test_who_is_refused_is_told_for_which_role_to_ask_whom(
    browsers: dict[Role, TestClient], role: Role, path: str, english: str, french: str
) -> None:
    told = {each: browsers[role].get(path, headers={"accept-language": each}) for each in ("en", "fr")}

    assert [answer.status_code for answer in told.values()] == [403, 403]
    assert english in told["en"].text
    assert french in told["fr"].text
    assert "administrator" not in told["fr"].text


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_reaches_what_its_scope_allows_and_nothing_else(gateway: Gateway, scope: str, tmp_path: Path) -> None:
    _, text = issue(gateway.tokens, f"only {scope}", [scope], datetime.now(UTC), None)
    program = visitor(gateway, authorization=f"Bearer {text}")
    guarded = [route for route in all_routes(tmp_path) if needed(*route) not in {NOBODY, SIGNED_IN}]

    refused = {route for route in guarded if asked(program, *route) == 403}

    assert refused == {route for route in guarded if needed(*route) != scope}


def test_only_administrators_change_anything() -> None:
    changing = {"configure", "operate", "users"}

    assert not SCOPES_OF[Role.INVESTIGATOR] & changing
    assert not SCOPES_OF[Role.USER] & changing
    assert "identifiers" not in SCOPES_OF[Role.USER]

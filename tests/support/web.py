"""The web application in this process, on a database of its own, with people who may sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from philae.admin.users import Role, User, create
from philae.app.gateway import config_store, open_database
from philae.app.web import open_gateway
from philae.config.settings import Settings
from philae.store.ledger import SqlLedger
from philae.store.secret_keys import new_key
from philae.web.gateway import Gateway
from philae.web.server import create_app

PASSWORD = "correct horse battery staple"


class QuickPasswords:
    """Hashes nothing: what the real one takes a tenth of a second for."""

    def hash(self, password: str) -> str:
        return f"quick:{password}"

    def verify(self, password_hash: str, password: str) -> bool:
        return password_hash == f"quick:{password}"


class SilentBell:
    """Nobody listens."""

    def ring(self) -> None:
        """Nothing to wake."""

    def wait(self, timeout_s: float) -> bool:
        return False


@contextmanager
def web_gateway(folder: Path, document: str = "") -> Iterator[Gateway]:
    """The parts of a gateway, without processes."""
    settings = Settings(data=folder, secret_key=new_key(), web_port="off")
    database = open_database(settings)
    configurations = config_store(database)
    gateway = open_gateway(settings, database, configurations, SqlLedger(database), SilentBell())
    if document:
        configurations.apply(gateway.read_document(document))
    try:
        yield replace(gateway, passwords=QuickPasswords())
    finally:
        database.close()


def visitor(gateway: Gateway, **headers: str) -> TestClient:
    """A browser that nobody signed in with; it follows no redirect."""
    browser = {"accept": "text/html", "sec-fetch-site": "same-origin", **headers}
    return TestClient(create_app(gateway), base_url="http://philae.test", headers=browser, follow_redirects=False)


def user(gateway: Gateway, name: str, *roles: Role) -> User:
    return create(gateway.users, gateway.passwords, name, PASSWORD, roles, datetime.now(UTC))


def signed_in(gateway: Gateway, *roles: Role, name: str = "anna") -> TestClient:
    """A browser of somebody new with these roles."""
    user(gateway, name, *roles)
    browser = visitor(gateway)
    answer = browser.post("/sign-in", data={"name": name, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return browser


def routes(routed: object) -> Iterator[tuple[str, str]]:
    """Method and path of everything that an application answers."""
    for route in getattr(routed, "routes", ()):
        if isinstance(route, APIRoute):
            yield from ((method, route.path) for method in sorted(set(route.methods or ()) - {"HEAD"}))
        else:
            inner = getattr(route, "original_router", None)
            if inner is not None:
                yield from routes(inner)

"""The web application in this process, on a database of its own, with people who may sign in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from starlette.testclient import TestClient

from philae import destinations, pseudonyms
from philae.admin.status import GatewayStatus, gateway_status
from philae.admin.users import Role, User, create
from philae.config.configuration import Configuration
from philae.config.document import load_document
from philae.store.activity import SqlActivityBook
from philae.store.address_book import dicom_nodes, web_endpoints
from philae.store.alarms import SqlAlarms
from philae.store.audit import SqlAuditTrail
from philae.store.config_history import SqlConfigHistory
from philae.store.configuration import SqlConfigStore
from philae.store.database import Database, sqlite_url
from philae.store.deliveries import SqlDeliveryBook
from philae.store.examinations import SqlExaminations
from philae.store.ledger import SqlLedger
from philae.store.project_secrets import SqlSecretHistory
from philae.store.pseudonyms import SqlPseudonyms
from philae.store.reading import read_standing
from philae.store.remedying import SqlRemedies
from philae.store.schema import migrate
from philae.store.secret_keys import GivenKeys, new_key
from philae.store.secrets import Vault
from philae.store.tokens import SqlTokenStore
from philae.store.users import SqlSessionStore, SqlSetupLinks, SqlUserStore
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
    database = Database(sqlite_url(folder / "philae.db"), vault=Vault(GivenKeys(new_key())))
    migrate(database)
    kinds: Any = {"destination_kinds": destinations.SETTINGS, "pseudonym_kinds": pseudonyms.SETTINGS}
    configurations = SqlConfigStore(database, **kinds)

    def read(text: str) -> Configuration:
        return load_document(text, folder, **kinds, may_name_files=False)

    def standing() -> GatewayStatus:
        found = read_standing(database)
        return gateway_status(found.counts, configurations.current(), found.places())

    if document:
        configurations.apply(read(document))
    try:
        yield Gateway(
            configurations=configurations,
            config_history=SqlConfigHistory(database),
            ledger=SqlLedger(database),
            deliveries=SqlDeliveryBook(database),
            remedies=SqlRemedies(database),
            activity=SqlActivityBook(database),
            tokens=SqlTokenStore(database),
            users=SqlUserStore(database),
            sessions=SqlSessionStore(database),
            setup_links=SqlSetupLinks(database),
            passwords=QuickPasswords(),
            audit=SqlAuditTrail(database),
            examinations=SqlExaminations(database),
            secret_history=SqlSecretHistory(database),
            pseudonyms=SqlPseudonyms(database),
            nodes=dicom_nodes(database),
            endpoints=web_endpoints(database),
            bell=SilentBell(),
            read_document=read,
            standing=standing,
            alarms=SqlAlarms(database).ongoing,
            **kinds,
        )
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

"""The adapters that each contract is checked on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from philae.pipeline.ports import Ledger, Spool
from philae.store.database import Database, sqlite_url
from philae.store.ledger import SqlLedger
from philae.store.schema import migrate
from philae.store.secret_keys import GivenKeys, new_key
from philae.store.secrets import Vault
from philae.store.spool import FolderSpool
from philae.store.tables import metadata
from tests.support.fakes import FakeLedger, FakeSpool
from tests.support.postgres import empty_tables, postgres_server


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    with postgres_server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with the tables of this release."""
    is_sqlite = request.param == "sqlite"
    url = sqlite_url(tmp_path / "philae.db") if is_sqlite else request.getfixturevalue("postgres_url")
    database = Database(url, vault=Vault(GivenKeys(new_key())))
    migrate(database)
    if not is_sqlite:
        empty_tables(url, metadata)
    yield database
    database.close()


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    if request.param == "fake":
        yield FakeLedger()
        return
    is_sqlite = request.param == "sqlite"
    url = sqlite_url(tmp_path / "philae.db") if is_sqlite else request.getfixturevalue("postgres_url")
    database = Database(url, vault=Vault(GivenKeys(new_key())))
    migrate(database)
    if not is_sqlite:
        empty_tables(url, metadata)
    yield SqlLedger(database)
    database.close()


@pytest.fixture(params=["fake", "folder", "folder without sync"])
def spool(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Spool]:
    if request.param == "fake":
        yield FakeSpool()
        return
    spool = FolderSpool(tmp_path / "spool", durable=request.param == "folder")
    yield spool
    spool.close()

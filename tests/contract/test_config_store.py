"""What the store of configurations promises."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import ClassVar, Literal

import pytest
import sqlalchemy as sa
from alembic import command

from philae.admin.declined import ChangedMeanwhile
from philae.config.configuration import Configuration
from philae.config.kinds import DestinationSettings, PseudonymSettings
from philae.pipeline.ports import LedgerUnavailable
from philae.store.configuration import SqlConfigStore
from philae.store.database import Database
from philae.store.project_secrets import SqlSecretHistory
from philae.store.resealing import reseal
from philae.store.schema import alembic_config, migrate
from philae.store.secret_keys import GivenKeys, KeyFile, new_key
from philae.store.secrets import Vault
from philae.store.tables.configuration import config_version, project_secret

SECRET = "0123456789abcdef0123456789abcdef"


class Drawer(DestinationSettings):
    kind_name: ClassVar[str] = "drawer"
    kind: Literal["drawer"] = "drawer"
    path: Path


class Derived(PseudonymSettings):
    kind_name: ClassVar[str] = "derived"
    kind: Literal["derived"] = "derived"


CONTEXT = {"destination_kinds": {"drawer": Drawer}, "pseudonym_kinds": {"derived": Derived}}


def make_configuration(*names: str, secret: str | None = None, description: str = "") -> Configuration:
    destinations = [
        {"name": name, "deidentify": {"project": "Trial"}, "settings": {"kind": "drawer", "path": f"/out/{name}"}}
        for name in names
    ]
    return Configuration.model_validate(
        {
            "profiles": [{"name": "research", "text": "name: research"}],
            "projects": [{"name": "Trial", "profile": "research", "secret": secret}],
            "forward_nodes": [{"ae_title": "PHILAE", "description": description, "destinations": destinations}],
        },
        context=CONTEXT,
    )


def make_store(database: Database) -> SqlConfigStore:
    return SqlConfigStore(database, destination_kinds={"drawer": Drawer}, pseudonym_kinds={"derived": Derived})


@pytest.fixture
def store(database: Database) -> SqlConfigStore:
    return make_store(database)


def ids(configuration: Configuration) -> dict[str, int]:
    return {each.name: each.id for node in configuration.forward_nodes for each in node.destinations}


def test_before_the_first_there_is_an_empty_one(store: SqlConfigStore) -> None:
    assert store.current() == Configuration()


def test_what_was_applied_is_current_in_every_process(store: SqlConfigStore, database: Database) -> None:
    applied = store.apply(make_configuration("a", "b", secret=SECRET))

    assert applied.version == 1
    assert store.current() == applied
    assert make_store(database).current() == applied
    assert make_store(database).version(1) == applied
    assert applied.forward_nodes[0].destinations[0].settings == Drawer(path=Path("/out/a"))


def test_applying_the_same_again_makes_no_version(store: SqlConfigStore, database: Database) -> None:
    first = store.apply(make_configuration("a"))

    assert store.apply(make_configuration("a")) == first
    assert make_store(database).apply(make_configuration("a")) == first


def test_versions_never_change(store: SqlConfigStore, database: Database) -> None:
    first = store.apply(make_configuration("a"))
    second = store.apply(make_configuration("a", description="changed"))

    assert second.version == 2
    assert make_store(database).version(1) == first
    with pytest.raises(LookupError):
        store.version(3)


def test_destinations_keep_their_number_for_ever(store: SqlConfigStore) -> None:
    first = ids(store.apply(make_configuration("a", "b")))
    store.apply(make_configuration("c"))
    last = ids(store.apply(make_configuration("b", "c", "a", "d")))

    assert len(set(last.values())) == 4
    assert last["a"] == first["a"]
    assert last["b"] == first["b"]


def test_a_secret_is_made_once_and_kept(store: SqlConfigStore, database: Database) -> None:
    made = store.apply(make_configuration("a")).projects[0].secret
    kept = make_store(database).apply(make_configuration("a", description="changed")).projects[0].secret

    assert made is not None
    assert len(bytes.fromhex(made)) == 16
    assert kept == made


def test_a_secret_that_is_given_is_taken(store: SqlConfigStore) -> None:
    store.apply(make_configuration("a"))

    assert store.apply(make_configuration("a", secret=SECRET)).projects[0].secret == SECRET


def test_another_process_sees_a_new_version_soon(
    store: SqlConfigStore, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    from philae.store import configuration

    monkeypatch.setattr(configuration, "LOOK_EVERY_S", 0.0)
    other = make_store(database)
    assert other.current().version == 0

    store.apply(make_configuration("a"))

    assert other.current().version == 1


def raw(database: Database) -> str:
    with database.read() as connection:
        rows = [*connection.execute(sa.select(config_version)), *connection.execute(sa.select(project_secret))]
    return repr(rows)


def test_nothing_of_a_configuration_lies_in_the_database_in_clear(store: SqlConfigStore, database: Database) -> None:
    store.apply(make_configuration("archive", secret=SECRET))

    assert [word for word in (SECRET, "archive", "research") if word in raw(database)] == []


def test_without_the_key_the_configuration_is_out_of_reach_and_not_overwritten(
    store: SqlConfigStore, database: Database
) -> None:
    store.apply(make_configuration("a"))
    other = Database(str(database.url), vault=Vault(GivenKeys(new_key())))

    for attempt in (make_store(other).current, lambda: make_store(other).apply(make_configuration("b"))):
        with pytest.raises(LedgerUnavailable, match="another key"):
            attempt()
    other.close()


def test_every_secret_of_a_project_is_remembered_once(store: SqlConfigStore, database: Database) -> None:
    history = SqlSecretHistory(database)
    made = store.apply(make_configuration("a")).projects[0].secret
    store.apply(make_configuration("a", secret=SECRET))
    store.apply(make_configuration("a", secret=SECRET.upper(), description="again"))
    store.apply(make_configuration("a", secret=made))

    past = [each.secret.hex() for each in history.of("Trial")]

    assert past == [SECRET, made]
    assert history.of("Other") == []


def test_everything_can_be_sealed_with_another_key(store: SqlConfigStore, database: Database, tmp_path: Path) -> None:
    keys = KeyFile(tmp_path / "secret.key")
    own = Database(str(database.url), vault=Vault(keys))
    applied = make_store(own).apply(make_configuration("a", secret=SECRET))
    before = keys.read(make=False)[0]

    keys.bring_in_new()
    sealed = reseal(own)

    assert sealed == 2
    newest = Database(str(database.url), vault=Vault(GivenKeys(keys.read(make=False)[0])))
    assert make_store(newest).current() == applied
    assert SqlSecretHistory(newest).of("Trial")[0].secret.hex() == SECRET
    oldest = Database(str(database.url), vault=Vault(GivenKeys(before)))
    with pytest.raises(LedgerUnavailable):
        make_store(oldest).current()
    for each in (own, newest, oldest):
        each.close()


def test_a_database_in_clear_is_sealed_when_it_is_brought_up_to_date(
    store: SqlConfigStore, database: Database, tmp_path: Path
) -> None:
    first = make_configuration("archive", secret=SECRET).model_copy(update={"version": 1})
    rows = [
        {"number": 1, "document": first.model_dump_json(), "applied_at": 7_000_000},
        {"number": 2, "document": first.model_copy(update={"version": 2}).model_dump_json(), "applied_at": 9_000_000},
    ]
    with database.change() as connection:
        command.downgrade(alembic_config(connection, database), "0002")
        connection.execute(sa.insert(config_version), rows)

    migrate(database)

    assert store.version(1) == first
    assert store.current().version == 2
    (past,) = SqlSecretHistory(database).of("Trial")
    assert (past.secret.hex(), past.first_used_at.second) == (SECRET, 7)
    assert SECRET not in raw(database)
    if database.is_sqlite:
        with closing(sqlite3.connect(tmp_path / "philae.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        assert SECRET.encode() not in b"".join(path.read_bytes() for path in tmp_path.glob("philae.db*"))


def test_nothing_is_stored_over_a_version_that_nobody_saw(store: SqlConfigStore, database: Database) -> None:
    store.apply(make_configuration("a"))
    make_store(database).apply(make_configuration("b"), seen=1)

    with pytest.raises(ChangedMeanwhile):
        store.apply(make_configuration("c"), seen=1)

    assert store.current().version == 2
    assert ids(store.current()).keys() == {"b"}


def test_of_those_who_saw_the_same_version_one_gets_his_way(database: Database) -> None:
    make_store(database).apply(make_configuration("a"))

    def attempt(name: str) -> bool:
        try:
            make_store(database).apply(make_configuration(name), seen=1)
        except ChangedMeanwhile:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        applied = list(pool.map(attempt, [f"of-{number}" for number in range(8)]))

    assert applied.count(True) == 1
    assert make_store(database).current().version == 2

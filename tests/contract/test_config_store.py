"""What the store of configurations promises."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

import pytest

from philae.config.model import Configuration, DestinationSettings, PseudonymSettings
from philae.store.configuration import SqlConfigStore
from philae.store.database import Database

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

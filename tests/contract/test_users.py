"""Users, sessions and set-up links, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from philae.admin.tokens import digest_of
from philae.admin.users import Role, User
from philae.admin.users_sessions import Session, new_setup_link
from philae.store.database import Database
from philae.store.users import SqlSessionStore, SqlSetupLinks, SqlUserStore

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
ANNA = User("anna", frozenset({Role.ADMIN, Role.INVESTIGATOR}), NOW, "a hash")
SESSION = Session(b"digest of one", "anna", "Firefox", NOW, NOW)


def test_a_user_comes_back_as_stored_and_keeps_the_name(database: Database) -> None:
    users = SqlUserStore(database)

    assert users.add(ANNA)
    assert not users.add(replace(ANNA, password_hash="another"))

    assert users.find("anna") == ANNA
    assert list(users.all()) == [ANNA]
    assert users.find("nobody") is None


def test_failures_are_counted_until_they_lock_and_a_change_forgets_them(database: Database) -> None:
    users = SqlUserStore(database)
    users.add(ANNA)
    until = NOW + timedelta(minutes=5)

    users.count_failure("anna", until, 2)
    once = users.find("anna")
    users.count_failure("anna", until, 2)
    twice = users.find("anna")
    users.change(ANNA)

    assert once is not None
    assert twice is not None
    assert (once.failures, once.locked_until) == (1, None)
    assert (twice.failures, twice.locked_until) == (0, until)
    assert users.find("anna") == ANNA


def test_who_is_removed_is_signed_out(database: Database) -> None:
    users, sessions = SqlUserStore(database), SqlSessionStore(database)
    users.add(ANNA)
    sessions.open(SESSION)

    assert users.remove("anna")
    assert not users.remove("anna")

    assert sessions.find(SESSION.digest) is None


def test_sessions_are_found_touched_closed_and_expire(database: Database) -> None:
    sessions = SqlSessionStore(database)
    other = replace(SESSION, digest=b"digest of two", created_at=NOW + timedelta(hours=1))
    sessions.open(SESSION)
    sessions.open(other)

    sessions.touch(SESSION.digest, NOW + timedelta(minutes=3))
    assert [each.digest for each in sessions.of("anna")] == [other.digest, SESSION.digest]
    assert sessions.find(SESSION.digest) == replace(SESSION, seen_at=NOW + timedelta(minutes=3))

    sessions.expire(NOW - timedelta(hours=12), NOW + timedelta(minutes=1))
    assert [each.digest for each in sessions.of("anna")] == [SESSION.digest]
    assert sessions.close(SESSION.digest)
    assert not sessions.close(SESSION.digest)


def test_a_setup_link_counts_once_and_only_the_newest(database: Database) -> None:
    links = SqlSetupLinks(database)
    old, new = (digest_of(new_setup_link(links, NOW)) for _ in range(2))

    assert not links.take(old, NOW)
    assert not links.take(new, NOW + timedelta(days=2))
    assert links.holds(new, NOW)
    assert links.take(new, NOW)
    assert not links.take(new, NOW)

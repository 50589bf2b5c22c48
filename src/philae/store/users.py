"""Users, their sessions and the set-up link, in the database."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.admin.users import Role, User
from philae.admin.users_sessions import Session
from philae.pipeline.ports import LedgerUnavailable
from philae.store.moments import microseconds, moment
from philae.store.tables.access import account, setup_link, web_session

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from philae.store.database import Database


class SqlUserStore:
    """`philae.admin.users.UserStore`; one per process, used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user: User) -> bool:
        row = {"name": user.name, "created_at": microseconds(user.created_at), **_changing(user)}
        try:
            with self._database.change() as connection:
                connection.execute(sa.insert(account), row)
        except sa.exc.IntegrityError:
            return False
        except sa.exc.DBAPIError as error:
            raise LedgerUnavailable(f"the user was not stored: {type(error.orig).__name__}") from error
        return True

    def find(self, name: str) -> User | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(account).where(account.c.name == name)).one_or_none()
        return _user(row) if row is not None else None

    def all(self) -> Sequence[User]:
        with self._database.read() as connection:
            return [_user(row) for row in connection.execute(sa.select(account).order_by(account.c.name))]

    def change(self, user: User) -> None:
        with _changed(self._database) as connection:
            connection.execute(sa.update(account).where(account.c.name == user.name), _changing(user))

    def count_failure(self, name: str, locked_until: datetime, guesses: int) -> None:
        failed = account.c.failures + 1
        values = {
            "failures": sa.case((failed >= guesses, 0), else_=failed),
            "locked_until": sa.case((failed >= guesses, microseconds(locked_until)), else_=account.c.locked_until),
        }
        with _changed(self._database) as connection:
            connection.execute(sa.update(account).where(account.c.name == name).values(values))

    def remove(self, name: str) -> bool:
        with _changed(self._database) as connection:
            connection.execute(sa.delete(web_session).where(web_session.c.user_name == name))
            return connection.execute(sa.delete(account).where(account.c.name == name)).rowcount > 0


class SqlSessionStore:
    """`philae.admin.users_sessions.SessionStore`; one per process, used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def open(self, session: Session) -> None:
        row = {
            "digest": session.digest,
            "user_name": session.user,
            "client": session.client,
            "created_at": microseconds(session.created_at),
            "seen_at": microseconds(session.seen_at),
        }
        with _changed(self._database) as connection:
            connection.execute(sa.insert(web_session), row)

    def find(self, digest: bytes) -> Session | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(web_session).where(web_session.c.digest == digest)).one_or_none()
        return _session(row) if row is not None else None

    def touch(self, digest: bytes, at: datetime) -> None:
        with _changed(self._database) as connection:
            of_digest = web_session.c.digest == digest
            connection.execute(sa.update(web_session).where(of_digest), {"seen_at": microseconds(at)})

    def close(self, digest: bytes) -> bool:
        with _changed(self._database) as connection:
            return connection.execute(sa.delete(web_session).where(web_session.c.digest == digest)).rowcount > 0

    def of(self, user: str) -> Sequence[Session]:
        query = sa.select(web_session).where(web_session.c.user_name == user).order_by(web_session.c.created_at.desc())
        with self._database.read() as connection:
            return [_session(row) for row in connection.execute(query)]

    def expire(self, created_before: datetime, seen_before: datetime) -> None:
        is_over = (web_session.c.created_at < microseconds(created_before)) | (
            web_session.c.seen_at < microseconds(seen_before)
        )
        with _changed(self._database) as connection:
            connection.execute(sa.delete(web_session).where(is_over))


class SqlSetupLinks:
    """`philae.admin.users_sessions.SetupLinks`; one per process, used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, digest: bytes, expires_at: datetime) -> None:
        with _changed(self._database) as connection:
            connection.execute(sa.delete(setup_link))
            connection.execute(sa.insert(setup_link), {"digest": digest, "expires_at": microseconds(expires_at)})

    def holds(self, digest: bytes, now: datetime) -> bool:
        with self._database.read() as connection:
            return connection.scalar(sa.select(sa.literal(1)).where(_is_valid(digest, now))) is not None

    def take(self, digest: bytes, now: datetime) -> bool:
        with _changed(self._database) as connection:
            return connection.execute(sa.delete(setup_link).where(_is_valid(digest, now))).rowcount > 0


def _is_valid(digest: bytes, now: datetime) -> sa.ColumnElement[bool]:
    return (setup_link.c.digest == digest) & (setup_link.c.expires_at > microseconds(now))


@contextmanager
def _changed(database: Database) -> Iterator[Connection]:
    """Raises `LedgerUnavailable`."""
    try:
        with database.change() as connection:
            yield connection
    except sa.exc.DBAPIError as error:
        raise LedgerUnavailable(f"users and sessions were not changed: {type(error.orig).__name__}") from error


def _changing(user: User) -> dict[str, object]:
    return {
        "roles": " ".join(sorted(role.value for role in user.roles)),
        "password_hash": user.password_hash,
        "failures": user.failures,
        "locked_until": microseconds(user.locked_until) if user.locked_until else None,
    }


def _user(row: sa.Row[tuple[object, ...]]) -> User:
    return User(
        name=row.name,
        roles=frozenset(Role(each) for each in row.roles.split()),
        created_at=moment(row.created_at),
        password_hash=row.password_hash,
        failures=row.failures,
        locked_until=moment(row.locked_until) if row.locked_until is not None else None,
    )


def _session(row: sa.Row[tuple[object, ...]]) -> Session:
    return Session(row.digest, row.user_name, row.client, moment(row.created_at), moment(row.seen_at))

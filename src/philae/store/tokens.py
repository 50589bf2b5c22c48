"""API tokens in the database."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlalchemy as sa

from philae.admin.tokens import Token
from philae.pipeline.ports import LedgerUnavailable
from philae.store.moments import microseconds, moment
from philae.store.tables.access import api_token

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.store.database import Database


class SqlTokenStore:
    """`philae.admin.tokens.TokenStore`; one per process, used by all its threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, token: Token, digest: bytes) -> bool:
        row = {
            "name": token.name,
            "digest": digest,
            "scopes": " ".join(sorted(token.scopes)),
            "created_at": microseconds(token.created_at),
            "expires_at": microseconds(token.expires_at) if token.expires_at else None,
        }
        try:
            with self._database.change() as connection:
                connection.execute(sa.insert(api_token), row)
        except sa.exc.IntegrityError:
            return False
        except sa.exc.DBAPIError as error:
            raise LedgerUnavailable(f"the token was not stored: {type(error.orig).__name__}") from error
        return True

    def find(self, digest: bytes) -> Token | None:
        with self._database.read() as connection:
            row = connection.execute(sa.select(api_token).where(api_token.c.digest == digest)).one_or_none()
        return _token(row) if row is not None else None

    def all(self) -> Sequence[Token]:
        with self._database.read() as connection:
            return [_token(row) for row in connection.execute(sa.select(api_token).order_by(api_token.c.name))]

    def revoke(self, name: str) -> bool:
        try:
            with self._database.change() as connection:
                return connection.execute(sa.delete(api_token).where(api_token.c.name == name)).rowcount > 0
        except sa.exc.DBAPIError as error:
            raise LedgerUnavailable(f"the token was not revoked: {type(error.orig).__name__}") from error


def _token(row: sa.Row[tuple[object, ...]]) -> Token:
    return Token(
        row.name,
        frozenset(row.scopes.split()),
        moment(row.created_at),
        moment(row.expires_at) if row.expires_at is not None else None,
    )

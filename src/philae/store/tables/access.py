"""Programs and people that may come in."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, Table, Text

from philae.store.tables.columns import metadata, text_column

api_token = Table(
    "api_token",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
)
"""Who may call the REST API; ``digest`` is the SHA-256 of the token's text."""

account = Table(
    "account",
    metadata,
    Column("name", Text, primary_key=True),
    text_column("roles"),
    text_column("password_hash"),
    Column("created_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger),
)
"""People who may sign in; the hash is argon2id's."""

web_session = Table(
    "web_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    text_column("user_name"),
    text_column("client"),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
"""Browsers that somebody signed in with; ``digest`` is the SHA-256 of the cookie's text."""
Index("ix_web_session_user", web_session.c.user_name)

setup_link = Table(
    "setup_link",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)
"""The one link by which an administrator can be made."""

"""What is configured, and the secrets of projects."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from philae.store.tables.columns import counted_column, metadata, text_column

config_version = Table(
    "config_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("applied_at", BigInteger, nullable=False),
)
"""Every configuration that was ever applied, as JSON, sealed: it holds secrets."""

project_secret = Table(
    "project_secret",
    metadata,
    counted_column("id"),
    text_column("project"),
    text_column("sealed"),
    Column("first_used_at", BigInteger, nullable=False),
)
"""Every secret that a project ever had, sealed."""
Index("ix_project_secret_project", project_secret.c.project)

destination = Table(
    "destination",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("node", Text, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("node", "name"),
)
"""The number that a destination keeps for ever, once it was configured."""

"""Pseudonyms and whom they stand for."""

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from philae.store.tables.columns import counted_column, metadata, text_column

pseudonym = Table(
    "pseudonym",
    metadata,
    counted_column("id"),
    text_column("project"),
    text_column("patient_id", identifying=True),
    text_column("issuer_of_patient_id", identifying=True),
    text_column("pseudonym", identifying=True),
    text_column("last_name", identifying=True),
    text_column("first_name", identifying=True),
    Column("changed_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    UniqueConstraint("project", "patient_id", "issuer_of_patient_id"),
    UniqueConstraint("project", "pseudonym"),
)
"""Who a pseudonym stands for in a project; for ever when it does not expire."""
Index(
    "ix_pseudonym_expiring",
    pseudonym.c.expires_at,
    sqlite_where=pseudonym.c.expires_at.is_not(None),
    postgresql_where=pseudonym.c.expires_at.is_not(None),
)

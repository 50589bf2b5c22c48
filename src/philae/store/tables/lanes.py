"""Who works off which deliveries, and which destinations cannot be reached."""

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table, Text

from philae.store.tables.columns import metadata, text_column

contact = Table(
    "contact",
    metadata,
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    text_column("reason"),
    Column("failing_since", BigInteger, nullable=False),
    Column("tried_at", BigInteger, nullable=False),
)
"""Destinations that cannot be reached now, and why."""

lease = Table(
    "lease",
    metadata,
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("lanes", SmallInteger, primary_key=True, autoincrement=False),
    Column("worker", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
"""Who works off which lane, and until when."""

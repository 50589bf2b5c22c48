"""How many deliveries ended in each short period."""

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table

from philae.store.tables.columns import metadata

activity = Table(
    "activity",
    metadata,
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    *(Column(name, BigInteger, nullable=False) for name in ("delivered", "excluded", "stopped")),
)
"""Kept with every change, as the tallies are; ``period`` counts `philae.admin.activity.PERIOD` since 1970."""

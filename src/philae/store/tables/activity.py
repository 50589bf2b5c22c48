"""How many deliveries ended in each short period."""

from typing import Final

from sqlalchemy import BigInteger, Column, Integer, SmallInteger, Table

from philae.store.tables.columns import metadata

COUNTS: Final = ("delivered", "excluded", "stopped")
activity = Table(
    "activity",
    metadata,
    Column("period", Integer, primary_key=True, autoincrement=False),
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    *(Column(name, BigInteger, nullable=False) for name in COUNTS),
)
"""Kept with every change, as the tallies are; ``period`` counts `philae.admin.activity.PERIOD` since 1970.

Those of an hour that is past are added up in its first one, in shard 0.
"""

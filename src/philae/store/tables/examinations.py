"""What the doctor found out about destinations."""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table

from philae.store.tables.columns import counted_column, metadata, text_column

examination = Table(
    "examination",
    metadata,
    counted_column("id"),
    Column("destination_id", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    text_column("actor"),
    Column("healthy", SmallInteger, nullable=False),
    text_column("findings"),
)
"""The newest examinations of each destination, with the findings as JSON; no actor examined what was due."""
Index(None, examination.c.destination_id, examination.c.id)

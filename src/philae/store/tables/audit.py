"""What was changed or looked up by whom."""

from sqlalchemy import BigInteger, Column, Integer, Table

from philae.store.tables.columns import metadata, text_column

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("at", BigInteger, nullable=False),
    text_column("actor"),
    text_column("action"),
    text_column("subject"),
    text_column("before"),
    text_column("after"),
)
"""What people and programs changed or looked up; rows never change."""

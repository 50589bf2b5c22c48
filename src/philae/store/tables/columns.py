"""The metadata that all tables belong to, and the columns they are made of."""

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Integer, MetaData, Text

IDENTIFYING: Final = {"identifying": True}

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def key_column(name: str, **options: Any) -> Column[int]:
    """A 64-bit key; SQLite stores a single one as the row's own number."""
    wide = BigInteger().with_variant(Integer(), "sqlite")
    return Column(name, wide, autoincrement=False, nullable=False, **options)


def counted_column(name: str) -> Column[int]:
    """A 64-bit key that the database counts up."""
    return Column(name, BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)


def text_column(name: str, *, identifying: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, info=IDENTIFYING if identifying else {})

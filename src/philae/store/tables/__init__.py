"""The tables of the database, in terms that SQLite and PostgreSQL share: one module per noun, all of them listed here.

Moments are microseconds since 1970. A column that may hold what a sender said about a patient has ``IDENTIFYING``.
"""

from philae.store.tables import (  # noqa: F401 - what is imported here is in the metadata, wherever somebody begins
    access,
    activity,
    address_book,
    album_shares,
    audit,
    commitments,
    configuration,
    deliveries,
    examinations,
    instances,
    lanes,
    notifications,
    pseudonyms,
)
from philae.store.tables.columns import metadata

__all__ = ["metadata"]

"""The tables of the database, in terms that SQLite and PostgreSQL share: one module per noun, all of them listed here.

Moments are microseconds since 1970. A column that may hold what a sender said about a patient has ``IDENTIFYING``.
"""

from philae.store.tables import (
    access,
    activity,
    address_book,
    album_shares,
    audit,
    configuration,
    deliveries,
    examinations,
    instances,
    lanes,
    notifications,
    pseudonyms,
)
from philae.store.tables.columns import metadata

MODULES = (
    access,
    activity,
    address_book,
    album_shares,
    audit,
    configuration,
    deliveries,
    examinations,
    instances,
    lanes,
    notifications,
    pseudonyms,
)
"""What is imported here is in the metadata, wherever somebody begins."""

__all__ = ["metadata"]

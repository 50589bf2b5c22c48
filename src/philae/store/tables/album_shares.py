"""Series that are to be shared with albums."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text, UniqueConstraint

from philae.store.tables.columns import counted_column, metadata, text_column

album_share = Table(
    "album_share",
    metadata,
    counted_column("id"),
    Column("destination_id", Integer, nullable=False),
    text_column("album"),
    text_column("study_instance_uid", identifying=True),
    text_column("series_instance_uid", identifying=True),
    Column("since", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("reason", Text),
    Column("shared_at", BigInteger),
    UniqueConstraint(
        "destination_id", "album", "study_instance_uid", "series_instance_uid", name="uq_album_share_series"
    ),
)
"""A series with its first confirmed delivery; those that are shared are kept for a while, to be shared only once."""
_waits = album_share.c.shared_at.is_(None)
Index("ix_album_share_waiting", album_share.c.not_before, sqlite_where=_waits, postgresql_where=_waits)
Index("ix_album_share_shared", album_share.c.shared_at)

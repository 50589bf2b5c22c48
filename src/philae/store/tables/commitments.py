"""Instances that an archive has, and has not committed itself to keep."""

from sqlalchemy import BigInteger, Column, Index, Integer, Table, Text

from philae.store.tables.columns import key_column, metadata, text_column

commitment = Table(
    "commitment",
    metadata,
    key_column("instance_id", primary_key=True),
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    text_column("sop_class_uid"),
    text_column("sop_instance_uid", identifying=True),
    Column("since", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("transaction_uid", Text),
    Column("reason", Text),
    sqlite_with_rowid=False,
)
"""A delivered instance, named as it left, whose file stays until the archive has committed itself.

``attempts``: how often the archive was asked, the last time in ``transaction_uid`` and until ``not_before``.
``reason``: why it could not be.
"""
Index("ix_commitment_due", commitment.c.destination_id, commitment.c.not_before)
Index("ix_commitment_sop_instance", commitment.c.destination_id, commitment.c.sop_instance_uid)

commitment_request = Table(
    "commitment_request",
    metadata,
    Column("transaction_uid", Text, primary_key=True),
    Column("destination_id", Integer, nullable=False),
    Column("asked_at", BigInteger, nullable=False),
)
"""The transactions (PS3.4 J.3) by which archives were asked; kept for a while, since answers come late."""
Index("ix_commitment_request_asked", commitment_request.c.asked_at)

"""Accepted instances, their files in the spool, and how many there were."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, SmallInteger, Table, Text

from philae.store.tables.columns import key_column, metadata, text_column

SLOTS: Final = 64
"""A series falls on one of this many slots; lane ``i`` of ``n`` works off the slots ``i, i + n, i + 2n ...``."""

instance = Table(
    "instance",
    metadata,
    key_column("id", primary_key=True),
    text_column("node"),
    text_column("calling_ae_title"),
    text_column("peer_host"),
    text_column("sop_class_uid"),
    text_column("sop_instance_uid", identifying=True),
    text_column("study_instance_uid", identifying=True),
    text_column("series_instance_uid", identifying=True),
    text_column("patient_id", identifying=True),
    text_column("issuer_of_patient_id", identifying=True),
    text_column("modality"),
    text_column("accession_number", identifying=True),
    text_column("transfer_syntax_uid"),
    Column("size", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("uid_key", BigInteger, nullable=False),
    Column("repeat", SmallInteger, nullable=False),
)
"""Every accepted instance; rows never change. ``uid_key`` is a hash of node and SOP Instance UID."""
Index("ix_instance_uid_key", instance.c.uid_key)
Index("ix_instance_study", instance.c.study_instance_uid, instance.c.id)
Index("ix_instance_series", instance.c.series_instance_uid, instance.c.id)
Index("ix_instance_patient", instance.c.patient_id, instance.c.id)

spooled = Table(
    "spooled",
    metadata,
    key_column("instance_id", primary_key=True),
    Column("unfinished", Integer, nullable=False),
)
"""Instances whose file is in the spool, and how many of their deliveries still need it."""
_done = spooled.c.unfinished == 0
Index("ix_spooled_done", spooled.c.instance_id, sqlite_where=_done, postgresql_where=_done)

accepted = Table(
    "accepted",
    metadata,
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("node", Text, primary_key=True),
    Column("instances", BigInteger, nullable=False),
)
"""Instances ever accepted per forward node; the sum over the shards counts."""

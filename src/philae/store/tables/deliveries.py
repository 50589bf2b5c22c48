"""Deliveries, and how many of them are in which state."""

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text, literal_column

from philae.pipeline.outcome import State
from philae.store.tables.columns import IDENTIFYING, key_column, metadata

delivery = Table(
    "delivery",
    metadata,
    key_column("instance_id", primary_key=True),
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    Column("slot", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("worker", Text),
    Column("code", Text),
    Column("detail", Text, info=IDENTIFYING),
    Column("sent_sop_instance_uid", Text, info=IDENTIFYING),
    Column("sent_study_instance_uid", Text, info=IDENTIFYING),
    Column("sent_series_instance_uid", Text, info=IDENTIFYING),
    Column("sent_patient_id", Text, info=IDENTIFYING),
    Column("sent_accession_number", Text, info=IDENTIFYING),
    Column("changed_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""One instance on its way to one destination.

An identifier that left as it came is not written again: of a delivered one, NULL is the original's. ``code`` is the
receiver's status, or what kind of fault holds it.
"""
_queued = delivery.c.state == int(State.QUEUED)
_sending = delivery.c.state == int(State.SENDING)
Index(
    "ix_delivery_queued",
    delivery.c.destination_id,
    delivery.c.slot,
    delivery.c.instance_id,
    sqlite_where=_queued,
    postgresql_where=_queued,
)
Index(
    "ix_delivery_sending",
    delivery.c.worker,
    delivery.c.destination_id,
    delivery.c.instance_id,
    sqlite_where=_sending,
    postgresql_where=_sending,
)

ENDED: Final = delivery.c.state >= literal_column("2")
"""What a query has to say, word for word, to be answered from `ix_delivery_ended`."""
Index(
    "ix_delivery_ended",
    delivery.c.destination_id,
    delivery.c.state,
    delivery.c.instance_id,
    sqlite_where=ENDED,
    postgresql_where=ENDED,
)
for _name in ("sop_instance_uid", "study_instance_uid", "series_instance_uid", "patient_id"):
    _sent = delivery.c[f"sent_{_name}"]
    _was_sent = _sent.is_not(None)
    Index(
        f"ix_delivery_sent_{_name}",
        _sent,
        delivery.c.instance_id,
        delivery.c.destination_id,
        sqlite_where=_was_sent,
        postgresql_where=_was_sent,
    )

tally = Table(
    "tally",
    metadata,
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    Column("opened", BigInteger, nullable=False),
    *(Column(state.name.lower(), BigInteger, nullable=False) for state in State),
    Column("forgotten", BigInteger, nullable=False, server_default="0"),
)
"""Deliveries per destination and state, kept with every change; one shard may be negative, the sum never is.

``forgotten`` counts those whose rows retention has removed: they stay counted where they ended.
"""

"""The tables of the database, in terms that SQLite and PostgreSQL share.

Moments are microseconds since 1970. A column that may hold what a sender said about a patient has ``IDENTIFYING``.
"""

from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from philae.pipeline.outcome import State

SLOTS: Final = 64
"""A series falls on one of this many slots; lane ``i`` of ``n`` works off the slots ``i, i + n, i + 2n ...``."""
IDENTIFYING: Final = {"identifying": True}

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)


def _id(name: str, **options: Any) -> Column[int]:
    """A 64-bit key; SQLite stores a single one as the row's own number."""
    wide = BigInteger().with_variant(Integer(), "sqlite")
    return Column(name, wide, autoincrement=False, nullable=False, **options)


def _text(name: str, *, identifying: bool = False) -> Column[str]:
    return Column(name, Text, nullable=False, info=IDENTIFYING if identifying else {})


instance = Table(
    "instance",
    metadata,
    _id("id", primary_key=True),
    _text("node"),
    _text("calling_ae_title"),
    _text("peer_host"),
    _text("sop_class_uid"),
    _text("sop_instance_uid", identifying=True),
    _text("study_instance_uid", identifying=True),
    _text("series_instance_uid", identifying=True),
    _text("patient_id", identifying=True),
    _text("issuer_of_patient_id", identifying=True),
    _text("modality"),
    _text("accession_number", identifying=True),
    _text("transfer_syntax_uid"),
    Column("size", BigInteger, nullable=False),
    Column("digest", LargeBinary, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("uid_key", BigInteger, nullable=False),
    Column("repeat", SmallInteger, nullable=False),
)
"""Every accepted instance; rows never change. ``uid_key`` is a hash of node and SOP Instance UID."""
Index("ix_instance_uid_key", instance.c.uid_key)

delivery = Table(
    "delivery",
    metadata,
    _id("instance_id", primary_key=True),
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    Column("slot", SmallInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
    Column("worker", Text),
    Column("detail", Text, info=IDENTIFYING),
    Column("sent_sop_instance_uid", Text, info=IDENTIFYING),
    Column("sent_study_instance_uid", Text, info=IDENTIFYING),
    Column("changed_at", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
"""One instance on its way to one destination. What was sent may identify where the destination de-identifies nothing."""
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

spooled = Table(
    "spooled",
    metadata,
    _id("instance_id", primary_key=True),
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

tally = Table(
    "tally",
    metadata,
    Column("shard", SmallInteger, primary_key=True, autoincrement=False),
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    Column("opened", BigInteger, nullable=False),
    *(Column(state.name.lower(), BigInteger, nullable=False) for state in State),
)
"""Deliveries per destination and state, kept with every change; one shard may be negative, the sum never is."""

lease = Table(
    "lease",
    metadata,
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    Column("lane", SmallInteger, primary_key=True, autoincrement=False),
    Column("lanes", SmallInteger, primary_key=True, autoincrement=False),
    Column("worker", Text, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
)
"""Who works off which lane, and until when."""

config_version = Table(
    "config_version",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Text, nullable=False),
    Column("applied_at", BigInteger, nullable=False),
)
"""Every configuration that was ever applied, as JSON."""

destination = Table(
    "destination",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("node", Text, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("node", "name"),
)
"""The number that a destination keeps for ever, once it was configured."""

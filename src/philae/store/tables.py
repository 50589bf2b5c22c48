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
    literal_column,
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


def _number(name: str) -> Column[int]:
    """A 64-bit key that the database counts up."""
    return Column(name, BigInteger().with_variant(Integer(), "sqlite"), primary_key=True)


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
Index("ix_instance_study", instance.c.study_instance_uid, instance.c.id)
Index("ix_instance_series", instance.c.series_instance_uid, instance.c.id)
Index("ix_instance_patient", instance.c.patient_id, instance.c.id)

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
    Column("forgotten", BigInteger, nullable=False, server_default="0"),
)
"""Deliveries per destination and state, kept with every change; one shard may be negative, the sum never is.

``forgotten`` counts those whose rows retention has removed: they stay counted where they ended.
"""

contact = Table(
    "contact",
    metadata,
    Column("destination_id", Integer, primary_key=True, autoincrement=False),
    _text("reason"),
    Column("failing_since", BigInteger, nullable=False),
    Column("tried_at", BigInteger, nullable=False),
)
"""Destinations that cannot be reached now, and why."""

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
"""Every configuration that was ever applied, as JSON, sealed: it holds secrets."""

project_secret = Table(
    "project_secret",
    metadata,
    _number("id"),
    _text("project"),
    _text("sealed"),
    Column("first_used_at", BigInteger, nullable=False),
)
"""Every secret that a project ever had, sealed."""
Index("ix_project_secret_project", project_secret.c.project)

pseudonym = Table(
    "pseudonym",
    metadata,
    _number("id"),
    _text("project"),
    _text("patient_id", identifying=True),
    _text("issuer_of_patient_id", identifying=True),
    _text("pseudonym", identifying=True),
    _text("last_name", identifying=True),
    _text("first_name", identifying=True),
    Column("changed_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
    UniqueConstraint("project", "patient_id", "issuer_of_patient_id"),
    UniqueConstraint("project", "pseudonym"),
)
"""Who a pseudonym stands for in a project; for ever when it does not expire."""
Index(
    "ix_pseudonym_expiring",
    pseudonym.c.expires_at,
    sqlite_where=pseudonym.c.expires_at.is_not(None),
    postgresql_where=pseudonym.c.expires_at.is_not(None),
)

destination = Table(
    "destination",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("node", Text, nullable=False),
    Column("name", Text, nullable=False),
    UniqueConstraint("node", "name"),
)
"""The number that a destination keeps for ever, once it was configured."""


api_token = Table(
    "api_token",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("scopes", Text, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger),
)
"""Who may call the REST API; ``digest`` is the SHA-256 of the token's text."""

audit = Table(
    "audit",
    metadata,
    Column("id", BigInteger().with_variant(Integer(), "sqlite"), primary_key=True),
    Column("at", BigInteger, nullable=False),
    _text("actor"),
    _text("action"),
    _text("subject"),
    _text("before"),
    _text("after"),
)
"""What people and programs changed or looked up; rows never change."""

notice = Table(
    "notice",
    metadata,
    _number("id"),
    Column("destination_id", Integer, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("instances", Integer, nullable=False),
    Column("instance_id", BigInteger, nullable=False),
    _text("modality"),
    _text("sop_class_uid"),
    _text("reason", identifying=True),
    _text("patient_id", identifying=True),
    _text("accession_number", identifying=True),
    _text("study_instance_uid", identifying=True),
    _text("series_instance_uid", identifying=True),
    Column("sent_patient_id", Text, info=IDENTIFYING),
    Column("sent_accession_number", Text, info=IDENTIFYING),
    Column("sent_study_instance_uid", Text, info=IDENTIFYING),
    Column("sent_series_instance_uid", Text, info=IDENTIFYING),
    _text("description", identifying=True),
    _text("study_date", identifying=True),
)
"""How deliveries ended that somebody is to be told about; gone as soon as a mail about them is in the outbox."""
Index("ix_notice_study", notice.c.destination_id, notice.c.study_instance_uid, notice.c.at)

mail = Table(
    "mail",
    metadata,
    _number("id"),
    _text("recipients"),
    _text("subject", identifying=True),
    _text("text", identifying=True),
    _text("html", identifying=True),
    Column("written_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
)
"""The outbox: mails that no server has taken yet."""

alarm = Table(
    "alarm",
    metadata,
    Column("key", Text, primary_key=True),
    _text("words"),
    _text("remedy"),
    Column("began_at", BigInteger, nullable=False),
)
"""What needs a person's attention now."""

account = Table(
    "account",
    metadata,
    Column("name", Text, primary_key=True),
    _text("roles"),
    _text("password_hash"),
    Column("created_at", BigInteger, nullable=False),
    Column("failures", Integer, nullable=False),
    Column("locked_until", BigInteger),
)
"""People who may sign in; the hash is argon2id's."""

web_session = Table(
    "web_session",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    _text("user_name"),
    _text("client"),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
)
"""Browsers that somebody signed in with; ``digest`` is the SHA-256 of the cookie's text."""
Index("ix_web_session_user", web_session.c.user_name)

setup_link = Table(
    "setup_link",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("expires_at", BigInteger, nullable=False),
)
"""The one link by which an administrator can be made."""

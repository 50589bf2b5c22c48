"""What people are told: how deliveries ended, mails, alarms."""

from sqlalchemy import BigInteger, Column, Index, Integer, SmallInteger, Table, Text

from philae.store.tables.columns import IDENTIFYING, counted_column, metadata, text_column

notice = Table(
    "notice",
    metadata,
    counted_column("id"),
    Column("destination_id", Integer, nullable=False),
    Column("config_version", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", SmallInteger, nullable=False),
    Column("instances", Integer, nullable=False),
    Column("instance_id", BigInteger, nullable=False),
    text_column("modality"),
    text_column("sop_class_uid"),
    text_column("reason", identifying=True),
    text_column("patient_id", identifying=True),
    text_column("accession_number", identifying=True),
    text_column("study_instance_uid", identifying=True),
    text_column("series_instance_uid", identifying=True),
    Column("sent_patient_id", Text, info=IDENTIFYING),
    Column("sent_accession_number", Text, info=IDENTIFYING),
    Column("sent_study_instance_uid", Text, info=IDENTIFYING),
    Column("sent_series_instance_uid", Text, info=IDENTIFYING),
    text_column("description", identifying=True),
    text_column("study_date", identifying=True),
)
"""How deliveries ended that somebody is to be told about; gone as soon as a mail about them is in the outbox."""
Index("ix_notice_study", notice.c.destination_id, notice.c.study_instance_uid, notice.c.at)

mail = Table(
    "mail",
    metadata,
    counted_column("id"),
    text_column("recipients"),
    text_column("subject", identifying=True),
    text_column("text", identifying=True),
    text_column("html", identifying=True),
    Column("written_at", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("not_before", BigInteger, nullable=False),
)
"""The outbox: mails that no server has taken yet."""

alarm = Table(
    "alarm",
    metadata,
    Column("key", Text, primary_key=True),
    text_column("words"),
    text_column("remedy"),
    Column("began_at", BigInteger, nullable=False),
)
"""What needs a person's attention now."""

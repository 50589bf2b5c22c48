"""What is to be told and the mails that tell it, in the database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from philae.admin.notifications.mail import Mail, OpenStudy, Waiting
from philae.admin.notifications.notice import Names, Notice
from philae.pipeline.outcome import State
from philae.store.due import changed, claim_due
from philae.store.moments import microseconds, moment
from philae.store.tables.notifications import mail, notice

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.engine import Connection

    from philae.store.database import Database

_NAMES: Final = Names._fields


class SqlOutbox:
    """`philae.admin.notifications.mail.Outbox`; one per process, used by all its threads.

    Nothing waits for the disk: after a power cut a mail may be sent again, none is lost.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def open_studies(self) -> Sequence[OpenStudy]:
        key = (notice.c.destination_id, notice.c.study_instance_uid)
        query = sa.select(*key, sa.func.min(notice.c.at)).group_by(*key)
        with self._database.read() as connection:
            return [OpenStudy(number, uid, moment(since)) for number, uid, since in connection.execute(query)]

    def tell(self, study: OpenStudy, compose: Callable[[Sequence[Notice]], Mail | None]) -> bool:
        taken = (
            sa.delete(notice)
            .where(
                notice.c.destination_id == study.destination_id,
                notice.c.study_instance_uid == study.study_instance_uid,
            )
            .returning(notice)
        )
        with changed(self._database, durable=False) as connection:
            rows = sorted(connection.execute(taken).mappings(), key=lambda row: row["id"])
            written = compose([_notice(row) for row in rows]) if rows else None
            if written is not None:
                put(connection, written, datetime.now(UTC))
        return written is not None

    def claim(self, now: datetime) -> Waiting | None:
        row = claim_due(self._database, mail, now)
        return None if row is None else _waiting(row)

    def sent(self, number: int) -> None:
        with changed(self._database, durable=False) as connection:
            connection.execute(sa.delete(mail).where(mail.c.id == number))

    def postpone(self, number: int, until: datetime) -> None:
        with changed(self._database, durable=False) as connection:
            connection.execute(sa.update(mail).where(mail.c.id == number).values(not_before=microseconds(until)))


def put(connection: Connection, written: Mail, now: datetime) -> None:
    """Into the outbox, due at once."""
    row = {
        "recipients": ",".join(written.recipients),
        "subject": written.subject,
        "text": written.text,
        "html": written.html,
        "written_at": microseconds(now),
        "attempts": 0,
        "not_before": microseconds(now),
    }
    connection.execute(sa.insert(mail), row)


def _notice(row: sa.RowMapping) -> Notice:
    return Notice(
        config_version=row["config_version"],
        state=State(row["state"]),
        instances=row["instances"],
        instance_id=row["instance_id"],
        modality=row["modality"],
        sop_class_uid=row["sop_class_uid"],
        reason=row["reason"],
        original=Names(*(row[name] for name in _NAMES)),
        sent=None if row["sent_patient_id"] is None else Names(*(row[f"sent_{name}"] for name in _NAMES)),
        description=row["description"],
        study_date=row["study_date"],
    )


def _waiting(row: sa.Row[Any]) -> Waiting:
    written = Mail(tuple(row.recipients.split(",")), row.subject, row.text, row.html)
    return Waiting(row.id, written, moment(row.written_at), row.attempts)

"""The table of pseudonyms in the database."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import astuple
from itertools import islice
from time import time_ns
from typing import TYPE_CHECKING, Any, Final

import sqlalchemy as sa

from philae.admin.pseudonyms import Collision, Entry, Patient
from philae.pipeline.ports import LedgerUnavailable
from philae.store.moments import microseconds, moment
from philae.store.pseudonym_waiting import Waiting
from philae.store.rows import storable
from philae.store.tables.pseudonyms import pseudonym

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy.engine import Connection

    from philae.admin.pseudonyms import Page
    from philae.store.database import Database

_AT_ONCE: Final = 5000
_COLUMNS: Final = ("patient_id", "pseudonym", "issuer_of_patient_id", "last_name", "first_name")
"""In the order of the fields of a `Patient`."""
_WRITTEN: Final = ("project", *_COLUMNS, "changed_at", "expires_at")
_LOCK: Final = 0x50534555


class SqlPseudonyms:
    """`philae.admin.pseudonyms.Pseudonyms` and `philae.pipeline.ports.PseudonymTable`; one per process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = Waiting(database)
        self._of_patient = database.prepare(_of_patient())
        self._all = database.prepare(_all())
        self._lock = database.prepare(sa.select(sa.func.pg_advisory_xact_lock(sa.literal_column(str(_LOCK)))))
        self._forget = database.prepare(
            sa.delete(pseudonym).where(
                pseudonym.c.project == sa.bindparam("project"), pseudonym.c.expires_at <= sa.bindparam("now")
            )
        )
        self._insert = database.prepare(sa.insert(pseudonym).values({name: sa.bindparam(name) for name in _WRITTEN}))
        self._renew = database.prepare(
            sa.update(pseudonym)
            .where(pseudonym.c.id == sa.bindparam("number"))
            .values(changed_at=sa.bindparam("changed_at"), expires_at=sa.bindparam("expires_at"))
        )

    def of_patient(self, project: str, patient_id: str) -> Mapping[str, str]:
        wanted = {"project": project, "patient_id": storable(patient_id), "now": _now()}
        with self._database.look() as transaction:
            return dict(transaction.rows(self._of_patient, wanted))

    def add(self, project: str, patients: Sequence[Patient], expires_at: datetime | None) -> Sequence[Collision]:
        now = _now()
        times = {"changed_at": now, "expires_at": microseconds(expires_at) if expires_at is not None else None}
        rows = [{"project": project, **_row(each), **times} for each in patients]
        with self._database.write(durable=True) as transaction:
            if not self._database.is_sqlite:
                transaction.rows(self._lock, {})
            transaction.run(self._forget, [{"project": project, "now": now}])
            known = _Known(transaction.rows(self._all, {"project": project}))
            asked = [known.asked(each) for each in patients]
            collisions = [Collision(at, each) for at, each in enumerate(asked) if isinstance(each, bool)]
            if collisions:
                return collisions
            transaction.run(self._insert, [row for row, number in zip(rows, asked, strict=True) if number is None])
            transaction.run(self._renew, [{"number": number, **times} for number in asked if number is not None])
        return []

    def change(self, project: str, number: int, patient: Patient) -> Collision | None:
        with self._change() as connection:
            row = sa.and_(pseudonym.c.project == project, pseudonym.c.id == number)
            if connection.scalar(sa.select(pseudonym.c.id).where(row)) is None:
                raise LookupError(number)
            connection.execute(sa.delete(pseudonym).where(pseudonym.c.project == project, _is_over()))
            others = connection.execute(_all().where(pseudonym.c.id != number), {"project": project})
            same_patient = _Known(others).asked(patient)
            if same_patient is not None:
                return Collision(0, same_patient is not False)
            connection.execute(sa.update(pseudonym).where(row).values(**_row(patient), changed_at=_now()))
        return None

    def delete(self, project: str, numbers: Collection[int]) -> int:
        wanted = iter(sorted(numbers))
        deleted = 0
        with self._change() as connection:
            while some := list(islice(wanted, _AT_ONCE)):
                here = pseudonym.c.project == project, pseudonym.c.id.in_(some)
                deleted += connection.execute(sa.delete(pseudonym).where(*here)).rowcount
        return deleted

    def clear(self, project: str) -> int:
        with self._change() as connection:
            return connection.execute(sa.delete(pseudonym).where(pseudonym.c.project == project)).rowcount

    def page(self, project: str, page: Page) -> Sequence[Entry]:
        c = pseudonym.c
        parts = zip(_COLUMNS, astuple(page.contains), strict=True)
        contained = [c[name].icontains(storable(text), autoescape=True) for name, text in parts if text]
        query = sa.select(pseudonym).where(c.project == project, c.id > page.after, _lives(), *contained)
        with self._database.read() as connection:
            return [_entry(row) for row in connection.execute(query.order_by(c.id).limit(page.limit))]

    def standing_for(self, text: str, projects: Collection[str]) -> Sequence[Entry]:
        c = pseudonym.c
        query = sa.select(pseudonym).where(c.project.in_(projects), c.pseudonym == storable(text), _lives())
        with self._database.read() as connection:
            return [_entry(row) for row in connection.execute(query.order_by(c.project))]

    def release(self) -> int:
        return self._waiting.release()

    def tend(self) -> int:
        expired = sa.select(pseudonym.c.id).where(_is_over()).limit(1)
        with self._database.read() as connection:
            is_any = connection.scalar(expired) is not None
        if is_any:
            with self._change() as connection:
                connection.execute(sa.delete(pseudonym).where(_is_over()))
        return self.release()

    @contextmanager
    def _change(self) -> Iterator[Connection]:
        """One transaction at a time; what is deleted leaves no trace in SQLite's file."""
        try:
            with self._database.change() as connection:
                if self._database.is_sqlite:
                    connection.exec_driver_sql("PRAGMA secure_delete = ON")
                else:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
                yield connection
        except sa.exc.DBAPIError as error:
            raise LedgerUnavailable(f"the pseudonyms were not changed: {type(error.orig).__name__}") from error


class _Known:
    """Whom the table of a project knows already."""

    def __init__(self, rows: Iterable[Sequence[Any]]) -> None:
        self._by_patient: dict[tuple[str, str], tuple[int, str]] = {}
        self._by_pseudonym: set[str] = set()
        for number, patient_id, issuer, text in rows:
            self._by_patient[patient_id, issuer] = number, text
            self._by_pseudonym.add(text)

    def asked(self, patient: Patient) -> int | bool | None:
        """The number of the row that says the same, None if nothing is said.

        True if the patient has another pseudonym, False if another patient has the pseudonym.
        """
        found = self._by_patient.get((patient.patient_id, patient.issuer))
        if found is not None:
            number, text = found
            return number if text == patient.pseudonym else True
        return False if patient.pseudonym in self._by_pseudonym else None


def _all() -> sa.Select[Any]:
    c = pseudonym.c
    return sa.select(c.id, c.patient_id, c.issuer_of_patient_id, c.pseudonym).where(
        c.project == sa.bindparam("project")
    )


def _of_patient() -> sa.Select[tuple[str, str]]:
    c = pseudonym.c
    lives = sa.or_(c.expires_at.is_(None), c.expires_at > sa.bindparam("now"))
    here = c.project == sa.bindparam("project"), c.patient_id == sa.bindparam("patient_id")
    return sa.select(c.issuer_of_patient_id, c.pseudonym).where(*here, lives).order_by(c.id)


def _lives() -> sa.ColumnElement[bool]:
    return sa.or_(pseudonym.c.expires_at.is_(None), pseudonym.c.expires_at > _now())


def _is_over() -> sa.ColumnElement[bool]:
    """Said so that the index of what expires is used."""
    return sa.and_(pseudonym.c.expires_at.is_not(None), pseudonym.c.expires_at <= _now())


def _now() -> int:
    return time_ns() // 1000


def _row(patient: Patient) -> dict[str, Any]:
    return {name: storable(text) for name, text in zip(_COLUMNS, astuple(patient), strict=True)}


def _entry(row: sa.Row[Any]) -> Entry:
    patient = Patient(*(getattr(row, name) for name in _COLUMNS))
    return Entry(row.id, row.project, patient, moment(row.expires_at) if row.expires_at is not None else None)

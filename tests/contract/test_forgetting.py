"""What retention promises, on both databases: nothing unfinished goes, no count changes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from philae.admin.deliveries import Wanted, every_one
from philae.pipeline.outcome import FINISHED, State
from philae.pipeline.retention import Retention
from philae.store.database import Database
from philae.store.deliveries import SqlDeliveryBook
from philae.store.ledger import SqlLedger
from philae.store.tables.instances import instance
from tests.support.ledger_rows import BEGIN, MINUTE, arrived, deliver, settle_next

NOW = datetime.now(UTC)


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database)


def forget_all(ledger: SqlLedger, retention: Retention, now: datetime = NOW) -> None:
    while ledger.forget(retention, now, 2):
        pass


def drop_files(ledger: SqlLedger) -> None:
    ledger.dropped(ledger.finished(1000))


def kept(database: Database) -> list[int]:
    return [(each.received_at - BEGIN) // MINUTE for each in every_one(SqlDeliveryBook(database), Wanted())]


def instances(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(instance)) or 0


def test_the_newest_are_kept_and_every_count(ledger: SqlLedger, database: Database) -> None:
    for minute, state in enumerate([*sorted(FINISHED), State.SENT, State.SENT]):
        deliver(ledger, arrived(minute), state)
    drop_files(ledger)
    before = ledger.counts()

    forget_all(ledger, Retention(deliveries=2))
    deliver(ledger, arrived(10))
    drop_files(ledger)
    forget_all(ledger, Retention(deliveries=2))

    assert kept(database) == [10, 5]
    assert instances(database) == 2
    assert ledger.counts().opened == before.opened + 1
    assert ledger.counts().by_destination[1][State.SENT] == before.by_destination[1][State.SENT] + 1
    assert ledger.counts().accepted == before.accepted + 1


@pytest.mark.parametrize("state", sorted(frozenset(State) - FINISHED))
def test_what_is_unfinished_anywhere_is_never_forgotten(ledger: SqlLedger, database: Database, state: State) -> None:
    ledger.open(arrived(1), [1, 2], 1)
    settle_next(ledger, State.SENT, to=2)
    settle_next(ledger, state)
    deliver(ledger, arrived(2, series_instance_uid="1.77"), to=3)
    drop_files(ledger)

    forget_all(ledger, Retention(deliveries=0, age=timedelta(0)), NOW + timedelta(days=1))

    assert kept(database) == [1, 1]


def test_what_still_has_its_file_is_not_forgotten(ledger: SqlLedger, database: Database) -> None:
    deliver(ledger, arrived(1))

    forget_all(ledger, Retention(deliveries=0))

    assert kept(database) == [1]


def test_old_ones_go_however_few_there_are(ledger: SqlLedger, database: Database) -> None:
    for minute in range(3):
        deliver(ledger, arrived(minute))
    drop_files(ledger)

    forget_all(ledger, Retention(age=timedelta(days=30)), NOW + timedelta(days=29))
    assert kept(database) == [2, 1, 0]
    forget_all(ledger, Retention(age=timedelta(days=30)), NOW + timedelta(days=31))
    assert kept(database) == []
    assert instances(database) == 0


def test_an_instance_goes_as_a_whole(ledger: SqlLedger, database: Database) -> None:
    for minute in range(3):
        ledger.open(arrived(minute), [1, 2], 1)
    ledger.open(arrived(3), [], 1)
    settle_next(ledger, State.SENT)
    settle_next(ledger, State.EXCLUDED, to=2)
    drop_files(ledger)

    forget_all(ledger, Retention(deliveries=3))

    assert kept(database) == [2, 2]
    assert instances(database) == 2


def test_two_that_forget_at_once_count_once(ledger: SqlLedger, database: Database) -> None:
    for minute in range(6):
        deliver(ledger, arrived(minute))
    drop_files(ledger)
    other = SqlLedger(database)

    while ledger.forget(Retention(deliveries=2), NOW, 2) | other.forget(Retention(deliveries=2), NOW, 2):
        pass

    assert kept(database) == [5, 4]

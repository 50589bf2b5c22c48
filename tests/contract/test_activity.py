"""What ended when, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from philae.admin.activity import DAY, KEPT, PERIOD, period_of
from philae.pipeline.outcome import State
from philae.store.activity import SqlActivityBook
from philae.store.database import Database
from philae.store.ledger import SqlLedger
from philae.store.tables.activity import activity
from tests.support.ledger_rows import arrived, deliver, name_destinations


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    name_destinations(database, PHILAE=["archive", "local"])
    return SqlLedger(database)


def test_every_end_is_counted_once_where_it_belongs(ledger: SqlLedger, database: Database) -> None:
    for minute, state in enumerate([State.SENT, State.ALREADY_PRESENT, State.EXCLUDED, State.HELD, State.FAILED]):
        deliver(ledger, arrived(minute), state)
    deliver(ledger, arrived(9), State.SENT, to=2)
    deliver(ledger, arrived(10), State.QUEUED)

    found = SqlActivityBook(database).since(datetime.now(UTC) - timedelta(hours=1), timedelta(days=1))

    assert {each.destination_id: (each.delivered, each.excluded, each.stopped) for each in found} == {
        1: (2, 1, 2),
        2: (1, 0, 0),
    }


def test_destinations_are_added_up_where_nobody_asks_which(ledger: SqlLedger, database: Database) -> None:
    deliver(ledger, arrived(1), State.SENT)
    deliver(ledger, arrived(2), State.HELD, to=2)
    book, begin = SqlActivityBook(database), datetime.now(UTC) - timedelta(hours=1)

    both, one, none = (book.together(begin, each) for each in ([1, 2], [2], []))

    assert [sum(each.delivered for each in found) for found in (both, one, none)] == [1, 0, 0]
    assert [sum(each.stopped for each in found) for found in (both, one, none)] == [1, 1, 0]


def test_what_is_older_than_anybody_draws_is_forgotten(ledger: SqlLedger, database: Database) -> None:
    now = period_of(datetime.now(UTC))
    old = {"destination_id": 1, "shard": 0, "delivered": 7, "excluded": 0, "stopped": 0}
    with database.change() as connection:
        connection.execute(sa.insert(activity), [{"period": now - age, **old} for age in (KEPT // PERIOD + 2, 3)])

    deliver(ledger, arrived(1), State.SENT)

    found = SqlActivityBook(database).since(datetime(1970, 1, 2, tzinfo=UTC), DAY.step)
    assert sum(each.delivered for each in found) == 8


def test_the_last_fault_is_the_newest_of_what_still_stands_so(ledger: SqlLedger, database: Database) -> None:
    deliver(ledger, arrived(1), State.HELD, code="NotInTable")
    deliver(ledger, arrived(2), State.FAILED, code="A900H")
    deliver(ledger, arrived(3), State.SENT)

    faults = SqlActivityBook(database).last_faults([1, 2])

    assert {to: (fault.code, fault.key(to).instance_id) for to, fault in faults.items()} == {
        1: ("A900H", arrived(2).id)
    }

"""What ended when, on both databases."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from philae.admin.activity import DAY, KEPT, PERIOD, WINDOWS, period_of
from philae.pipeline.outcome import State
from philae.pipeline.retention import DEFAULT_RETENTION
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


def ended(period: int, destination_id: int = 1, shard: int = 0, **counts: int) -> dict[str, int]:
    zeros = dict.fromkeys(("delivered", "excluded", "stopped"), 0)
    return {"period": period, "destination_id": destination_id, "shard": shard, **zeros, **counts}


def filled(database: Database, *rows: dict[str, int]) -> None:
    with database.change() as connection:
        connection.execute(sa.insert(activity), list(rows))


def kept(database: Database) -> list[tuple[int, ...]]:
    with database.read() as connection:
        return sorted(tuple(row) for row in connection.execute(sa.select(activity)))


def test_what_is_older_than_anybody_draws_is_forgotten(ledger: SqlLedger, database: Database) -> None:
    now = datetime.now(UTC)
    filled(database, *(ended(period_of(now) - age, delivered=7) for age in (KEPT // PERIOD + 2, 3)))

    ledger.forget(DEFAULT_RETENTION, now, 1)

    found = SqlActivityBook(database).since(datetime(1970, 1, 2, tzinfo=UTC), DAY.step)
    assert sum(each.delivered for each in found) == 7


def test_what_ended_in_an_hour_that_is_past_becomes_one_row_a_destination(
    ledger: SqlLedger, database: Database
) -> None:
    now = datetime(2026, 1, 6, 12, 34, tzinfo=UTC)
    hour = period_of(datetime(2026, 1, 6, 10, tzinfo=UTC))
    filled(
        database,
        ended(hour, shard=0, delivered=1),
        ended(hour, shard=3, delivered=2),
        ended(hour + 5, shard=3, delivered=4, excluded=1),
        ended(hour + 5, destination_id=2, stopped=6),
        ended(hour - 24 * 6 * 9, shard=7, delivered=5),
        ended(hour + 7, shard=3, delivered=8),
        ended(hour + 12, delivered=9),
    )

    ledger.forget(DEFAULT_RETENTION, now, 1)
    filled(database, ended(hour + 3, shard=4, delivered=10))  # written late
    SqlLedger(database).forget(DEFAULT_RETENTION, now, 1)

    assert kept(database) == [
        (hour - 24 * 6 * 9, 1, 0, 5, 0, 0),
        (hour, 1, 0, 17, 1, 0),
        (hour, 2, 0, 0, 0, 6),
        (hour + 7, 1, 3, 8, 0, 0),
        (hour + 12, 1, 0, 9, 0, 0),
    ]


def test_charts_are_the_same_before_and_after_it_was_added_up(ledger: SqlLedger, database: Database) -> None:
    now = datetime.now(UTC)
    some = random.Random(1)
    filled(
        database,
        *(
            ended(period_of(now) - age, to, shard, delivered=some.randrange(9), stopped=some.randrange(3))
            for age in range(0, 31 * 144, 7)
            for to in (1, 2)
            for shard in (0, 5)
        ),
    )
    book = SqlActivityBook(database)

    before = [window.series(book.together(window.begin(now), [1, 2]), now) for window in WINDOWS.values()]
    ledger.forget(DEFAULT_RETENTION, now, 1)
    after = [window.series(book.together(window.begin(now), [1, 2]), now) for window in WINDOWS.values()]

    assert after == before
    assert sum(each.delivered for each in after[-1]) > 0


def test_the_last_fault_is_the_newest_of_what_still_stands_so(ledger: SqlLedger, database: Database) -> None:
    deliver(ledger, arrived(1), State.HELD, code="NotInTable")
    deliver(ledger, arrived(2), State.FAILED, code="A900H")
    deliver(ledger, arrived(3), State.SENT)

    faults = SqlActivityBook(database).last_faults([1, 2])

    assert {to: (fault.code, fault.key(to).instance_id) for to, fault in faults.items()} == {
        1: ("A900H", arrived(2).id)
    }

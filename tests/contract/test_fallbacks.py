"""What a fallback gets, on both databases and while its destination goes on."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

import pytest

from philae.pipeline.model import Lane
from philae.pipeline.outcome import State
from philae.store.database import Database
from philae.store.fallbacks import SqlFallbacks
from philae.store.ledger import SqlLedger
from philae.store.reading import recount
from tests.support.ledger_rows import MINUTE, arrived, deliver, settle_next

MAIN, FALLBACK = 1, 2
VERSION = 7


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database)


@pytest.fixture
def fallbacks(database: Database) -> SqlFallbacks:
    return SqlFallbacks(database)


def states(ledger: SqlLedger, destination_id: int) -> dict[State, int]:
    found = ledger.counts().by_destination.get(destination_id, {})
    return {state: count for state, count in found.items() if count}


def test_what_failed_for_good_goes_to_the_fallback_once(
    ledger: SqlLedger, fallbacks: SqlFallbacks, database: Database
) -> None:
    for minute, state in enumerate([State.FAILED, State.SENT, State.HELD, State.FAILED, State.QUEUED]):
        deliver(ledger, arrived(minute), state)

    opened = [fallbacks.open(MAIN, FALLBACK, VERSION, {State.FAILED}, 100) for _ in range(2)]

    assert opened == [2, 0]
    ledger.acquire([Lane(FALLBACK, 0, 1)], "w", MINUTE)
    batch = ledger.claim(Lane(FALLBACK, 0, 1), "w", 10, datetime.now(UTC))
    assert [(each.instance, each.config_version) for each in batch] == [(arrived(0), VERSION), (arrived(3), VERSION)]
    assert states(ledger, MAIN) == {State.FAILED: 2, State.SENT: 1, State.HELD: 1, State.QUEUED: 1}
    assert recount(database) == ledger.counts()


def test_what_waits_goes_to_the_fallback_only_when_it_is_asked_for(ledger: SqlLedger, fallbacks: SqlFallbacks) -> None:
    deliver(ledger, arrived(1), State.FAILED)
    deliver(ledger, arrived(2), State.QUEUED)

    opened = fallbacks.open(MAIN, FALLBACK, VERSION, {State.FAILED, State.QUEUED}, 100)

    assert opened == 2
    assert states(ledger, MAIN) == {State.FAILED: 1, State.QUEUED: 1}


def test_no_more_than_the_limit_at_once_and_the_rest_later(ledger: SqlLedger, fallbacks: SqlFallbacks) -> None:
    for minute in range(5):
        deliver(ledger, arrived(minute), State.FAILED)

    assert [fallbacks.open(MAIN, FALLBACK, VERSION, {State.FAILED}, 2) for _ in range(4)] == [2, 2, 1, 0]


def test_the_file_stays_until_the_fallback_has_it_too(ledger: SqlLedger, fallbacks: SqlFallbacks) -> None:
    deliver(ledger, arrived(1), State.QUEUED)
    fallbacks.open(MAIN, FALLBACK, VERSION, {State.QUEUED}, 100)

    settle_next(ledger, State.SENT, to=MAIN)
    before = ledger.finished(10)
    settle_next(ledger, State.SENT, to=FALLBACK)

    assert (before, ledger.finished(10)) == ([], [arrived(1).id])


def test_two_workers_at_once_open_each_delivery_once(ledger: SqlLedger, database: Database) -> None:
    for minute in range(50):
        deliver(ledger, arrived(minute), State.FAILED)
    opened: list[int] = []

    def open_all() -> None:
        fallbacks = SqlFallbacks(database)
        while count := fallbacks.open(MAIN, FALLBACK, VERSION, {State.FAILED}, 7):
            opened.append(count)

    threads = [Thread(target=open_all) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    SqlFallbacks(database).open(MAIN, FALLBACK, VERSION, {State.FAILED}, 100)

    assert states(ledger, FALLBACK) == {State.QUEUED: 50}
    assert recount(database) == ledger.counts()

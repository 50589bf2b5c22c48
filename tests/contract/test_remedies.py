"""What a person may do about held and failed deliveries, on both databases and while lanes run."""

from __future__ import annotations

from datetime import UTC, datetime
from threading import Thread

import pytest

from philae.admin.declined import Declined
from philae.admin.deliveries import Key, Status, Wanted, every_one
from philae.admin.deliveries_remedy import discard, requeue
from philae.pipeline.model import Settlement
from philae.pipeline.outcome import State
from philae.store.database import Database
from philae.store.deliveries import SqlDeliveryBook
from philae.store.ledger import SqlLedger
from philae.store.reading import recount
from philae.store.remedying import SqlRemedies
from tests.support.ledger_rows import MINUTE, ONLY, arrived, deliver, settle_next


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database)


@pytest.fixture
def book(database: Database) -> SqlDeliveryBook:
    return SqlDeliveryBook(database)


@pytest.fixture
def remedies(database: Database) -> SqlRemedies:
    return SqlRemedies(database)


def states(ledger: SqlLedger) -> dict[State, int]:
    return {state: count for state, count in ledger.counts().by_destination[1].items() if count}


def key_of(minute: int) -> Key:
    return Key(arrived(minute).id, 1)


def test_released_deliveries_go_under_the_version_that_is_named(
    ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies, database: Database
) -> None:
    deliver(ledger, arrived(1), State.HELD, version=1)
    deliver(ledger, arrived(2), State.HELD, version=2)
    deliver(ledger, arrived(3), State.FAILED, version=1)

    released = requeue(book, remedies, Wanted(), State.HELD, config_version=5)
    retried = requeue(book, remedies, Wanted(), State.FAILED)

    assert (released, retried) == (2, 1)
    batch = ledger.claim(ONLY, "w", 10, datetime.now(UTC))
    assert [each.config_version for each in batch] == [5, 5, 1]
    assert recount(database) == ledger.counts()


def test_a_retried_delivery_has_its_patience_back(
    ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies
) -> None:
    deliver(ledger, arrived(1), State.FAILED)

    requeue(book, remedies, [key_of(1)], State.FAILED)

    assert [each.attempts for each in ledger.claim(ONLY, "w", 10, datetime.now(UTC))] == [0]


def test_only_what_is_wanted_goes(ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies) -> None:
    deliver(ledger, arrived(1, patient_id="A"), State.HELD, code="NotInTable")
    deliver(ledger, arrived(2, patient_id="B"), State.HELD, code="Unreadable")
    deliver(ledger, arrived(3, patient_id="A"), State.SENT)

    assert requeue(book, remedies, Wanted(code="NotInTable"), State.HELD) == 1
    assert states(ledger) == {State.QUEUED: 1, State.HELD: 1, State.SENT: 1}


def test_discarding_finishes_with_who_why_and_what_it_was(
    ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies, database: Database
) -> None:
    deliver(ledger, arrived(1), State.HELD, reason="no Patient ID")
    deliver(ledger, arrived(2), State.FAILED, reason="A900H")
    discarded = discard(book, remedies, Wanted(), "phantom  images", "rita")

    found = list(every_one(book, Wanted(states=frozenset({State.EXCLUDED}))))

    assert discarded == 2
    assert [each.reason for each in found] == [
        "discarded by rita: phantom images (was failed: A900H)",
        "discarded by rita: phantom images (was held: no Patient ID)",
    ]
    assert {each.code for each in found} == {"Discarded"}
    assert ledger.finished(10) == [key_of(1).instance_id, key_of(2).instance_id]
    assert recount(database) == ledger.counts()


def test_the_bytes_stay_as_long_as_another_destination_needs_them(
    ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies
) -> None:
    ledger.open(arrived(1), [1, 2], 1)
    settle_next(ledger, State.HELD)

    discard(book, remedies, [key_of(1)], "wrong", "rita")
    assert ledger.finished(10) == []
    settle_next(ledger, State.SENT, to=2)
    assert ledger.finished(10) == [key_of(1).instance_id]


@pytest.mark.parametrize("state", sorted(frozenset(State) - {State.HELD, State.FAILED}))
def test_nothing_else_can_be_released_or_discarded(
    ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies, state: State
) -> None:
    deliver(ledger, arrived(1), state)

    with pytest.raises(Declined, match=f"is {state.name.lower()}"):
        requeue(book, remedies, [key_of(1)], State.HELD)
    with pytest.raises(Declined, match=f"is {state.name.lower()}"):
        discard(book, remedies, [key_of(1)], "why", "rita")
    with pytest.raises(Declined, match="only held"):
        discard(book, remedies, Wanted(states=frozenset({state})), "why", "rita")
    assert states(ledger) == {state: 1}


def test_nothing_is_changed_when_one_of_those_named_cannot_go(
    ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies
) -> None:
    deliver(ledger, arrived(1), State.HELD)
    deliver(ledger, arrived(2), State.SENT)

    with pytest.raises(Declined, match="is sent"):
        requeue(book, remedies, [key_of(1), key_of(1), key_of(2)], State.HELD)

    assert states(ledger) == {State.HELD: 1, State.SENT: 1}


def test_a_delivery_that_is_not_there_is_named(book: SqlDeliveryBook, remedies: SqlRemedies) -> None:
    with pytest.raises(Declined, match="ff-1"):
        requeue(book, remedies, [Key(255, 1)], State.HELD)


@pytest.mark.parametrize("reason", ["", "  \n", "x" * 201])
def test_a_discard_needs_a_reason(book: SqlDeliveryBook, remedies: SqlRemedies, reason: str) -> None:
    with pytest.raises(Declined, match="say why"):
        discard(book, remedies, Wanted(), reason, "rita")


def test_what_changed_since_it_was_seen_is_left_alone(
    ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies
) -> None:
    deliver(ledger, arrived(1), State.HELD)
    seen = book.page(Wanted(), None, 10)
    requeue(book, remedies, Wanted(), State.HELD)
    settle_next(ledger, State.SENT)

    assert remedies.requeue(seen, None) == 0
    assert remedies.exclude(seen, "late") == 0
    assert states(ledger) == {State.SENT: 1}


def test_people_and_a_lane_at_work_at_once_leave_every_count_right(
    ledger: SqlLedger, book: SqlDeliveryBook, remedies: SqlRemedies, database: Database
) -> None:
    """A lane fails or holds what it gets; two people let it go or give it up, all at the same time."""
    for minute in range(60):
        ledger.open(arrived(minute, series_instance_uid=f"1.{minute % 7}"), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)

    def lane() -> None:
        for _ in range(60):
            batch = ledger.claim(ONLY, "w", 4, datetime.now(UTC))
            ends = [State.HELD, State.FAILED, State.SENT, State.EXCLUDED]
            ledger.settle([Settlement(each, ends[n % 4]) for n, each in enumerate(batch)], "w")

    def person(stopped: State) -> None:
        for turn in range(12):
            requeue(book, remedies, Wanted(), stopped, turn + 1)
            if turn % 4 == 0:
                discard(book, remedies, Wanted(states=Status.ERROR.states), "enough", "rita")

    threads = [Thread(target=lane), *(Thread(target=person, args=(each,)) for each in (State.HELD, State.FAILED))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    counts = ledger.counts()
    assert recount(database) == counts
    assert counts.opened == sum(counts.by_destination[1].values()) == 60
    discard(book, remedies, Wanted(), "the rest", "rita")
    waiting = ledger.counts().by_destination[1][State.QUEUED]
    assert len(ledger.finished(100)) == 60 - waiting

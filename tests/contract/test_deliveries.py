"""What everybody who looks deliveries up may rely on, on both databases."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

import pytest

from philae.admin.deliveries import Facts, Key, Status, Wanted, every_one, page_of
from philae.dicom.identify import Identifiers
from philae.pipeline.outcome import State
from philae.store.database import Database
from philae.store.deliveries import SqlDeliveryBook
from philae.store.finding import MOST_RUNS
from philae.store.ledger import SqlLedger
from tests.support.ledger_rows import BEGIN, MINUTE, arrived, deliver, name_destinations

SENT_AS = Identifiers(
    sop_instance_uid="2.25.1",
    study_instance_uid="2.25.2",
    series_instance_uid="2.25.3",
    patient_id="PSEUDO",
    accession_number="",
)


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    name_destinations(database, PHILAE=["archive", "local"], OTHER=["archive"])
    return SqlLedger(database)


@pytest.fixture
def book(database: Database) -> SqlDeliveryBook:
    return SqlDeliveryBook(database)


def minutes(found: list[Facts]) -> list[int]:
    return [(each.received_at - BEGIN) // MINUTE for each in found]


def find(book: SqlDeliveryBook, **wanted: object) -> list[int]:
    return minutes(list(every_one(book, Wanted(**wanted))))  # type: ignore[arg-type]


def test_a_delivery_tells_everything_that_is_known_of_it(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    instance = arrived(7, patient_id="DOE^1", accession_number="A7")
    deliver(ledger, instance, reason="0000H success", code="0000H", sent=SENT_AS, version=3)

    (found,) = book.page(Wanted(), None, 10)

    assert found == book.one(found.key)
    assert (found.node, found.destination, found.state) == ("PHILAE", "archive", State.SENT)
    assert (found.code, found.reason, found.attempts, found.config_version) == ("0000H", "0000H success", 0, 3)
    assert (found.calling_ae_title, found.peer_host, found.modality) == ("CT01", "10.0.0.1", "CT")
    assert (found.received_at, found.size, found.not_before) == (instance.received_at, 1024, None)
    assert found.changed_at > found.received_at
    assert (found.patient_id, found.accession_number, found.sop_instance_uid) == ("DOE^1", "A7", "1.9.7")
    assert (found.sent_patient_id, found.sent_accession_number) == ("PSEUDO", "")
    assert (found.sent_study_instance_uid, found.sent_series_instance_uid) == ("2.25.2", "2.25.3")
    assert found.sent_sop_instance_uid == "2.25.1"


def test_what_left_as_it_came_is_told_so(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    deliver(ledger, arrived(1, patient_id="DOE"), State.ALREADY_PRESENT)

    (found,) = book.page(Wanted(), None, 10)

    assert (found.sent_patient_id, found.sent_sop_instance_uid) == ("DOE", "1.9.1")


@pytest.mark.parametrize("state", sorted(Status.NOT_SENT.states))
def test_what_did_not_leave_has_no_sent_identifiers(ledger: SqlLedger, book: SqlDeliveryBook, state: State) -> None:
    deliver(ledger, arrived(1), state)

    (found,) = book.page(Wanted(), None, 10)

    assert {value for name, value in found._asdict().items() if name.startswith("sent_")} == {""}


def test_nothing_has_no_facts(book: SqlDeliveryBook) -> None:
    assert book.one(Key(5, 1)) is None
    assert find(book) == find(book, sop_instance_uid="1.2") == find(book, states=Status.SENT.states) == []


def test_the_newest_come_first_and_pages_do_not_shift_while_more_arrive(
    ledger: SqlLedger, book: SqlDeliveryBook
) -> None:
    for minute in range(5):
        ledger.open(arrived(minute), [1, 2], 1)

    first = page_of(book, Wanted(), limit=3)
    deliver(ledger, arrived(9))
    second = page_of(book, Wanted(), first.after, limit=3)
    third = page_of(book, Wanted(), second.after, limit=4)

    every = [each.key for page in (first, second, third) for each in page.deliveries]
    assert [minutes(list(page.deliveries)) for page in (first, second, third)] == [[4, 4, 3], [3, 2, 2], [1, 1, 0, 0]]
    assert all(newer > older for newer, older in pairwise(every))
    assert third.after is None


def test_a_page_is_never_empty_nor_without_end(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    deliver(ledger, arrived(1))

    assert len(page_of(book, Wanted(), limit=0).deliveries) == 1
    assert len(page_of(book, Wanted(), limit=10**9).deliveries) == 1


@pytest.mark.parametrize("status", Status)
def test_each_status_finds_its_states(ledger: SqlLedger, book: SqlDeliveryBook, status: Status) -> None:
    ends = [State.SENT, State.HELD, State.FAILED, State.EXCLUDED, State.SIMULATED, State.ALREADY_PRESENT, State.SENDING]
    for minute, state in enumerate([*ends, State.QUEUED]):
        deliver(ledger, arrived(minute, series_instance_uid=f"1.{minute}"), state)

    found = list(every_one(book, Wanted(states=status.states)))

    assert {each.state for each in found} == status.states
    assert minutes(found) == sorted(minutes(found), reverse=True)
    assert book.count(Wanted(states=status.states), 100) == len(found) == len(status.states)


def test_identifiers_are_found_as_they_came_and_as_they_left(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    original = {
        "study_instance_uid": "1.5",
        "series_instance_uid": "1.6",
        "sop_instance_uid": "1.7",
        "patient_id": "DOE",
    }
    deliver(ledger, arrived(1, **original), sent=SENT_AS)
    deliver(ledger, arrived(2, **original), to=2)
    deliver(ledger, arrived(3))

    for name, value in original.items():
        assert find(book, **{name: value}) == [2, 1], name
        assert find(book, **{name: getattr(SENT_AS, name)}) == [1], name
        assert find(book, **{name: value[:-1]}) == [], name


def test_conditions_are_met_together(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    for minute in range(4):
        study = f"1.{minute % 2}"
        deliver(ledger, arrived(minute, study_instance_uid=study, patient_id="DOE"), State.HELD, code="NotInTable")
    deliver(
        ledger, arrived(4, node="OTHER", study_instance_uid="1.0", patient_id="DOE"), State.SENT, to=3, sent=SENT_AS
    )

    assert find(book, study_instance_uid="1.0") == [4, 2, 0]
    assert find(book, study_instance_uid="1.0", patient_id="PSEUDO") == [4]
    assert find(book, study_instance_uid="1.0", states=frozenset({State.HELD})) == [2, 0]
    assert find(book, study_instance_uid="1.0", node="OTHER") == [4]
    assert find(book, patient_id="DOE", since=BEGIN + MINUTE, until=BEGIN + 3 * MINUTE) == [2, 1]
    assert find(book, states=frozenset({State.HELD}), since=BEGIN + 2 * MINUTE, code="NotInTable") == [3, 2]
    assert find(book, states=frozenset({State.HELD}), code="Unreadable") == []
    assert find(book, sop_instance_uid="1.9.4", node="OTHER") == [4]


def test_places_are_found_by_node_and_name(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    deliver(ledger, arrived(1), to=1)
    deliver(ledger, arrived(2), State.HELD, to=2)
    deliver(ledger, arrived(3, node="OTHER"), State.QUEUED, to=3)

    assert find(book, node="PHILAE") == [2, 1]
    assert find(book, destination="archive") == [3, 1]
    assert find(book, node="OTHER", destination="archive") == [3]
    assert find(book, node="OTHER", destination="local") == []
    assert find(book, node="PHILAE", states=Status.ERROR.states) == [2]


def test_dates_bound_what_is_found(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    for minute in range(4):
        deliver(ledger, arrived(minute))

    assert find(book, since=BEGIN + MINUTE, until=BEGIN + 3 * MINUTE) == [2, 1]
    assert find(book, until=BEGIN) == []
    assert find(book, since=BEGIN + timedelta(days=1)) == []
    assert find(book, since=BEGIN - timedelta(days=100_000)) == [3, 2, 1, 0]


def test_queues_of_many_destinations_are_found_as_well(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    many = MOST_RUNS // 64 + 2
    for minute in range(many):
        ledger.open(arrived(minute), [10 + minute], 1)

    assert find(book, states=Status.WAITING.states) == list(reversed(range(many)))


def test_counting_ends_where_it_is_told_to(ledger: SqlLedger, book: SqlDeliveryBook) -> None:
    for minute in range(5):
        deliver(ledger, arrived(minute))

    assert book.count(Wanted(), 3) == 3
    assert book.count(Wanted(states=Status.SENT.states), 10) == 5
    assert book.count(Wanted(node="NOWHERE"), 10) == 0

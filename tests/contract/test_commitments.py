"""Our copy stays until an archive has committed itself; what it says late or twice does no harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest

from philae.dicom.commitment import Reference
from philae.dicom.identify import Identifiers
from philae.pipeline.commitments import (
    AWAITED,
    COMMITTED,
    NOT_ASKED,
    CommitmentRequest,
    Uncommitted,
    heard,
)
from philae.pipeline.model import Delivery, Lane, Settlement
from philae.pipeline.outcome import State
from philae.store import commitments as asking
from philae.store.commitments import read_uncommitted
from philae.store.committing import SqlCommitments
from philae.store.database import Database
from philae.store.deliveries import SqlDeliveryBook
from philae.store.ledger import SqlLedger
from philae.store.outbox import SqlOutbox
from tests.support.commitments import encoded_report
from tests.support.instances import CT, make_instance

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
LANE = Lane(1, 0, 1)
PATIENCE = {1: HOUR}
LOST, NOT_SUPPORTED = 0x0112, 0x0122


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database)


@pytest.fixture
def commitments(database: Database) -> SqlCommitments:
    return SqlCommitments(database, lambda: [1])


def deliver(ledger: SqlLedger, *uids: str, state: State = State.SENT) -> list[int]:
    """One instance each, known to the archive by these UIDs; their ids."""
    ids = []
    for _ in uids:
        instance = make_instance()
        ledger.open(instance, [1], 1)
        ids.append(instance.id)
    settle(ledger, *uids, state=state)
    return ids


def settle(ledger: SqlLedger, *uids: str, state: State = State.SENT) -> list[Delivery]:
    """What is due is delivered; what it was before."""
    ledger.acquire([LANE], "w", MINUTE)
    claimed = ledger.claim(LANE, "w", len(uids), now() + MINUTE)
    assert len(claimed) == len(uids)
    ends = [
        Settlement(
            each,
            state,
            f"0000H success{AWAITED}",
            sent=Identifiers(sop_instance_uid=uid),
            uncommitted=Reference(CT, uid),
        )
        for each, uid in zip(claimed, uids, strict=True)
    ]
    ledger.settle(ends, "w")
    return claimed


def now() -> datetime:
    return datetime.now(UTC)


def asked(commitments: SqlCommitments, at: datetime | None = None) -> CommitmentRequest:
    found = commitments.claim(PATIENCE, at or now())
    assert found is not None
    return found


def report(
    commitments: SqlCommitments, request: CommitmentRequest, *committed: str, failed: dict[str, int] | None = None
) -> int:
    return heard(encoded_report(request.transaction_uid, committed, failed), {1}, commitments, now()).status


def states(ledger: SqlLedger) -> dict[State, int]:
    return {state: count for state, count in ledger.counts().by_destination[1].items() if count}


def waiting(database: Database) -> Uncommitted | None:
    with database.read() as connection:
        return read_uncommitted(connection).get(1)


def details(database: Database) -> list[str]:
    from philae.admin.deliveries import Wanted

    return [each.reason for each in SqlDeliveryBook(database).page(Wanted(), None, 10)]


@pytest.mark.parametrize("state", [State.SENT, State.ALREADY_PRESENT])
def test_our_copy_is_kept_until_the_archive_has_committed_itself(
    database: Database, ledger: SqlLedger, commitments: SqlCommitments, state: State
) -> None:
    ids = deliver(ledger, "1", "2", state=state)
    before = ledger.finished(10)
    request = asked(commitments)

    status = report(commitments, request, "1")
    between = ledger.finished(10)
    again = report(commitments, request, "1", "2")

    assert (status, again) == (0, 0)
    assert (before, between, ledger.finished(10)) == ([], ids[:1], ids)
    assert states(ledger) == {state: 2}
    assert waiting(database) is None
    assert details(database) == [f"0000H success{COMMITTED}"] * 2


def test_what_was_not_delivered_or_is_not_to_be_committed_needs_no_commitment(
    database: Database, ledger: SqlLedger
) -> None:
    deliver(ledger, "1", state=State.EXCLUDED)
    deliver(ledger, "2", state=State.FAILED)

    assert waiting(database) is None
    assert len(ledger.finished(10)) == 1


def test_one_transaction_asks_about_all_that_is_due_and_names_each_instance_once(
    ledger: SqlLedger, commitments: SqlCommitments
) -> None:
    deliver(ledger, "1", "2", "2")

    request = asked(commitments)

    assert sorted(request.references, key=str) == [Reference(CT, "1"), Reference(CT, "2")]
    assert (request.destination_id, request.attempts) == (1, 1)
    assert commitments.claim(PATIENCE, now()) is None


def test_many_are_asked_about_in_parts(
    ledger: SqlLedger, commitments: SqlCommitments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asking, "AT_ONCE", 2)
    deliver(ledger, "1", "2", "3")

    sizes = [len(asked(commitments).references) for _ in range(2)]

    assert sizes == [2, 1]
    assert commitments.claim(PATIENCE, now()) is None


def test_only_destinations_that_may_be_asked_now_are(ledger: SqlLedger, commitments: SqlCommitments) -> None:
    deliver(ledger, "1")

    assert commitments.claim({2: HOUR}, now()) is None
    assert commitments.claim({}, now()) is None


def test_an_archive_that_says_nothing_is_asked_again_and_may_still_answer_what_it_was_asked_first(
    database: Database, ledger: SqlLedger, commitments: SqlCommitments
) -> None:
    ids = deliver(ledger, "1")
    first = asked(commitments)
    second = asked(commitments, now() + HOUR)
    found = waiting(database)

    report(commitments, first, "1")

    assert (second.attempts, second.transaction_uid != first.transaction_uid) == (2, True)
    assert found is not None
    assert (found.instances, found.attempts, found.is_unanswered) == (1, 2, False)
    assert ledger.finished(10) == ids


def test_one_that_could_not_be_asked_is_asked_again_later_and_why_is_shown(
    database: Database, ledger: SqlLedger, commitments: SqlCommitments
) -> None:
    deliver(ledger, "1")
    request, soon = asked(commitments), now() + MINUTE

    commitments.postpone(request, soon, "connection refused")
    found = waiting(database)

    assert found is not None
    assert found.reason == "connection refused"
    assert commitments.claim(PATIENCE, soon - MINUTE) is None
    assert asked(commitments, soon).attempts == 2


def test_what_the_archive_has_not_kept_is_delivered_again_and_asked_about_anew(
    database: Database, ledger: SqlLedger, commitments: SqlCommitments
) -> None:
    deliver(ledger, "1", "2")
    first = asked(commitments)

    report(commitments, first, "2", failed={"1": LOST})
    between = states(ledger)
    (delivery,) = settle(ledger, "1")
    repeated = report(commitments, first, "1")
    found = waiting(database)

    assert between == {State.QUEUED: 1, State.SENT: 1}
    assert delivery.attempts == 1
    assert repeated == 0
    assert found is not None
    assert (found.instances, found.attempts) == (1, 0)
    report(commitments, asked(commitments), "1")
    assert len(ledger.finished(10)) == 2
    assert states(ledger) == {State.SENT: 2}


def test_what_it_will_never_keep_fails_and_whoever_is_notified_hears_of_it(
    database: Database, ledger: SqlLedger, commitments: SqlCommitments
) -> None:
    deliver(ledger, "1")

    report(commitments, asked(commitments), failed={"1": NOT_SUPPORTED})

    assert states(ledger) == {State.FAILED: 1}
    assert ledger.finished(10) == []
    assert details(database) == ["storage not committed: 0122H referenced SOP class not supported"]
    assert len(SqlOutbox(database).open_studies()) == 1


def test_what_is_asked_for_no_longer_is_let_go(
    database: Database, ledger: SqlLedger, commitments: SqlCommitments
) -> None:
    ids = deliver(ledger, "1", "2")

    kept = commitments.keep([1])
    let_go = commitments.keep([7])

    assert (kept, let_go) == (0, 2)
    assert ledger.finished(10) == ids
    assert details(database) == [f"0000H success{NOT_ASKED}"] * 2


def test_a_transaction_is_forgotten_in_time(ledger: SqlLedger, commitments: SqlCommitments) -> None:
    deliver(ledger, "1")
    request = asked(commitments)

    commitments.forget(now() - HOUR)
    remembered = commitments.asked(request.transaction_uid)
    commitments.forget(now() + HOUR)

    assert remembered is not None
    assert commitments.asked(request.transaction_uid) is None


def test_the_same_report_heard_by_many_processes_counts_once(
    database: Database, ledger: SqlLedger, commitments: SqlCommitments
) -> None:
    deliver(ledger, "1", "2")
    request, together = asked(commitments), Barrier(4)

    def hear() -> None:
        together.wait()
        report(SqlCommitments(database), request, "1", failed={"2": LOST})

    threads = [Thread(target=hear) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert states(ledger) == {State.SENT: 1, State.QUEUED: 1}
    assert len(ledger.finished(10)) == 1
    assert ledger.counts().opened == 2

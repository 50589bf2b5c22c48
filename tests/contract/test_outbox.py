"""What is to be told is noted with what happened, told once, and survives whoever was about to tell it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa

from philae.admin.notifications.alarms import Alarm
from philae.admin.notifications.mail import Mail, OpenStudy
from philae.admin.notifications.notice import Names, Notice, instances
from philae.dicom.identify import Identifiers
from philae.pipeline.model import Lane, Settlement, StudyWords
from philae.pipeline.outcome import State
from philae.store.alarms import SqlAlarms, read_health
from philae.store.database import Database
from philae.store.due import CLAIM
from philae.store.ledger import SqlLedger
from philae.store.outbox import SqlOutbox
from philae.store.tables.configuration import destination
from philae.store.tables.lanes import contact
from philae.store.tables.notifications import mail, notice
from tests.support.instances import make_instance

MINUTE = timedelta(minutes=1)
MAIL = Mail(("a@b.example", "c@d.example"), "subject", "text", "<p>html</p>")
DOWN, HELD = Alarm("down:1", "it is down", "look"), Alarm("held:1", "some are held", "release them")


@pytest.fixture
def outbox(database: Database) -> SqlOutbox:
    return SqlOutbox(database)


def work_off(
    database: Database, *ends: tuple[State, str], sent: Identifiers | None = None, wanted: tuple[int, ...] = (1,)
) -> None:
    """One instance for each end, accepted for destination 1 and settled in one batch."""
    ledger, lane = SqlLedger(database, lambda: wanted), Lane(1, 0, 1)
    for _ in ends:
        ledger.open(make_instance(), [1], 1)
    ledger.acquire([lane], "w", MINUTE)
    claimed = ledger.claim(lane, "w", len(ends), datetime.now(UTC))
    ledger.settle(
        [
            Settlement(each, state, detail, "A900H" if detail else "", sent, None, StudyWords("Head", "20240102"))
            for each, (state, detail) in zip(claimed, ends, strict=True)
        ],
        "w",
    )


def told(outbox: SqlOutbox) -> list[Notice]:
    """Everything that is to be told, by a mail that this puts into the outbox."""
    found: list[Notice] = []

    def compose(notices: Sequence[Notice]) -> Mail:
        found.extend(notices)
        return MAIL

    for study in outbox.open_studies():
        outbox.tell(study, compose)
    return found


def count(database: Database, table: sa.Table) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_what_ended_alike_is_one_notice(database: Database, outbox: SqlOutbox) -> None:
    work_off(database, *[(State.SENT, "")] * 3, (State.FAILED, "too big"), (State.FAILED, "too big"))

    notices = told(outbox)

    original = Names("P1", "", "1.2", "1.2.3")
    assert [(each.state, each.instances, each.reason) for each in notices] == [
        (State.SENT, 3, ""),
        (State.FAILED, 2, "A900H: too big"),
    ]
    assert [each.sent for each in notices] == [original, None]
    assert {each.original for each in notices} == {original}
    assert (notices[0].description, notices[0].study_date, notices[0].modality) == ("Head", "20240102", "CT")


def test_the_names_that_left_are_kept_apart_from_those_that_came(database: Database, outbox: SqlOutbox) -> None:
    new = Identifiers(study_instance_uid="2.25.1", series_instance_uid="2.25.2", patient_id="P-7")

    work_off(database, (State.SENT, ""), sent=new)

    (only,) = told(outbox)
    assert only.sent == Names("P-7", "", "2.25.1", "2.25.2")


def test_neither_retries_nor_other_destinations_are_noted(database: Database) -> None:
    work_off(database, (State.QUEUED, "later"))
    work_off(database, (State.SENT, ""), wanted=(2,))

    assert count(database, notice) == 0


def test_a_study_is_told_by_one_of_many_processes(database: Database, outbox: SqlOutbox) -> None:
    work_off(database, *[(State.EXCLUDED, f"reason {number}") for number in range(20)])
    study: list[OpenStudy] = list(outbox.open_studies())
    together, seen = Barrier(4), []

    def compose(notices: Sequence[Notice]) -> Mail:
        seen.append(instances(notices))
        return MAIL

    def tell() -> None:
        together.wait()
        outbox.tell(study[0], compose)

    threads = [Thread(target=tell) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(study) == 1
    assert seen == [20]
    assert (count(database, notice), count(database, mail)) == (0, 1)


def test_notices_stay_when_no_mail_could_be_written(database: Database, outbox: SqlOutbox) -> None:
    work_off(database, (State.SENT, ""))

    def broken(_: Sequence[Notice]) -> Mail:
        raise LookupError

    with pytest.raises(LookupError):
        outbox.tell(outbox.open_studies()[0], broken)

    assert (count(database, notice), count(database, mail)) == (1, 0)


def test_a_mail_is_claimed_by_one_and_comes_back_when_that_one_dies(database: Database, outbox: SqlOutbox) -> None:
    work_off(database, (State.SENT, ""))
    told(outbox)
    now = datetime.now(UTC)

    first, second = outbox.claim(now), outbox.claim(now)
    again = outbox.claim(now + CLAIM)

    assert first is not None
    assert again is not None
    assert (first.mail, first.attempts, second, again.id, again.attempts) == (MAIL, 1, None, first.id, 2)


def test_a_mail_is_sent_once_or_later(database: Database, outbox: SqlOutbox) -> None:
    work_off(database, (State.SENT, ""))
    told(outbox)
    now = datetime.now(UTC)
    claimed = outbox.claim(now)
    assert claimed is not None

    outbox.postpone(claimed.id, now + MINUTE)
    too_early, in_time = outbox.claim(now), outbox.claim(now + MINUTE)
    outbox.sent(claimed.id)

    assert too_early is None
    assert in_time is not None
    assert outbox.claim(now + MINUTE + 2 * CLAIM) is None


def test_an_alarm_is_told_when_it_begins_and_when_it_ends(database: Database) -> None:
    alarms, now = SqlAlarms(database), datetime.now(UTC)
    told: list[tuple[Sequence[Alarm], Sequence[Alarm]]] = []

    def compose(began: Sequence[Alarm], ended: Sequence[Alarm]) -> Mail:
        told.append((began, ended))
        return MAIL

    changes = [alarms.change(found, now, compose) for found in ([DOWN, HELD], [DOWN, HELD], [HELD], [])]

    expected = [([DOWN, HELD], []), ([], [DOWN]), ([], [HELD])]
    assert told == expected
    assert [changes[0], changes[2], changes[3]] == expected
    assert changes[1] == ((), ())
    assert count(database, mail) == 3
    assert alarms.ongoing() == []


def test_an_alarm_that_changes_its_words_is_the_same_alarm(database: Database) -> None:
    alarms, now = SqlAlarms(database), datetime.now(UTC)
    alarms.change([DOWN], now, lambda *_: None)

    assert alarms.change([replace(DOWN, words="it is still down")], now, lambda *_: None) == ((), ())
    assert count(database, mail) == 0


def test_health_tells_what_is_held_waits_and_cannot_be_reached(database: Database) -> None:
    with database.change() as connection:
        connection.execute(sa.insert(destination), [{"id": number, "node": "PHILAE", "name": "out"} for number in [1]])
        row = {"destination_id": 1, "reason": "refused", "failing_since": 5_000_000, "tried_at": 6_000_000}
        connection.execute(sa.insert(contact), row)
    work_off(database, (State.HELD, "no pseudonym"), (State.QUEUED, ""))

    (health,) = read_health(database, {1})

    assert (health.node, health.name, health.held) == ("PHILAE", "out", 1)
    assert health.oldest_waiting is not None
    assert health.failing_since == datetime(1970, 1, 1, 0, 0, 5, tzinfo=UTC)
    assert read_health(database, set()) == []

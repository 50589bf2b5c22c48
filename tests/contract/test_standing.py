"""What people see of destinations that cannot be reached or put things off, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from philae.pipeline.circuit import Trouble
from philae.pipeline.model import Settlement
from philae.pipeline.outcome import State
from philae.store.database import Database
from philae.store.ledger import SqlLedger
from philae.store.reading import read_standing
from tests.support.ledger_rows import BEGIN, MINUTE, ONLY, arrived, deliver, name_destinations

TROUBLE = Trouble("connection refused", BEGIN, BEGIN + MINUTE)


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    name_destinations(database, PHILAE=["archive", "local"])
    return SqlLedger(database)


def test_trouble_shows_until_the_destination_answers(ledger: SqlLedger, database: Database) -> None:
    ledger.note_contact(1, Trouble("no route", BEGIN, BEGIN))
    ledger.note_contact(1, TROUBLE)
    ledger.note_contact(2, TROUBLE)
    ledger.note_contact(2, None)

    archive, local = read_standing(database).places()

    assert (ledger.down_since(1), ledger.down_since(2)) == (BEGIN, None)
    assert (archive.name, archive.trouble) == ("archive", TROUBLE)
    assert (local.name, local.trouble) == ("local", None)


def test_what_was_put_off_says_by_which_status(ledger: SqlLedger, database: Database) -> None:
    ledger.open(arrived(1), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    (delivery,) = ledger.claim(ONLY, "w", 1, datetime.now(UTC))
    later = datetime.now(UTC) + timedelta(hours=1)
    ledger.settle([Settlement(delivery, State.QUEUED, "A700H out of resources", "A700H", not_before=later)], "w")
    deliver(ledger, arrived(2), State.HELD, to=2, code="NotInTable")

    archive, local = read_standing(database).places()

    assert (archive.oldest_waiting, archive.waits_because) == (BEGIN + MINUTE, "A700H")
    assert (local.oldest_waiting, local.waits_because) == (None, "")

"""What the store promises of the doctor's history."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from philae.admin.doctor import Finding, Verdict
from philae.admin.examinations import KEPT, Examined
from philae.store.database import Database
from philae.store.examinations import SqlExaminations

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
WELL = Finding("TCP connection", Verdict.OK, "open", ms=1.5)
ILL = Finding("association", Verdict.FAILED, "called AE title not recognised", "correct ae_title", 2.0)


@pytest.fixture
def book(database: Database) -> SqlExaminations:
    return SqlExaminations(database)


def examined(destination: int = 1, after_s: int = 0, *findings: Finding) -> Examined:
    return Examined(destination, NOW + timedelta(seconds=after_s), "schedule", findings or (WELL,))


def test_what_was_found_is_read_as_it_was_kept(book: SqlExaminations) -> None:
    kept = examined(1, 0, WELL, ILL)

    book.keep(kept)

    (read,) = book.of(1, 10)
    assert read == kept
    assert (read.is_healthy, read.complaint) == (False, ILL)


def test_the_newest_come_first_and_the_oldest_go(book: SqlExaminations) -> None:
    for number in range(KEPT + 3):
        book.keep(examined(1, number))
    book.keep(examined(2, 0))

    found = book.of(1, KEPT + 10)

    assert len(found) == KEPT
    assert [each.at for each in found[:2]] == [NOW + timedelta(seconds=each) for each in (KEPT + 2, KEPT + 1)]
    assert len(book.of(2, 10)) == 1


def test_the_last_of_each_destination_is_told(book: SqlExaminations) -> None:
    for each in (examined(1, 0, ILL), examined(1, 5), examined(2, 3, ILL), examined(3, 0)):
        book.keep(each)

    newest = book.newest({1, 2, 9})

    assert {number: each.is_healthy for number, each in newest.items()} == {1: True, 2: False}

"""What an archive says counts for what it was asked about, and what it does not keep is sent again or failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from typing_extensions import override

from philae.dicom.scan import Encoded
from philae.dicom.syntax import IMPLICIT_LE
from philae.pipeline.commitments import MOST_SENDS, Asked, Awaited, heard
from philae.pipeline.model import Delivery
from philae.pipeline.outcome import State
from philae.pipeline.ports import LedgerUnavailable
from tests.support.commitments import FakeCommitments, encoded_report
from tests.support.instances import make_instance

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
LOST, NO_ROOM, DUPLICATE = 0x0112, 0x0213, 0x0131
NOT_OURS, UNREADABLE, NOT_NOW = 0x0115, 0x0110, 0x0213


def awaited(uid: str, attempts: int = 0) -> Awaited:
    return Awaited(Delivery(make_instance(), 1, 1, attempts), State.SENT, uid, NOW)


def asked(*waiting: Awaited) -> FakeCommitments:
    return FakeCommitments(transactions={"2.25.7": Asked("2.25.7", 1, NOW)}, waiting=list(waiting))


def test_what_is_committed_is_done_with_and_the_rest_goes_on_waiting() -> None:
    first, second, third = awaited("1"), awaited("2"), awaited("3")
    commitments = asked(first, second, third)

    hearing = heard(encoded_report("2.25.7", ["1", "3"]), {1}, commitments, NOW)

    assert (hearing.status, hearing.instances) == (0, 2)
    assert (commitments.done, commitments.ended) == ([first, third], [])


@pytest.mark.parametrize("reason", [LOST, NO_ROOM, 0x0110, 0x0999])
def test_what_the_archive_has_not_kept_is_sent_again_after_a_while(reason: int) -> None:
    commitments = asked(awaited("1"))

    heard(encoded_report("2.25.7", [], {"1": reason}), {1}, commitments, NOW)

    (ending,) = commitments.ended
    assert (ending.state, ending.code) == (State.QUEUED, f"{reason:04X}H")
    assert ending.detail.startswith("storage not committed: ")
    assert ending.not_before is not None
    assert ending.not_before > NOW


@pytest.mark.parametrize("attempts, reason", [(MOST_SENDS - 1, LOST), (0, 0x0122), (0, 0x0119)])
def test_what_it_will_never_keep_is_failed(attempts: int, reason: int) -> None:
    commitments = asked(awaited("1", attempts))

    heard(encoded_report("2.25.7", [], {"1": reason}), {1}, commitments, NOW)

    assert [ending.state for ending in commitments.ended] == [State.FAILED]


def test_an_instance_in_both_lists_is_not_committed() -> None:
    commitments = asked(awaited("1"))

    heard(encoded_report("2.25.7", ["1"], {"1": LOST}), {1}, commitments, NOW)

    assert commitments.done == []
    assert len(commitments.ended) == 1


def test_a_transaction_uid_that_it_calls_a_duplicate_is_no_fault_of_the_instance() -> None:
    commitments = asked(awaited("1"))

    heard(encoded_report("2.25.7", [], {"1": DUPLICATE}), {1}, commitments, NOW)

    assert (commitments.done, commitments.ended) == ([], [])


@pytest.mark.parametrize("transaction, allowed", [("2.25.8", {1}), ("2.25.7", {2}), ("2.25.7", set())])
def test_a_report_of_a_transaction_that_was_not_the_archives_changes_nothing(
    transaction: str, allowed: set[int]
) -> None:
    commitments = asked(awaited("1"))

    hearing = heard(encoded_report(transaction, ["1"]), allowed, commitments, NOW)

    assert hearing.status == NOT_OURS
    assert commitments.done == []


def test_a_report_that_cannot_be_read_changes_nothing() -> None:
    commitments = asked(awaited("1"))

    hearing = heard(Encoded(b"\x08\0\x95\x11garbage", 0, 11, IMPLICIT_LE), {1}, commitments, NOW)

    assert hearing.status == UNREADABLE
    assert commitments.done == []


def test_an_archive_is_to_report_again_what_could_not_be_recorded() -> None:
    class Away(FakeCommitments):
        @override
        def asked(self, transaction_uid: str) -> Any:
            raise LedgerUnavailable("the database is gone")

    assert heard(encoded_report("2.25.7", ["1"]), {1}, Away(), NOW).status == NOT_NOW

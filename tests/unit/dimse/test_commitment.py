"""Asking for storage commitment, and hearing what is reported at once, over real sockets."""

from __future__ import annotations

from philae.dicom.commitment import Reference, encode_request
from philae.dimse.address import Address
from philae.dimse.commands import EVENT_TYPE, Status
from philae.dimse.commitment import CommitmentAssociation
from tests.support.association import CT, IMPLICIT_LE
from tests.support.committing import CommittingArchive
from tests.support.receivers import choosy

REQUEST = encode_request("2.25.7", [Reference(CT, "1.2.3")])


def to(port: int) -> Address:
    return Address("127.0.0.1", port, "ARCHIVE", "PHILAE")


def test_a_request_is_answered_and_the_report_that_follows_it_is_answered_by_us() -> None:
    with (
        CommittingArchive(judge=lambda _: 0x0112) as archive,
        CommitmentAssociation.to(to(archive.port)) as association,
    ):
        status = association.ask(REQUEST)
        report = association.report(60.0)
        assert report is not None
        association.answer(report, Status(0x0110, "no room"))
        answer = archive.answers.get(timeout=60)

    assert status == Status(0)
    assert report.command.number(EVENT_TYPE) == 2
    assert answer == 0x0110
    assert archive.requests == [("2.25.7", ["1.2.3"])]


def test_an_archive_that_reports_nothing_is_waited_for_in_vain_and_no_harm_is_done() -> None:
    with (
        CommittingArchive(judge=lambda _: None) as archive,
        CommitmentAssociation.to(to(archive.port)) as association,
    ):
        association.ask(REQUEST)
        report = association.report(0.01)
        again = association.ask(REQUEST)

    assert (report, again) == (None, Status(0))


def test_a_receiver_that_does_not_offer_commitment_is_not_asked() -> None:
    with choosy({CT: [IMPLICIT_LE], "1.2.840.10008.1.20.1": ["1.2.840.10008.1.2.1"]}) as (port, _):
        association = CommitmentAssociation.to(to(port))
        answer = association.ask(REQUEST)
        association.release()

    assert answer is None

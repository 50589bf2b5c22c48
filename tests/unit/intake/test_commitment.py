"""An archive that was asked may report, without being a source; nobody else may."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.destinations.dicom import DicomSettings
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE
from philae.dimse.associate import AssociateRequest, OfferedContext
from philae.dimse.commands import Status
from philae.dimse.handler import Peer, ReportRequest, StoreRequest
from philae.dimse.limits import MAX_REPORT_BYTES
from philae.dimse.rejection import UNKNOWN_CALLING_AE
from philae.dimse.sop_classes import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, VERIFICATION
from philae.intake.commitment import ArrivingReport, ReportingAssociation
from philae.pipeline.commitments import Asked
from tests.support.association import CT, Application
from tests.support.commitments import FakeCommitments, encoded_report
from tests.support.lanes import make_destination

PEER = Peer("10.1.2.3", 50_000)
STORE = StoreRequest(CT, "1.2.3", EXPLICIT_LE.uid, 1)
REPORT = ReportRequest(STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, 1, IMPLICIT_LE.uid)


def archive(number: int = 1, **more: Any) -> Destination:
    settings = {"ae_title": "ARCHIVE", "hostname": "10.0.0.5", "port": 104, "storage_commitment": True, **more}
    return Destination(id=number, name=f"d{number}", settings=DicomSettings.model_validate(settings))


class Site:
    """One forward node, and an association to it."""

    def __init__(self, *destinations: Destination) -> None:
        self.node = ForwardNode(ae_title="PHILAE", destinations=destinations or (archive(),))
        self.sender = Application(rejection=UNKNOWN_CALLING_AE)
        self.commitments = FakeCommitments(transactions={"2.25.7": Asked("2.25.7", 1, datetime.now(UTC))})
        self.association = ReportingAssociation(self.sender, self, self.commitments)

    def current(self) -> Configuration:
        return Configuration(forward_nodes=(self.node,))

    def version(self, number: int) -> Configuration:
        raise NotImplementedError

    def is_admitted(self, *proposed: str, called: str = "PHILAE", calling: str = "ARCHIVE") -> bool:
        contexts = tuple(OfferedContext(2 * n + 1, uid, (IMPLICIT_LE.uid,)) for n, uid in enumerate(proposed))
        return self.association.admit(AssociateRequest(called, calling, contexts), PEER) is None


@pytest.mark.parametrize(
    "more, called",
    [
        ({}, "PHILAE"),
        ({"calling_ae_title": "US"}, "US"),
        ({"calling": "destination"}, "ARCHIVE"),
        ({"calling": "sender"}, "PHILAE"),
    ],
)
def test_an_archive_reports_to_whoever_asked_it(more: dict[str, Any], called: str) -> None:
    site = Site(archive(**more))

    assert site.is_admitted(STORAGE_COMMITMENT, VERIFICATION, called=called)
    assert site.association.takes_reports
    assert site.sender.requests == []


@pytest.mark.parametrize(
    "destination, titles",
    [
        (archive(storage_commitment=False), ("PHILAE", "ARCHIVE")),
        (archive(), ("PHILAE", "OTHER")),
        (archive(), ("OTHER", "ARCHIVE")),
        (make_destination(1), ("PHILAE", "ARCHIVE")),
    ],
)
def test_who_was_not_asked_is_a_sender_like_any_other(destination: Destination, titles: tuple[str, str]) -> None:
    site = Site(destination)

    assert not site.is_admitted(STORAGE_COMMITMENT, called=titles[0], calling=titles[1])
    assert not site.association.takes_reports
    assert len(site.sender.requests) == 1


def test_an_archive_that_is_no_source_hands_in_nothing() -> None:
    site = Site()
    site.is_admitted(STORAGE_COMMITMENT)

    answer = site.association.store(STORE)
    site.association.closed("released")

    assert isinstance(answer, Status)
    assert answer.code == 0x0124
    assert (site.sender.instances, site.sender.endings) == ([], [])


def test_an_archive_that_is_a_source_too_does_both() -> None:
    site = Site()
    site.sender.rejection = None

    assert site.is_admitted(CT, STORAGE_COMMITMENT)
    site.association.store(STORE)
    site.association.closed("released")

    assert site.association.takes_reports
    assert (len(site.sender.instances), site.sender.endings) == (1, ["released"])


def test_a_sender_that_proposes_no_commitment_is_the_handlers() -> None:
    site = Site()

    assert not site.is_admitted(CT)
    assert not site.association.takes_reports


def reported(site: Site, dataset: bytes) -> Status:
    site.is_admitted(STORAGE_COMMITMENT)
    sink = site.association.report(REPORT)
    assert isinstance(sink, ArrivingReport)
    for start in range(0, len(dataset), 1 << 20):
        sink.write([memoryview(dataset)[start : start + (1 << 20)]])
    return sink.finish()


def test_a_report_is_taken_in_and_answered() -> None:
    assert reported(Site(), bytes(encoded_report("2.25.7").source)) == Status(0)


def test_an_archive_does_not_report_for_another() -> None:
    site = Site(archive(2), archive(1, ae_title="OTHER"))

    assert reported(site, bytes(encoded_report("2.25.7").source)).code == 0x0115


def test_a_report_that_is_too_long_is_read_to_its_end_and_refused() -> None:
    assert reported(Site(), bytes(MAX_REPORT_BYTES + 1)).code == 0xA700


@pytest.mark.parametrize(
    "request_, code",
    [
        (ReportRequest("1.2.840.10008.5.1.1.16.376", "1.2", 1, IMPLICIT_LE.uid), 0x0122),
        (ReportRequest(STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, 3, IMPLICIT_LE.uid), 0x0113),
    ],
)
def test_other_events_are_refused(request_: ReportRequest, code: int) -> None:
    site = Site()
    site.is_admitted(STORAGE_COMMITMENT)

    answer = site.association.report(request_)

    assert isinstance(answer, Status)
    assert answer.code == code

"""Archives are asked about what they were sent, where and when they may be, and heard where they were asked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.config.windows import read_window
from philae.destinations.dicom import Committing, DicomSettings, committing
from philae.dicom.commitment import Reference
from philae.pipeline.commitments import Asked, Awaited, CommitmentRequest
from philae.pipeline.model import Delivery
from philae.pipeline.outcome import State
from philae.pipeline.wake import Wake
from tests.support.commitments import FakeCommitments
from tests.support.committing import CommittingArchive
from tests.support.gateway import free_port
from tests.support.instances import CT, make_instance
from tests.support.lanes import make_destination
from tests.support.receivers import choosy

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
REQUEST = CommitmentRequest("2.25.7", 1, (Reference(CT, "1.2.3"), Reference(CT, "1.2.4")), 1)
NIGHT = {"windows": (read_window("20:00-06:00"),), "time_zone": "UTC"}


class Site:
    """What one archive is to be asked, and what it said."""

    def __init__(self, port: int, **more: Any) -> None:
        settings = {"ae_title": "ARCHIVE", "hostname": "127.0.0.1", "port": port, "storage_commitment": True, **more}
        self.destination = Destination(id=1, name="archive", settings=DicomSettings.model_validate(settings))
        self.node = ForwardNode(ae_title="PHILAE")
        self.commitments = FakeCommitments(
            due=[REQUEST],
            transactions={"2.25.7": Asked("2.25.7", 1, MONDAY)},
            waiting=[
                Awaited(Delivery(make_instance(), 1, 1, 0), State.SENT, uid, MONDAY) for uid in ("1.2.3", "1.2.4")
            ],
        )

    def current(self) -> Configuration:
        destinations = (self.destination, make_destination(2))
        return Configuration(forward_nodes=(self.node.model_copy(update={"destinations": destinations}),))

    def version(self, number: int) -> Configuration:
        raise NotImplementedError

    def work(self) -> FakeCommitments:
        Committing(self.commitments, self).work(MONDAY, Wake())
        return self.commitments


def test_an_archive_is_asked_about_everything_at_once_and_heard_on_the_same_association(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(committing, "REPORT_WITHIN_S", 60.0)
    verdicts = {"1.2.3": 0, "1.2.4": 0x0112}
    with CommittingArchive(judge=verdicts.__getitem__) as archive:
        found = Site(archive.port).work()
        answer = archive.answers.get(timeout=60)

    assert archive.requests == [("2.25.7", ["1.2.3", "1.2.4"])]
    assert [each.sop_instance_uid for each in found.done] == ["1.2.3"]
    assert [(each.state, each.code) for each in found.ended] == [(State.QUEUED, "0112H")]
    assert (answer, found.postponed) == (0, [])


def test_one_that_reports_later_is_left_alone_meanwhile() -> None:
    with CommittingArchive(judge=lambda _: None) as archive:
        found = Site(archive.port, commitment_timeout_s=90).work()

    assert (found.done, found.ended, found.postponed) == ([], [], [])
    assert found.patience == {1: timedelta(seconds=90)}


def test_one_that_does_not_take_the_request_is_asked_again_later_and_the_reason_is_kept() -> None:
    with CommittingArchive(status=0x0213) as archive:
        refused = Site(archive.port).work()
    with choosy({CT: ["1.2.840.10008.1.2"]}) as (port, _):
        not_offered = Site(port).work()
    away = Site(free_port()).work()

    reasons = [
        reason for found in (refused, not_offered, away) for _, until, reason in found.postponed if until > MONDAY
    ]
    assert "answered 0213H resource limitation" in reasons[0]
    assert "ARCHIVE does not accept storage commitment" in reasons[1]
    assert "cannot connect" in reasons[2]


@pytest.mark.parametrize(
    "changes, node_changes",
    [({"enabled": False}, {}), ({"paused": True}, {}), ({}, {"paused": True}), (NIGHT, {})],
)
def test_one_that_nothing_may_be_sent_to_now_is_not_asked_now_and_not_given_up(
    changes: dict[str, Any], node_changes: dict[str, Any]
) -> None:
    site = Site(free_port())
    site.destination = site.destination.model_copy(update=changes)
    site.node = site.node.model_copy(update=node_changes)

    found = site.work()

    assert (found.due, found.postponed) == ([REQUEST], [])
    assert found.kept == [1]


def test_one_that_is_to_commit_itself_no_longer_is_given_up() -> None:
    site = Site(free_port(), storage_commitment=False)

    found = site.work()

    assert (found.due, found.kept) == ([REQUEST], [])

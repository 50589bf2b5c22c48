from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from philae.config.configuration import Configuration
from philae.config.forward_node import ForwardNode, SenderLimits, Source
from philae.dimse.associate import AssociateRequest
from philae.dimse.commands import Status
from philae.dimse.handler import Peer, StoreRequest
from philae.dimse.items import UserInformation
from philae.dimse.rejection import LIMIT_EXCEEDED, UNKNOWN_CALLING_AE, Rejection
from philae.intake.limiting import LimitedAssociation
from philae.intake.turnstile import Passage, Turnstile
from tests.support.lanes import make_destination

PEER = Peer("10.1.2.3", 50_000)
STORE = StoreRequest("1.2", "1.2.3", "1.2.840.10008.1.2", 1)
SLOW = Source(ae_title="SLOW", limits=SenderLimits(instances_per_s=5))
NODE = ForwardNode(
    ae_title="PHILAE",
    sources=(Source(ae_title="CT01", limits=SenderLimits(associations=1)), Source(ae_title="MR01"), SLOW),
    destinations=(make_destination(),),
)


class Versions:
    def current(self) -> Configuration:
        return Configuration(forward_nodes=(NODE,))

    def version(self, number: int) -> Configuration:
        raise NotImplementedError

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError


class Sink:
    """Says what happens to its instance."""

    waits = False

    def __init__(self, uid: str, happened: list[str]) -> None:
        self._uid = uid
        self._happened = happened

    def write(self, parts: Sequence[memoryview]) -> None:
        self._happened.append(f"write {self._uid}")

    def finish(self) -> Status:
        self._happened.append(f"finish {self._uid}")
        return Status(0xB000)

    def abandon(self) -> None:
        self._happened.append(f"abandon {self._uid}")


class Handler:
    """Takes everything, or refuses everybody."""

    def __init__(self, rejection: Rejection | None = None) -> None:
        self._rejection = rejection
        self.happened: list[str] = []

    def admit(self, request: AssociateRequest, peer: Peer) -> Rejection | None:
        return self._rejection

    def store(self, request: StoreRequest) -> Sink:
        return Sink(request.sop_instance_uid, self.happened)

    def closed(self, reason: str) -> None:
        self.happened.append(reason)


def request(calling: str) -> AssociateRequest:
    return AssociateRequest("PHILAE", calling, (), UserInformation(max_pdu_length=0, implementation_class_uid="1.2"))


def stored(association: LimitedAssociation) -> Status:
    sink = association.store(STORE)
    assert not isinstance(sink, Status)
    sink.write([memoryview(b"bytes")])
    return sink.finish()


@pytest.fixture
def turnstile(tmp_path: Path) -> Turnstile:
    return Turnstile(tmp_path)


def test_one_more_than_a_source_may_have_is_rejected_until_there_is_room(turnstile: Turnstile) -> None:
    first, second, third, other = (LimitedAssociation(Handler(), Versions(), turnstile) for _ in range(4))

    answers = [
        first.admit(request("CT01"), PEER),
        second.admit(request("CT01"), PEER),
        other.admit(request("MR01"), PEER),
    ]
    first.closed("released")
    answers.append(third.admit(request("CT01"), PEER))

    assert answers == [None, LIMIT_EXCEEDED, None, None]


def test_the_handler_hears_what_it_would_hear_without(turnstile: Turnstile) -> None:
    handler = Handler()
    association = LimitedAssociation(handler, Versions(), turnstile)

    association.admit(request("MR01"), PEER)
    status = stored(association)
    association.closed("released")

    assert status == Status(0xB000)
    assert handler.happened == ["write 1.2.3", "finish 1.2.3", "released"]


def test_a_sender_that_is_too_fast_waits_for_the_end_of_its_instances_not_for_their_bytes(
    turnstile: Turnstile, monkeypatch: pytest.MonkeyPatch
) -> None:
    handler = Handler()
    monkeypatch.setattr(Passage, "wait", lambda _: handler.happened.append("wait"))
    association = LimitedAssociation(handler, Versions(), turnstile)
    association.admit(request("SLOW"), PEER)

    assert association.store(STORE).waits  # type: ignore[union-attr]
    assert stored(association) == Status(0xB000)
    assert handler.happened == ["write 1.2.3", "wait", "finish 1.2.3"]


def test_an_instance_that_breaks_off_waits_for_nothing(turnstile: Turnstile) -> None:
    handler = Handler()
    association = LimitedAssociation(handler, Versions(), turnstile)
    association.admit(request("SLOW"), PEER)

    association.store(STORE).abandon()  # type: ignore[union-attr]

    assert handler.happened == ["abandon 1.2.3"]


def test_whom_the_handler_refuses_takes_no_place(turnstile: Turnstile) -> None:
    refused = LimitedAssociation(Handler(UNKNOWN_CALLING_AE), Versions(), turnstile)

    assert refused.admit(request("CT01"), PEER) == UNKNOWN_CALLING_AE
    assert LimitedAssociation(Handler(), Versions(), turnstile).admit(request("CT01"), PEER) is None

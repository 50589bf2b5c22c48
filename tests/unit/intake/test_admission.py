from __future__ import annotations

import socket

import pytest

from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode, Source
from philae.dimse.associate import AssociateRequest
from philae.dimse.handler import Peer
from philae.dimse.items import UserInformation
from philae.dimse.rejection import NO_REASON, UNKNOWN_CALLED_AE, UNKNOWN_CALLING_AE
from philae.intake.admission import refusal
from tests.support.lanes import make_destination


def request(calling: str = "CT01") -> AssociateRequest:
    user = UserInformation(max_pdu_length=0, implementation_class_uid="1.2.3")
    return AssociateRequest("PHILAE", calling, (), user)


def node(*sources: Source, destination: Destination | None = None) -> ForwardNode:
    return ForwardNode(ae_title="PHILAE", sources=sources, destinations=(destination or make_destination(),))


PEER = Peer("10.1.2.3", 50_000)
BY_TITLE = Source(ae_title="CT01", hostname="10.9.9.9")
BY_HOST = Source(ae_title="CT01", hostname="10.1.2.3", check_hostname=True)


def test_a_node_without_sources_takes_from_anyone() -> None:
    assert refusal(node(), request("ANYONE"), PEER) is None


def test_an_unknown_node_is_refused() -> None:
    assert refusal(None, request(), PEER) == UNKNOWN_CALLED_AE


def test_a_node_whose_every_destination_is_disabled_takes_nothing() -> None:
    assert refusal(node(destination=make_destination(enabled=False)), request(), PEER) == NO_REASON
    assert refusal(ForwardNode(ae_title="PHILAE"), request(), PEER) == NO_REASON


def test_a_source_is_known_by_its_title_and_its_host_counts_only_when_it_says_so() -> None:
    assert refusal(node(BY_TITLE), request(), PEER) is None
    assert refusal(node(BY_TITLE), request("CT02"), PEER) == UNKNOWN_CALLING_AE


@pytest.mark.parametrize("host", ["10.1.2.3", "::ffff:10.1.2.3"])
def test_a_source_whose_host_is_checked_may_send_from_there(host: str) -> None:
    assert refusal(node(BY_HOST), request(), Peer(host, 1)) is None


def test_a_source_whose_host_is_checked_may_not_send_from_elsewhere() -> None:
    assert refusal(node(BY_HOST), request(), Peer("10.1.2.4", 1)) == UNKNOWN_CALLING_AE


def test_one_of_several_sources_is_enough() -> None:
    other = Source(ae_title="MR01")

    assert refusal(node(other, BY_HOST), request(), PEER) is None


def test_a_host_name_stands_for_all_its_addresses(monkeypatch: pytest.MonkeyPatch) -> None:
    def addresses(host: str, port: object) -> list[tuple]:
        assert host == "ct01.example"
        return [(0, 0, 0, "", ("10.1.2.9", 0)), (0, 0, 0, "", ("10.1.2.3", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", addresses)
    source = Source(ae_title="CT01", hostname="ct01.example", check_hostname=True)

    assert refusal(node(source), request(), PEER) is None


def test_a_host_name_that_nobody_knows_admits_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(host: str, port: object) -> list[tuple]:
        raise socket.gaierror("unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    source = Source(ae_title="CT01", hostname="nowhere.example", check_hostname=True)

    assert refusal(node(source), request(), PEER) == UNKNOWN_CALLING_AE


def test_a_fallback_alone_takes_nothing() -> None:
    main = make_destination(1, name="main", enabled=False).model_copy(update={"fallback": "spare"})
    only = ForwardNode(ae_title="PHILAE", destinations=(main, make_destination(2, name="spare")))

    assert refusal(only, request(), PEER) == NO_REASON

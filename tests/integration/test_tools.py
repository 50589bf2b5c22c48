"""The DICOM tools against DCMTK, and a web server that answers what a test says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from philae.admin.address_book import WebEndpoint
from philae.admin.doctor import Finding, Verdict, examine
from philae.dimse.address import Address
from philae.tools.capabilities import probe
from philae.tools.dicomweb import WebCheck
from philae.tools.monitor import watch
from philae.web.pages.tools_peers import node_check
from tests.support.listening import free_port, storescp
from tests.support.scripted_http import Asked, Reply, scripted
from tests.support.worklists import AE_TITLE, worklist_server

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
UNCOMPRESSED = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1")


@pytest.fixture(scope="module")
def pacs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Address]:
    with storescp(tmp_path_factory.mktemp("pacs"), "+xs") as port:
        yield Address("127.0.0.1", port, "STORE", "PHILAE")


def found(address: Address) -> list[Finding]:
    return list(examine(node_check(address)))


def test_a_node_that_answers_is_told_with_times_at_every_step(pacs: Address) -> None:
    steps = found(pacs)

    assert [each.step for each in steps] == ["name resolution", "TCP connection", "network", "C-ECHO"]
    assert {each.verdict for each in steps} == {Verdict.OK}
    assert "0 % lost" in steps[2].message
    assert "OFFIS_DCMTK" in steps[3].message


def test_a_node_that_refuses_is_told_by_its_own_reason(tmp_path: Path) -> None:
    with worklist_server(tmp_path / "worklist") as port:
        steps = found(Address("127.0.0.1", port, "NOBODY", "PHILAE"))

    assert [each.verdict for each in steps] == [Verdict.OK, Verdict.OK, Verdict.OK, Verdict.FAILED]
    assert "rejected" in steps[-1].message


def test_where_nobody_listens_the_rest_is_not_tried() -> None:
    steps = found(Address("127.0.0.1", free_port(), "STORE", "PHILAE"))

    assert [each.verdict for each in steps] == [Verdict.OK, Verdict.FAILED, Verdict.SKIPPED, Verdict.SKIPPED]
    assert steps[1].advice


def test_what_a_node_takes_is_told_by_class_and_transfer_syntax(pacs: Address) -> None:
    capabilities = probe(pacs)

    assert capabilities.implementation.startswith("OFFIS_DCMTK")
    assert {each.syntaxes for each in capabilities.storage} == {(*UNCOMPRESSED, JPEG_LOSSLESS)}
    assert [bool(each.syntaxes) for each in capabilities.services] == [True, *[False] * 6]


def test_many_nodes_are_asked_at_once_and_told_in_their_order(pacs: Address, tmp_path: Path) -> None:
    dead = Address("127.0.0.1", free_port(), "STORE", "PHILAE")
    with worklist_server(tmp_path / "worklist") as port:
        ris = Address("127.0.0.1", port, AE_TITLE, "PHILAE")
        watched = watch([pacs, dead, ris], node_check)

    assert [each.peer for each in watched] == [pacs, dead, ris]
    assert [each.worst.verdict for each in watched] == [Verdict.OK, Verdict.FAILED, Verdict.OK]


def offers_half(_number: int, asked: Asked) -> Reply:
    """Takes STOW-RS and QIDO-RS, not UPS-RS; wants a token for WADO-RS, has moved WADO-URI."""
    path = asked.path.removeprefix("/dicom-web")
    if asked.method == "OPTIONS":
        return Reply(200, headers={"Allow": "GET, POST"})
    if path.startswith("?"):
        return Reply(302, headers={"Location": "http://elsewhere.example.org/"})
    if path.startswith("/studies?"):
        return Reply(200, b"[]")
    return Reply({"/workitems?limit=1": 501, "/": 500}.get(path, 401))


def test_each_service_of_an_endpoint_is_asked_for_without_following_anybody() -> None:
    with scripted(offers_half) as server:
        steps = list(examine(WebCheck(WebEndpoint(url=server.url))))

    said = {each.step: (each.verdict, each.message.partition(":")[0]) for each in steps}
    inconclusive = (Verdict.WARNING, "inconclusive")
    assert said == {
        "STOW-RS": (Verdict.OK, "supported"),
        "QIDO-RS": (Verdict.OK, "supported"),
        "WADO-RS": inconclusive,
        "WADO-URI": inconclusive,
        "UPS-RS": (Verdict.WARNING, "not supported"),
        "Capabilities": inconclusive,
    }
    assert "authentication required" in next(each.message for each in steps if each.step == "WADO-RS")
    assert {each.method for each in server.asked} == {"OPTIONS", "GET"}


def test_an_endpoint_that_hangs_up_says_what_to_look_at() -> None:
    with scripted(Reply(0, hang_up=True)) as server:
        first, *others = examine(WebCheck(WebEndpoint(url=server.url)))

    assert (first.verdict, first.advice) == (Verdict.FAILED, "see whether URL and port are right, and http or https")
    assert {each.verdict for each in others} == {Verdict.SKIPPED}

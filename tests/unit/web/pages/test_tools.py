"""What the pages of the DICOM tools keep and refuse; whom they ask is tried against real peers elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from philae.admin.address_book import DicomNode, WebEndpoint
from philae.admin.tokens import issue
from philae.admin.users import Role
from philae.web.gateway import Gateway
from tests.support.documents import document, node, to_stow
from tests.support.web import signed_in, visitor, web_gateway

NODES = """description,aetitle,hostname,port,nodeType,nodeGroup
# the old one
Archive,ARCHIVE,10.0.0.5,104,,Main
=RIS(1),RIS,ris.local,105,worklist,Main
"""
RIS = DicomNode(description="=RIS(1)", ae_title="RIS", hostname="ris.local", port=105, kind="WORKLIST", group="Main")


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    dicom = {"name": "pacs", "kind": "dicom", "ae_title": "PACS", "hostname": "10.0.0.9", "port": 104}
    nodes = node(to_stow("https://archive.example.org/rs"), {**dicom, "deidentify": {"project": "Trial"}})
    with web_gateway(tmp_path_factory.mktemp("web"), document(nodes)) as gateway:
        yield gateway


@pytest.fixture(scope="module")
def anna(gateway: Gateway) -> TestClient:
    return signed_in(gateway, Role.ADMIN)


@pytest.fixture(autouse=True)
def _empty(gateway: Gateway) -> None:
    gateway.nodes.replace([], None)
    gateway.endpoints.replace([], None)


def kept(gateway: Gateway) -> list[str]:
    return [f"{each.group}/{each.named}" for _, each in gateway.nodes.all()]


def imported(browser: TestClient, content: str, book: str = "nodes", **fields: str) -> str:
    answer = browser.post(f"/tools/book/{book}/file", files={"file": ("n.csv", content)}, data=fields)
    return browser.get(answer.headers["location"]).text if answer.status_code == 303 else answer.text


def test_a_node_is_added_changed_and_deleted(gateway: Gateway, anna: TestClient) -> None:
    sent = {"ae_title": "PACS", "hostname": "10.0.0.5", "port": "104", "group": "Main"}
    assert anna.post("/tools/book/nodes", data=sent).status_code == 303
    assert "this address is in the group already" in anna.post("/tools/book/nodes", data=sent).text
    ((number, _),) = gateway.nodes.all()

    anna.post(f"/tools/book/nodes/{number}", data={**sent, "port": "11112"})
    assert kept(gateway) == ["Main/PACS@10.0.0.5:11112"]

    anna.post("/tools/book/nodes/delete", data={"row": str(number)})
    assert kept(gateway) == []
    actions = [event.action for _, event in gateway.audit.events(before=None, limit=3)]
    assert actions == ["address-book.deleted", "address-book.changed", "address-book.added"]


def test_an_endpoint_is_added_with_the_services_that_are_ticked(gateway: Gateway, anna: TestClient) -> None:
    url = "https://archive.example.org/dicom-web"

    anna.post("/tools/book/endpoints", data={"url": url, "QIDO-RS": "on", "STOW-RS": "on"})
    faulty = anna.post("/tools/book/endpoints", data={"url": "https://me:secret@x.org"})

    assert [each.services for _, each in gateway.endpoints.all()] == [("STOW-RS", "QIDO-RS")]
    assert faulty.status_code == 422
    assert "name one service at least" in faulty.text
    assert "must not hold a password" in faulty.text


def test_what_is_exported_is_imported_again_as_it_was(gateway: Gateway, anna: TestClient) -> None:
    assert "2 entries were imported." in imported(anna, NODES)
    assert next(each for _, each in gateway.nodes.all()) == RIS
    exported = anna.get("/tools/book/nodes/export.csv").text
    assert "'=RIS(1)" in exported

    assert "2 were there already." in imported(anna, exported)
    gateway.nodes.replace([], None)
    imported(anna, exported, group="Other")

    assert kept(gateway) == ["Other/RIS@ris.local:105", "Other/ARCHIVE@10.0.0.5:104"]


def test_endpoints_are_exported_and_imported_too(gateway: Gateway, anna: TestClient) -> None:
    gateway.endpoints.add([WebEndpoint(url="https://a.example.org/rs", services=("QIDO-RS", "WADO-RS"), group="Main")])
    before = gateway.endpoints.all()

    exported = anna.get("/tools/book/endpoints/export.csv").text
    gateway.endpoints.replace([], None)
    imported(anna, exported, "endpoints")

    assert [each for _, each in gateway.endpoints.all()] == [each for _, each in before]


def test_a_file_with_faults_tells_each_line_and_stores_nothing(gateway: Gateway, anna: TestClient) -> None:
    shown = imported(anna, "Archive,ARCHIVE,10.0.0.5,104\nx,y\nx,A\\B,h,70000\n")

    assert "2 rows have a fault; nothing was stored." in shown
    assert "<strong>Line 2</strong>: 2 columns; there must be 4" in shown
    assert "<strong>Line 3</strong>: ae_title" in shown
    assert kept(gateway) == []


def test_only_the_named_group_is_replaced_and_the_whole_book_only_if_one_means_it(
    gateway: Gateway, anna: TestClient
) -> None:
    gateway.nodes.add([RIS.model_copy(update={"group": "Old"}), RIS])

    imported(anna, "New,NEW,h,104\n", group="Old", replace="on")
    assert kept(gateway) == ["Main/RIS@ris.local:105", "Old/NEW@h:104"]

    assert "tick that you mean it" in imported(anna, "New,NEW,h,104\n", replace="on")
    assert len(kept(gateway)) == 2
    imported(anna, "New,NEW,h,104\n", replace="on", everything="on")
    assert kept(gateway) == ["/NEW@h:104"]


def test_destinations_of_the_gateway_are_there_by_themselves(anna: TestClient) -> None:
    assert "PHILAE / pacs" in anna.get("/tools/book/nodes").text
    assert "https://archive.example.org/rs" in anna.get("/tools/book/endpoints").text

    filled_in = anna.get("/tools?peer=destination-2").text
    assert 'value="PACS"' in filled_in
    assert 'value="10.0.0.9"' in filled_in


def test_the_worklist_offers_nodes_that_are_worklists(gateway: Gateway, anna: TestClient) -> None:
    gateway.nodes.add([RIS])
    ((number, _),) = gateway.nodes.all()

    page = anna.get(f"/tools/worklist?peer=book-{number}").text

    assert 'value="ris.local"' in page
    assert "PHILAE / pacs" not in page


@pytest.mark.parametrize("path", ["/tools/echo", "/tools/capabilities", "/tools/worklist", "/tools/worklist/text"])
def test_a_fault_in_an_address_stands_at_its_field(anna: TestClient, path: str) -> None:
    answer = anna.post(path, data={"called": "PACS", "host": "h", "port": "99999", "calling": "ME"})

    assert answer.status_code == 422
    assert 'id="port-hint"' in answer.text
    assert 'value="PACS"' in answer.text


def test_a_filter_with_a_fault_is_told_before_anybody_is_asked(anna: TestClient) -> None:
    whom = {"called": "RIS", "host": "127.0.0.1", "port": "1", "calling": "ME"}

    answer = anna.post("/tools/worklist", data={**whom, "patient_name": "A\\B", "since": "yesterday"})

    assert answer.status_code == 422
    assert 'id="patient_name-hint">64 characters at most, no backslash' in answer.text
    assert 'id="since-hint"' in answer.text


def test_who_may_not_see_patients_asks_no_worklist(gateway: Gateway) -> None:
    _, text = issue(gateway.tokens, "tools", {"configure"}, datetime.now(UTC), None)
    program = visitor(gateway, authorization=f"Bearer {text}")
    whom = {"called": "RIS", "host": "127.0.0.1", "port": "1", "calling": "ME"}

    assert program.get("/tools/worklist").status_code == 200
    assert [program.post(f"/tools/worklist{end}", data=whom).status_code for end in ("", "/text")] == [403, 403]


@pytest.mark.parametrize("number", ["99999999999999999999", "-1", "x"])
def test_a_number_that_no_entry_can_have_is_no_entry(anna: TestClient, number: str) -> None:
    sent = {"ae_title": "PACS", "hostname": "h", "port": "104"}

    assert anna.post("/tools/book/nodes/delete", data={"only": number}).status_code == 422
    assert anna.post(f"/tools/book/nodes/{number}", data=sent).status_code == 422
    assert anna.get("/tools/book/nodes/12345").status_code == 404

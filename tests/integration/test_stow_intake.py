"""STOW-RS into a gateway, as archives and scripts send it."""

from __future__ import annotations

import base64
import http.client
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from philae.pipeline.outcome import State
from tests.support.deliveries import deliveries
from tests.support.documents import document, node, to_folder
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.http import BOUNDARY, Client, related
from tests.support.scans import Scan, scans

STUDIES = "/dicomweb/PHILAE/studies"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    root = tmp_path_factory.mktemp("stow")
    nodes = (
        node(to_folder(root / "out")),
        node(to_folder(root / "other"), ae_title="CLOSED", sources=[{"ae_title": "CT01"}]),
        node(ae_title="EMPTY"),
        node(to_folder(root / "paused"), ae_title="PAUSED", answer="pass-through", paused=True),
        node(to_folder(root / "narrow"), ae_title="NARROW", limits={"associations": 1}),
    )
    with Gateway(root / "data", document(*nodes), web_port=free_port()) as running:
        yield running


@pytest.fixture(scope="module")
def client(gateway: Gateway) -> Client:
    return Client(gateway.web_port or 0, token(gateway, "script", "send"))


@pytest.fixture
def sent(tmp_path: Path) -> list[Scan]:
    return scans(tmp_path / tmp_path.name, slices=3)


def token(gateway: Gateway, name: str, *scopes: str) -> str:
    options = [f"--scope={scope}" for scope in scopes]
    command = [PHILAE, "tokens", "create", name, *options, "--data", str(gateway.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()


def states(gateway: Gateway, *sent: Scan) -> list[State]:
    uids = {scan.uid for scan in sent}
    return [each.state for each in deliveries(gateway.data) if each.sop_instance_uid in uids]


def uids(sequence: list[dict[str, dict[str, list[str]]]]) -> list[str]:
    return [item["00081155"]["Value"][0] for item in sequence]


def test_instances_of_one_request_are_accepted_delivered_and_named_in_the_answer(
    gateway: Gateway, client: Client, sent: list[Scan]
) -> None:
    answer = client.stow(STUDIES, *(scan.path.read_bytes() for scan in sent))

    assert answer.status == 200, answer.body
    assert uids(answer.json["00081199"]["Value"]) == [scan.uid for scan in sent]
    gateway.settled()
    assert states(gateway, *sent) == [State.SENT] * 3


def test_many_instances_of_one_request_are_named_in_the_order_in_which_they_came(
    gateway: Gateway, client: Client, tmp_path: Path
) -> None:
    sent = scans(tmp_path / "many", slices=30)

    answer = client.stow(STUDIES, *(scan.path.read_bytes() for scan in sent))

    assert uids(answer.json["00081199"]["Value"]) == [scan.uid for scan in sent]
    gateway.settled()
    assert states(gateway, *sent) == [State.SENT] * 30


def test_a_body_may_be_one_file(gateway: Gateway, client: Client, sent: list[Scan]) -> None:
    answer = client.request("POST", STUDIES, sent[0].path.read_bytes(), {"Content-Type": "application/dicom"})

    assert answer.status == 200, answer.body
    gateway.settled()
    assert states(gateway, sent[0]) == [State.SENT]


def test_the_answer_is_xml_for_who_asks_for_it(client: Client, sent: list[Scan]) -> None:
    answer = client.stow(STUDIES, sent[0].path.read_bytes(), accept="application/dicom+xml")

    assert answer.headers["content-type"] == "application/dicom+xml"
    values = [value.text for value in ET.fromstring(answer.body).iter() if value.tag.endswith("Value")]
    assert sent[0].uid in values


def test_what_is_no_dicom_fails_alone(gateway: Gateway, client: Client, sent: list[Scan]) -> None:
    answer = client.stow(STUDIES, b"no DICOM at all", sent[0].path.read_bytes())

    assert answer.status == 202
    assert answer.json["00081198"]["Value"][0]["00081197"]["Value"] == [0xC000]
    assert uids(answer.json["00081199"]["Value"]) == [sent[0].uid]
    gateway.settled()
    assert states(gateway, sent[0]) == [State.SENT]


def test_instances_of_another_study_than_the_request_are_refused(client: Client, sent: list[Scan]) -> None:
    answer = client.stow(f"{STUDIES}/1.2.3", sent[0].path.read_bytes())

    assert answer.status == 409
    assert answer.json["00081198"]["Value"][0]["00081197"]["Value"] == [0xA900]


def test_ten_thousand_parts_get_ten_thousand_answers(client: Client) -> None:
    answer = client.stow(STUDIES, *[b"x"] * 10_000)

    assert answer.status == 409
    assert len(answer.json["00081198"]["Value"]) == 10_000


def test_a_body_that_ends_early_is_refused_and_says_what_was_stored(client: Client, sent: list[Scan]) -> None:
    whole = related(*(scan.path.read_bytes() for scan in sent[:2]))
    headers = {"Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}'}

    answer = client.request("POST", STUDIES, whole[:-2000], headers)

    assert answer.status == 400
    assert answer.json["stored"] == 1


def test_a_connection_that_breaks_leaves_no_file(gateway: Gateway, client: Client, sent: list[Scan]) -> None:
    body = related(sent[2].path.read_bytes())
    head = (
        f"POST {STUDIES} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n"
        f'Content-Type: multipart/related; type="application/dicom"; boundary={BOUNDARY}\r\n'
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", client.port)) as broken:
        broken.sendall(head.encode() + body[:3000])

    gateway.settled()
    assert states(gateway, sent[2]) == []


@pytest.mark.parametrize(
    "content_type",
    [
        "",
        "text/plain",
        "application/dicom+json",
        'multipart/related; type="application/dicom+json"; boundary=part',
        'multipart/related; type="application/dicom"',
        "multipart/related; boundary=part",
        'multipart/related; type="application/dicom"; boundary=' + "b" * 5000,
    ],
)
def test_what_is_no_stow_of_instances_is_an_unsupported_media_type(client: Client, content_type: str) -> None:
    answer = client.request("POST", STUDIES, b"--part--", {"Content-Type": content_type} if content_type else {})

    assert answer.status == 415
    assert "application/dicom" in answer.json["title"]


def test_a_wrong_boundary_is_a_bad_request(client: Client, sent: list[Scan]) -> None:
    headers = {"Content-Type": 'multipart/related; type="application/dicom"; boundary=other'}

    answer = client.request("POST", STUDIES, related(sent[0].path.read_bytes()), headers)

    assert answer.status == 400


def test_only_who_holds_a_token_to_send_may(gateway: Gateway, client: Client, sent: list[Scan]) -> None:
    data = sent[0].path.read_bytes()
    reader = token(gateway, "reader", "status")
    password = base64.b64encode(f"anyone:{client.token}".encode()).decode()

    assert Client(client.port).stow(STUDIES, data).status == 401
    assert Client(client.port, "philae_wrong").stow(STUDIES, data).status == 401
    assert Client(client.port, reader).stow(STUDIES, data).status == 401
    basic = {"Content-Type": "application/dicom", "Authorization": f"Basic {password}"}
    assert Client(client.port).request("POST", STUDIES, data, basic).status == 200


def test_one_request_too_many_is_put_off(client: Client, sent: list[Scan]) -> None:
    path, data = "/dicomweb/NARROW/studies", sent[0].path.read_bytes()
    for _ in range(20):  # until the first one is let in before the second
        with closing(http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)) as first:
            first.putrequest("POST", path)
            first.putheader("Authorization", f"Bearer {client.token}")
            first.putheader("Content-Type", "application/dicom")
            first.putheader("Content-Length", str(len(data)))
            first.endheaders(data[:1000])
            time.sleep(0.3)
            second = client.stow(path, data).status
            first.send(data[1000:])
            answer = first.getresponse()
            answer.read()
        if second == 503:
            break

    assert (answer.status, second) == (200, 503)
    assert client.stow(path, data).status == 200


def test_forward_nodes_admit_as_they_do_for_associations(gateway: Gateway, client: Client, sent: list[Scan]) -> None:
    data = sent[0].path.read_bytes()
    ct01 = Client(client.port, token(gateway, "CT01", "send"))

    assert client.stow("/dicomweb/NOBODY/studies", data).status == 404
    assert client.stow("/dicomweb/EMPTY/studies", data).status == 503
    assert client.stow("/dicomweb/PAUSED/studies", data).status == 503
    assert client.stow("/dicomweb/CLOSED/studies", data).status == 403
    assert ct01.stow("/dicomweb/CLOSED/studies", data).status == 200

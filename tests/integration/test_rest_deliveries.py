"""Deliveries over the REST API: what a token may see and do."""

from __future__ import annotations

import csv
import io
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.documents import document, node, to_folder
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.http import Client
from tests.support.scans import Scan, scans
from tests.support.senders import send

DELIVERIES = "/api/v1/deliveries"
JSON = {"Content-Type": "application/json"}
PSEUDONYM_FROM = {"project": "Trial", "pseudonym": {"kind": "in_tag", "tag": "(0018,1400)"}}


@pytest.fixture(scope="module")
def sent(tmp_path_factory: pytest.TempPathFactory) -> list[Scan]:
    return scans(tmp_path_factory.mktemp("sent"), patients=2, slices=2)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory, sent: list[Scan]) -> Iterator[Gateway]:
    """One destination gets everything, the other has no pseudonym for anyone."""
    root = tmp_path_factory.mktemp("gateway")
    holds = to_folder(root / "held", "holds", deidentify=PSEUDONYM_FROM)
    with Gateway(root / "data", document(node(to_folder(root / "out"), holds)), web_port=free_port()) as running:
        send(running.port, [scan.path for scan in sent])
        running.settled()
        yield running


@pytest.fixture(scope="module")
def token(gateway: Gateway) -> str:
    return issue(gateway, "all", "deliveries", "identifiers", "operate", "audit")


@pytest.fixture
def client(gateway: Gateway, token: str) -> Client:
    return Client(gateway.web_port or 0, token)


def issue(gateway: Gateway, name: str, *scopes: str) -> str:
    options = [f"--scope={scope}" for scope in scopes]
    command = [PHILAE, "tokens", "create", name, *options, "--data", str(gateway.data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.strip()


def found(client: Client, query: str = "") -> list[dict[str, Any]]:
    deliveries: list[dict[str, Any]] = client.get(f"{DELIVERIES}?{query}").json["deliveries"]
    return deliveries


def test_a_study_is_found_by_the_identifiers_it_came_with_and_left_with(client: Client, sent: list[Scan]) -> None:
    original = sent[0].slots.study_instance_uid

    came = found(client, f"study={original}&status=sent")
    left = found(client, f"study={came[0]['sent_study_instance_uid']}&status=sent")

    assert {each["sop_instance_uid"] for each in came} == {scan.uid for scan in sent[:2]}
    assert [each["name"] for each in left] == [each["name"] for each in came]


def test_pages_follow_each_other_without_gap_or_repeat(client: Client) -> None:
    names, after = [], ""
    while True:
        page = client.get(f"{DELIVERIES}?limit=3{after}").json
        names += [each["name"] for each in page["deliveries"]]
        if page["after"] is None:
            break
        after = f"&after={page['after']}"

    assert len(names) == len(set(names)) == 8
    assert client.get(f"{DELIVERIES}/count").json == {"count": 8, "at_least": False}


def test_a_token_without_the_scope_sees_no_identifier_and_cannot_guess_one(
    gateway: Gateway, client: Client, sent: list[Scan]
) -> None:
    blind = Client(client.port, issue(gateway, "blind", "deliveries"))

    answer = blind.get(f"{DELIVERIES}?limit=100")
    one = blind.get(f"{DELIVERIES}/{answer.json['deliveries'][0]['name']}")

    assert answer.status == one.status == 200
    assert not [value for scan in sent for value in scan.identifying if value in answer.body + one.body]
    assert blind.get(f"{DELIVERIES}?patient={sent[0].slots.patient_id}").status == 403
    assert blind.get(f"{DELIVERIES}/export.csv").status == 403


def test_held_deliveries_tell_why_and_what_to_do(client: Client) -> None:
    held = found(client, "status=held")

    assert {each["destination"] for each in held} == {"holds"}
    assert all(each["reason"] and each["next_step"] for each in held)


def test_the_export_holds_every_delivery(client: Client) -> None:
    answer = client.get(f"{DELIVERIES}/export.csv?delimiter=%3B")

    rows = list(csv.DictReader(io.StringIO(answer.body.decode()), delimiter=";"))
    assert len(rows) == 8
    assert {row["state"] for row in rows} == {"sent", "held"}


def test_what_is_held_can_be_released_and_given_up(gateway: Gateway, client: Client) -> None:
    first, *rest = [each["name"] for each in found(client, "status=held")]
    body = f'{{"deliveries": ["{first}"]}}'

    released = client.request("POST", f"{DELIVERIES}/release", body, JSON)
    gateway.settled()
    given_up = client.request(
        "POST", f"{DELIVERIES}/discard", '{"filters": {"status": ["held"]}, "reason": "no consent"}', JSON
    )

    assert released.json == {"requeued": 1}
    assert given_up.json == {"discarded": 1 + len(rest)}
    assert "no consent" in client.get(f"{DELIVERIES}/{first}").json["reason"]
    actions = [each["action"] for each in client.get("/api/v1/audit").json["events"]]
    assert actions[:2] == ["deliveries.discarded", "deliveries.requeued"]


@pytest.mark.parametrize(
    "path, status",
    [
        ("/nonsense", 422),
        ("/ffff-1", 404),
        ("?status=unknown", 422),
        ("?limit=0", 422),
        ("?after=x", 422),
        ("?since=yesterday", 422),
        ("?unknown=1", 422),
        ("/export.csv?delimiter=ab", 422),
    ],
)
def test_nonsense_is_refused_with_a_problem(client: Client, path: str, status: int) -> None:
    answer = client.get(f"{DELIVERIES}{path}")

    assert (answer.status, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json["title"]

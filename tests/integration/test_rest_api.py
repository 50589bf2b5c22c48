"""The REST API of a gateway that runs."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

from tests.support.archives import until
from tests.support.documents import PROJECT, document, node, to_dicom, to_folder
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.http import Client
from tests.support.scans import scans
from tests.support.senders import send

CONFIGURATION = "/api/v1/configuration"
YAML = {"Content-Type": "application/yaml"}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out"))), web_port=free_port()) as running:
        yield running


def client(gateway: Gateway, *scopes: str, name: str = "test") -> Client:
    options = [f"--scope={scope}" for scope in scopes]
    command = [PHILAE, "tokens", "create", name, *options, "--data", str(gateway.data)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return Client(gateway.web_port or 0, done.stdout.strip())


def test_status_is_what_the_command_prints(gateway: Gateway, tmp_path: Path) -> None:
    send(gateway.port, [scan.path for scan in scans(tmp_path / "sent", slices=2)])
    gateway.settled()

    answer = client(gateway, "status").get("/api/v1/status")

    assert answer.json["instances"] == {"accepted": 2}
    assert answer.json["deliveries"]["sent"] == 2
    assert answer.json["deliveries"]["opened"] == 2


def test_metrics_hold_the_accounting_identity(gateway: Gateway, tmp_path: Path) -> None:
    send(gateway.port, [scan.path for scan in scans(tmp_path / "sent", slices=2)])
    gateway.settled()

    text = client(gateway, "status").get("/metrics").body.decode()

    samples = [each for family in text_string_to_metric_families(text) for each in family.samples]
    opened = sum(each.value for each in samples if each.name == "philae_deliveries_opened_total")
    by_state = {each.labels["state"]: each.value for each in samples if each.name == "philae_deliveries"}
    assert opened == sum(by_state.values()) == 2
    assert by_state["sent"] == 2


def test_a_document_that_was_read_can_be_put_back_unchanged(gateway: Gateway) -> None:
    configurer = client(gateway, "configure")
    read = configurer.get(CONFIGURATION)

    answer = configurer.request("PUT", CONFIGURATION, read.body, YAML | {"If-Match": read.headers["etag"]})

    assert answer.json == {"version": 1, "changed": False}


def test_secrets_do_not_leave_and_are_not_lost(gateway: Gateway, tmp_path: Path) -> None:
    configurer = client(gateway, "configure")
    read = configurer.get(CONFIGURATION)
    assert PROJECT["secret"].encode() not in read.body
    changed = yaml.safe_load(read.body)
    changed["forward_nodes"][0]["destinations"][0]["path"] = str(tmp_path / "elsewhere")

    assert configurer.request("PUT", CONFIGURATION, yaml.safe_dump(changed), YAML).json["changed"] is True

    exported = subprocess.run(
        [PHILAE, "projects", "list", "--json", "--data", str(gateway.data)], capture_output=True, text=True, check=True
    )
    assert exported.returncode == 0


def test_a_change_is_in_the_audit_trail_with_who_made_it(gateway: Gateway, tmp_path: Path) -> None:
    both = client(gateway, "configure", "audit", name="integrator")
    new = document(node(to_folder(tmp_path / "out"), to_folder(tmp_path / "second", "second")))

    both.request("PUT", CONFIGURATION, new, YAML)

    (event,) = [each for each in both.get("/api/v1/audit").json["events"] if each["action"] == "configuration.applied"]
    assert event["actor"] == "token integrator"
    assert "second" in event["after"]
    assert "second" not in event["before"]
    assert PROJECT["secret"] not in event["after"]


def test_two_people_do_not_overwrite_each_other(gateway: Gateway, tmp_path: Path) -> None:
    configurer = client(gateway, "configure")
    tag = configurer.get(CONFIGURATION).headers["etag"]
    first, second = (document(node(to_folder(tmp_path / name))) for name in ("first", "second"))

    assert configurer.request("PUT", CONFIGURATION, first, YAML | {"If-Match": tag}).status == 200
    conflict = configurer.request("PUT", CONFIGURATION, second, YAML | {"If-Match": tag})

    assert conflict.status == 412
    assert str(tmp_path / "first") in configurer.get(CONFIGURATION).body.decode()


def test_every_fault_of_a_document_is_told_and_nothing_changes(gateway: Gateway) -> None:
    configurer = client(gateway, "configure")
    faulty = "forward_nodes:\n- ae_title: PHILAE\n  colour: red\n  destinations:\n  - {name: x, kind: balloon}\n"

    answer = configurer.request("PUT", CONFIGURATION, faulty, YAML)

    assert answer.status == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [(each["line"], each["path"]) for each in answer.json["faults"]] == [
        (3, "forward_nodes[0].colour"),
        (5, "forward_nodes[0].destinations[0].kind"),
    ]
    assert configurer.get(CONFIGURATION).headers["etag"] == '"1"'


def test_a_document_from_the_network_cannot_read_files_of_the_gateway(gateway: Gateway) -> None:
    answer = client(gateway, "configure").request("POST", f"{CONFIGURATION}/check", "profiles: [{file: /etc/passwd}]")

    assert answer.status in (415, 422)
    answer = client(gateway, "configure", name="again").request(
        "POST", f"{CONFIGURATION}/check", "profiles: [{file: /etc/passwd}]", YAML
    )
    assert answer.status == 422
    assert "root:" not in answer.body.decode()
    assert "files cannot be named here" in answer.json["faults"][0]["message"]


def test_destinations_are_echoed_as_karnak_does(gateway: Gateway) -> None:
    both = client(gateway, "configure", "status")
    receiving = node(to_dicom(gateway.port, "itself", ae_title="ECHOED"), ae_title="ECHOED")
    deaf = node(to_dicom(free_port(), "nobody"), ae_title="DEAF")
    both.request("PUT", CONFIGURATION, document(receiving, deaf), YAML)

    echoed = [{"aet": "ECHOED", "status": 0}]
    until(lambda: both.get("/api/echo/destinations?srcAet=ECHOED").json == echoed, "the intake knows the new node")
    assert both.get("/api/echo/destinations?srcAet=DEAF").json == [{"aet": "ARCHIVE", "status": 0x0122}]
    assert both.get("/api/echo/destinations?srcAet=NOBODY").status == 204
    assert b"<aet>ECHOED</aet>" in both.get("/api/echo/destinations?srcAet=ECHOED", Accept="application/xml").body


@pytest.mark.parametrize(
    "path", ["/api/v1/status", CONFIGURATION, "/api/v1/audit", "/api/v1/tokens", "/metrics", "/api/echo/destinations"]
)
def test_nothing_is_told_without_a_token_of_the_right_scope(gateway: Gateway, path: str) -> None:
    other = client(gateway, "send")

    assert Client(other.port).get(path).status == 401
    assert Client(other.port, "philae_guess").get(path).status == 401
    assert other.get(path).status == 403


def test_a_revoked_token_is_refused_at_once(gateway: Gateway) -> None:
    reader = client(gateway, "status", name="left")
    assert reader.get("/api/v1/status").status == 200

    subprocess.run([PHILAE, "tokens", "revoke", "left", "--data", str(gateway.data)], check=True, capture_output=True)

    assert reader.get("/api/v1/status").status == 401


def test_health_needs_no_token_and_says_nothing_else(gateway: Gateway) -> None:
    anyone = Client(gateway.web_port or 0)

    assert anyone.get("/healthz").json == {"status": "ok"}
    assert anyone.get("/readyz").json == {"status": "ok"}


def test_every_answer_forbids_scripts_from_elsewhere(gateway: Gateway) -> None:
    answer = Client(gateway.web_port or 0).get("/healthz")

    assert answer.headers["content-security-policy"].startswith("default-src 'self'")
    assert answer.headers["x-content-type-options"] == "nosniff"

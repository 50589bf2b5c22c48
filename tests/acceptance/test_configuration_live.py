"""The configuration changes while the gateway runs: nobody restarts anything, nothing waits unseen."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from philae.dicom.part10 import read_meta
from philae.dimse.requestor import Association, ProposedContext
from philae.pipeline.outcome import State
from tests.support.archives import Recorder, until
from tests.support.deliveries import deliveries, spool_files
from tests.support.documents import PROJECT, document, node, to_dicom, to_folder
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.scans import Scan, scans
from tests.support.senders import address, send

INSTANCES = 4
MR = "1.2.840.10008.5.1.4.1.1.4"


def philae(gateway: Gateway, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [PHILAE, *arguments, "--data", str(gateway.data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def apply(gateway: Gateway, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    file = gateway.data.parent / "new.yml"
    file.write_text(text)
    return philae(gateway, "config", "apply", str(file), *options)


def export(gateway: Gateway) -> str:
    exported = philae(gateway, "config", "export")
    assert exported.returncode == 0, exported.stderr
    return exported.stdout


@pytest.fixture
def sent(tmp_path: Path) -> list[Scan]:
    return scans(tmp_path / "sent", slices=INSTANCES)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    with Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out", "first")))) as running:
        yield running


@pytest.fixture
def configured(tmp_path: Path) -> Gateway:
    """A gateway that does not run."""
    stopped = Gateway(tmp_path / "data", document(node(to_folder(tmp_path / "out", "first"))))
    assert apply(stopped, stopped.document).returncode == 0
    return stopped


def counts(gateway: Gateway, to: str) -> dict[State, int]:
    found = [each.state for each in deliveries(gateway.data, to=to)]
    return {state: found.count(state) for state in set(found)}


def test_a_new_destination_gets_the_instances_of_the_next_association(gateway: Gateway, sent: list[Scan]) -> None:
    out = gateway.data.parent / "out"
    two = document(node(to_folder(out, "first"), to_folder(out / "more", "second")))
    context = [ProposedContext(MR, ("1.2.840.10008.1.2.1",))]
    with Association.connect(address(gateway.port), context) as began_before:
        assert apply(gateway, two).returncode == 0
        data = sent[0].path.read_bytes()
        offset = read_meta(data).dataset_offset
        began_before.send_store(1, MR, sent[0].uid, [data[offset:]], length=len(data) - offset)
        assert began_before.store_response().status == 0x0000
    send(gateway.port, [scan.path for scan in sent[1:]])
    gateway.settled()

    assert counts(gateway, "first") == {State.SENT: INSTANCES}
    assert counts(gateway, "second") == {State.SENT: INSTANCES - 1}


def test_what_waits_for_a_removed_destination_fails_with_a_reason(gateway: Gateway, sent: list[Scan]) -> None:
    out = gateway.data.parent / "out"
    assert apply(gateway, document(node(to_folder(out, "first"), to_dicom(free_port(), "dead")))).returncode == 0
    send(gateway.port, [scan.path for scan in sent])
    until(lambda: counts(gateway, "first") == {State.SENT: INSTANCES}, "the folder has everything")
    assert counts(gateway, "dead") == {State.QUEUED: INSTANCES}

    assert apply(gateway, document(node(to_folder(out, "first")))).returncode == 0
    found = gateway.settled()

    assert found["failed"] == INSTANCES
    assert {each.detail for each in deliveries(gateway.data, to="dead")} == {
        "the destination was removed from the configuration; add it again, then retry"
    }
    assert len(spool_files(gateway.data)) == INSTANCES


def test_a_corrected_address_drains_the_queue_of_a_dead_destination(gateway: Gateway, sent: list[Scan]) -> None:
    dead = to_dicom(free_port(), "archive", retry={"base_s": 2, "cap_s": 300})
    assert apply(gateway, document(node(dead))).returncode == 0
    send(gateway.port, [scan.path for scan in sent])
    until(lambda: "destination.unreachable" in gateway.log, "the gateway has tried")

    with Recorder() as receiver:
        assert apply(gateway, document(node({**dead, "port": receiver.port}))).returncode == 0
        found = gateway.settled()

    assert found["sent"] == INSTANCES
    assert [taken.instance_number for taken in receiver.taken] == list(range(1, INSTANCES + 1))


def test_a_faulty_document_is_refused_with_every_fault_and_changes_nothing(gateway: Gateway) -> None:
    before = export(gateway)
    faulty = """\
projects:
  - {name: Trial, profile: Unknown, secret: short}
forward_nodes:
  - ae_title: TOO_LONG_AN_AE_TITLE
    destinations:
      - {name: a, kind: dicom, ae_title: X, hostname: h, port: 99999}
      - {name: a, kind: folder, path: out, deidentify: {project: Nowhere}}
      - {name: b, kind: pigeon}
"""

    refused = apply(gateway, faulty)

    assert refused.returncode == 2
    lines = refused.stderr.splitlines()
    assert all("new.yml" in line for line in lines)
    for line, path in (
        (2, "projects[0].profile"),
        (2, "projects[0].secret"),
        (4, "forward_nodes[0].ae_title"),
        (6, "forward_nodes[0].destinations[0].port"),
        (7, "forward_nodes[0].destinations[1].name"),
        (7, "forward_nodes[0].destinations[1].deidentify.project"),
        (8, "forward_nodes[0].destinations[2].kind"),
    ):
        assert [each for each in lines if path in each and str(line) in each], f"{path} in line {line}: {lines}"
    assert export(gateway) == before


def test_a_dry_run_and_what_was_exported_change_nothing(configured: Gateway) -> None:
    exported = export(configured)

    tried = apply(configured, document(node(ae_title="OTHER")), "--dry-run")
    applied = apply(configured, exported)

    assert tried.returncode == applied.returncode == 0
    assert "version 1 " in applied.stderr
    assert export(configured) == exported
    written: dict[str, Any] = yaml.safe_load(exported)
    without_secret = {key: value for key, value in PROJECT.items() if key != "secret"}
    assert written["projects"] == [without_secret]

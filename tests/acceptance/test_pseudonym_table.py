"""Patients whom the table does not know wait; when they are added their instances go on, and by no other way."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pydicom
import pytest

from philae.pipeline.outcome import State
from tests.support.archives import until
from tests.support.datasets import encode, make_dataset
from tests.support.deliveries import deliveries
from tests.support.documents import PROJECT, document, node, to_folder
from tests.support.gateway import PHILAE, Gateway
from tests.support.senders import store

BY_TABLE = {"project": "Trial", "pseudonym": {"kind": "table"}}


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    text = document(node(to_folder(tmp_path / "out", deidentify=BY_TABLE)))
    with Gateway(tmp_path / "data", text) as running:
        yield running


def philae(gateway: Gateway, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [PHILAE, *arguments, "--data", str(gateway.data)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


def states(gateway: Gateway) -> list[State]:
    return [each.state for each in deliveries(gateway.data)]


def names(folder: Path) -> set[str]:
    return {str(pydicom.dcmread(file).PatientName) for file in folder.rglob("*.dcm")}


def test_instances_wait_for_their_pseudonym_and_then_go_on(gateway: Gateway, tmp_path: Path) -> None:
    for number, patient_id in enumerate(["KNOWN-1", "KNOWN-1", "LATER-2"]):
        uid = f"1.2.3.{number + 1}"
        assert store(gateway.port, encode(make_dataset(uid, PatientID=patient_id)), uid).status == 0
    until(lambda: states(gateway) == [State.HELD] * 3, "all are held")
    assert "table of project 'Trial'" in deliveries(gateway.data)[0].detail

    table = tmp_path / "table.csv"
    table.write_text("patient_id,pseudonym\nKNOWN-1,STUDY-001\n")
    imported = philae(gateway, "pseudonyms", "import", str(table), "--project", "Trial")
    until(lambda: states(gateway) == [State.SENT, State.SENT, State.HELD], "what was imported goes on")
    added = philae(gateway, "pseudonyms", "add", "LATER-2", "STUDY-002", "--project", "Trial")
    until(lambda: states(gateway) == [State.SENT] * 3, "what was added goes on")

    assert imported.stdout == "1 pseudonyms are in the table; 2 deliveries go on\n"
    assert added.stdout == "added; 1 deliveries go on\n"
    assert names(tmp_path / "out") == {"STUDY-001", "STUDY-002"}
    assert "KNOWN-1" not in gateway.log


def test_secrets_lie_nowhere_in_clear(gateway: Gateway) -> None:
    secret = PROJECT["secret"].encode()

    found = [path for path in gateway.data.rglob("*") if path.is_file() and secret in path.read_bytes()]

    assert found == []
    assert (gateway.data / "secret.key").stat().st_mode & 0o077 == 0

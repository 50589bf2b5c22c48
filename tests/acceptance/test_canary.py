"""A marker in identifying values, sent in every way that goes right or wrong, turns up only where it may."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pydicom
import pytest
import sqlalchemy as sa
from pydicom.sequence import Sequence

from philae.pipeline.outcome import State
from philae.store.database import Database, sqlite_url
from philae.store.tables import metadata
from tests.support.archives import Recorder, until
from tests.support.association import request_bytes, store_bytes
from tests.support.datasets import encode, make_dataset, nested
from tests.support.deliveries import deliveries
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.senders import store
from tests.support.smtp import Mailbox, mail_server
from tests.support.wire import Wire

MARKER = "ZKANARI"
HELD = ("Patient ID (0010,0020) is absent", "the dataset cannot be read")
VALUES = ["PatientID", "StudyDescription", "StudyDate", "StudyInstanceUID"]
UID_MARKER = "1.2.826.0.1.3680043.10.5318008"
NOTIFY = {"emails": "a@hospital.example", "interval_s": 1, "subject": "%s %s %s %s", "values": VALUES}
MARKERS = (MARKER.encode(), UID_MARKER.encode(), MARKER.encode("utf-16-le"))


def dataset(number: int, **changes: object) -> pydicom.Dataset:
    """Every identifying value holds a marker; dates and numbers hold it where none belongs."""
    other = pydicom.Dataset()
    other.PatientID = MARKER
    values: dict[str, object] = {
        "AccessionNumber": MARKER,
        "IssuerOfPatientID": MARKER,
        "PatientName": f"{MARKER}^Max",
        "PatientID": f"{MARKER}-4711",
        "ReferringPhysicianName": f"{MARKER}^Rita",
        "InstitutionName": f"Hospital {MARKER}",
        "StudyID": MARKER,
        "PatientComments": f"knows {MARKER}",
        "StudyInstanceUID": f"{UID_MARKER}.100",
        "SeriesInstanceUID": f"{UID_MARKER}.200",
        "OtherPatientIDsSequence": Sequence([other]),
        "ContentSequence": nested(3, MARKER),
        "StudyDescription": f"Study of {MARKER}",
    }
    marked = make_dataset(f"{UID_MARKER}.{number}", **{**values, **changes})
    marked.private_block(0x0009, f"{MARKER} PRIVATE", create=True).add_new(0x01, "LO", MARKER)
    return marked


@dataclass(frozen=True)
class Traces:
    """What a gateway left behind after the run."""

    gateway: Gateway
    clean: Path
    statuses: list[int]
    said: bytes
    mailbox: Mailbox


def send_all(gateway: Gateway) -> list[int]:
    def answer(number: int, encoded: bytes, announced: str = "") -> int:
        return store(gateway.port, encoded, announced or f"{UID_MARKER}.{number}").status

    broken = encode(dataset(5))
    statuses = [
        answer(1, encode(dataset(1))),
        answer(2, encode(dataset(2, PatientID=None))),
        answer(3, encode(dataset(3))[:-100]),
        answer(4, encode(dataset(4)), announced=f"{UID_MARKER}.99"),
        answer(5, MARKERS[0] * 100),
        answer(6, encode(dataset(6)), announced=MARKER),
        answer(7, encode(dataset(7)).replace(b"20240314", b"ZKANARI!")),
    ]
    with Wire(gateway.port, request_bytes()) as wire:
        wire.receive()
        wire.send(store_bytes(broken, uid=f"{UID_MARKER}.5")[:-50])
    with Wire(gateway.port, request_bytes()) as wire:
        wire.receive()
        wire.send(MARKERS[0] * 100)
        wire.last_words()
    return statuses


@pytest.fixture(scope="module")
def traces(tmp_path_factory: pytest.TempPathFactory) -> Traces:
    root = tmp_path_factory.mktemp("canary")
    with Recorder(answer=lambda _: 0xA900, comment=f"{MARKER} is not welcome") as refusing, mail_server() as mailbox:
        nodes = node(
            to_folder(root / "clean", "clean", notify=NOTIFY),
            to_folder(root / "plain", "plain", deidentify=None),
            to_dicom(refusing.port, "refusing", deidentify=None),
            to_dicom(free_port(), "dead", deidentify=None),
        )
        environment = {
            "PHILAE_LOG_LEVEL": "debug",
            "PHILAE_MAIL_HOST": "127.0.0.1",
            "PHILAE_MAIL_PORT": str(mailbox.port),
            "PHILAE_MAIL_SECURITY": "none",
            "PHILAE_MAIL_FROM": "philae@hospital.example",
            "PHILAE_ALARM_EMAILS": "ops@hospital.example",
        }
        with Gateway(root / "data", document(nodes), environment=environment) as gateway:
            statuses = send_all(gateway)
            waits = {State.QUEUED, State.SENDING}
            until(
                lambda: not [d for d in deliveries(gateway.data) if d.state in waits and d.destination != "dead"],
                "only the dead destination is waited for",
            )
            until(lambda: all(each in mailbox.text for each in HELD), "somebody was told of what is held")
            until(lambda: "are held" in mailbox.text, "there was an alarm")
            said = b"".join(
                subprocess.run(
                    [PHILAE, "status", "--data", gateway.data, *as_json], capture_output=True, check=True
                ).stdout
                for as_json in ([], ["--json"])
            )
    return Traces(gateway, root / "clean", statuses, said, mailbox)


def marked(content: bytes) -> bool:
    return any(marker in content for marker in MARKERS)


def test_the_run_went_right_and_wrong(traces: Traces) -> None:
    assert traces.statuses == [0x0000, 0x0000, 0x0000, 0xA900, 0xC000, 0x0117, 0x0000]
    states = {(each.destination, each.state) for each in deliveries(traces.gateway.data)}
    assert {("clean", State.SENT), ("clean", State.HELD), ("plain", State.SENT), ("refusing", State.FAILED)} <= states
    assert any(MARKER in each.detail for each in deliveries(traces.gateway.data, to="refusing"))


def test_logs_hold_no_marker(traces: Traces) -> None:
    log = traces.gateway.log

    assert "instance.refused" in log
    assert "destination.unreachable" in log
    assert not [line for line in log.splitlines() if marked(line.encode())]


def test_log_files_hold_no_marker_and_the_clinical_one_only_uids(traces: Traces) -> None:
    logs = traces.gateway.data / "logs"
    clinical = (logs / "clinical.log").read_text()

    assert "instance.refused" in (logs / "philae.log").read_text()
    assert not marked((logs / "philae.log").read_bytes())
    assert f'"sop_instance_uid":"{UID_MARKER}.1"' in clinical
    assert MARKER not in clinical
    assert len(clinical.splitlines()) == len([path for path in traces.clean.rglob("*") if path.is_file()])


def test_mails_hold_no_marker(traces: Traces) -> None:
    told = traces.mailbox.text

    assert "transferred" in told
    assert "**ERROR** " in told
    assert "[Philae] ALARM" in told
    assert not [line for line in told.splitlines() if marked(line.encode())]


def test_the_status_holds_no_marker(traces: Traces) -> None:
    assert b"clean" in traces.said
    assert not marked(traces.said)


def test_the_run_folder_and_file_names_hold_no_marker(traces: Traces) -> None:
    data = traces.gateway.data
    files = [path for path in (data / "run").rglob("*") if path.is_file()]

    assert not [path for path in files if marked(path.read_bytes())]
    assert not [path for path in data.rglob("*") if marked(str(path.relative_to(data)).encode())]


def test_no_column_holds_a_marker_unless_it_says_so(traces: Traces) -> None:
    database = Database(sqlite_url(traces.gateway.data / "philae.db"))
    found: dict[bool, set[str]] = {True: set(), False: set()}
    with database.read() as connection:
        for table in metadata.sorted_tables:
            for column in table.columns:
                values = connection.scalars(sa.select(column)).all()
                if any(marked(value if isinstance(value, bytes) else str(value).encode()) for value in values):
                    found["identifying" in column.info].add(f"{table.name}.{column.name}")
    database.close()

    assert {"instance.patient_id", "instance.sop_instance_uid", "delivery.detail"} <= found[True]
    assert not found[False]


def test_what_the_deidentifying_destination_wrote_holds_no_marker(traces: Traces) -> None:
    written = [path for path in traces.clean.rglob("*") if path.is_file()]

    assert written
    assert not [path for path in written if marked(path.read_bytes()) or marked(str(path).encode())]

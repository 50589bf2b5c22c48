"""Several senders through the whole gateway to receivers that other people wrote."""

from __future__ import annotations

from pathlib import Path

from tests.support.archives import Orthanc, Storescp, until
from tests.support.deliveries import spool_files
from tests.support.documents import document, node, to_dicom, to_folder
from tests.support.gateway import Gateway
from tests.support.scans import Scan, assert_deidentified, scans
from tests.support.senders import finished, storescu

SENDERS = 4
SLICES = 6
SIZE = 512


def studies(folder: Path) -> list[Scan]:
    """One patient with two series for each sender."""
    return scans(folder, patients=SENDERS, series=2, slices=SLICES, size=SIZE)


def send_at_once(gateway: Gateway, sent: list[Scan]) -> None:
    share = len(sent) // SENDERS
    paths = [scan.path for scan in sent]
    finished([storescu(gateway.port, paths[start : start + share]) for start in range(0, len(sent), share)])


def test_all_of_four_senders_arrives_at_storescp_and_in_a_folder_without_identity(tmp_path: Path) -> None:
    sent = studies(tmp_path / "sent")
    with (
        Storescp(tmp_path / "received") as receiver,
        Gateway(tmp_path / "data", document(node(to_dicom(receiver.port), to_folder(tmp_path / "out")))) as gateway,
    ):
        send_at_once(gateway, sent)
        counts = gateway.settled()
        until(lambda: not spool_files(gateway.data), "the spool is empty")
        status = gateway.status()

    assert status["instances"]["accepted"] == len(sent)
    assert counts["sent"] == counts["opened"] == 2 * len(sent)
    assert_deidentified(receiver.files(), sent)
    assert_deidentified(list((tmp_path / "out").rglob("*.dcm")), sent)
    assert not list((tmp_path / "out").rglob("*.part"))


def test_all_of_four_senders_arrives_at_orthanc_without_identity(tmp_path: Path) -> None:
    sent = studies(tmp_path / "sent")
    with (
        Orthanc(tmp_path / "orthanc") as receiver,
        Gateway(tmp_path / "data", document(node(to_dicom(receiver.port)))) as gateway,
    ):
        send_at_once(gateway, sent)
        counts = gateway.settled()
        received = receiver.fetch(tmp_path / "received")
        count = receiver.count()

    assert counts["sent"] == counts["opened"] == len(sent)
    assert count == len(sent)
    assert_deidentified(received, sent)

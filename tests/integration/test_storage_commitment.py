"""Our copy of an instance stays until the archive has committed itself to keep it (PS3.4 annex J)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.archives import Orthanc, until
from tests.support.committing import CommittingArchive, report_of, send_report
from tests.support.documents import document, node, to_dicom
from tests.support.gateway import Gateway, free_port
from tests.support.scans import scans
from tests.support.senders import finished, storescu

UNKNOWN_TRANSACTION = 0x0115
NO_SUCH_OBJECT_INSTANCE = 0x0112
REJECTED = -1


def gateway_to(folder: Path, port: int, own_port: int | None = None, **more: Any) -> Gateway:
    """Its node takes from CT01 alone: that an archive may report does not make it a source."""
    archive = to_dicom(port, storage_commitment=True, **more)
    text = document(node(archive, sources=[{"ae_title": "CT01"}]))
    return Gateway(folder / "data", text, port=own_port or free_port())


def copies(gateway: Gateway) -> int:
    """Files in its spool."""
    return sum(path.is_file() for path in (gateway.data / "spool").rglob("*"))


def awaited(gateway: Gateway) -> dict[str, Any]:
    """What `philae status` says of storage commitment."""
    nodes: Any = gateway.status()["nodes"]
    found: dict[str, Any] = nodes[0]["destinations"][0].get("storage_commitment", {})
    return found


def test_orthanc_commits_itself_on_an_association_of_its_own(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=1, series=1, slices=3, size=16)
    port = free_port()

    with (
        Orthanc(tmp_path / "orthanc", modalities={"gateway": ["PHILAE", "127.0.0.1", port]}) as orthanc,
        gateway_to(tmp_path, orthanc.port, port) as gateway,
    ):
        finished([storescu(gateway.port, [scan.path for scan in sent])])
        counts = gateway.settled()
        until(lambda: copies(gateway) == 0, "Orthanc has committed itself")
        left = awaited(gateway)

    assert counts["sent"] == len(sent)
    assert left == {}


def test_our_copies_survive_a_kill_and_silence_and_what_the_archive_has_lost_is_sent_again(tmp_path: Path) -> None:
    sent = scans(tmp_path / "sent", patients=1, series=1, slices=2, size=16)

    with (
        CommittingArchive(judge=lambda _: None) as archive,
        gateway_to(tmp_path, archive.port, commitment_timeout_s=0.5) as gateway,
    ):
        finished([storescu(gateway.port, [scan.path for scan in sent])])
        gateway.settled()
        until(lambda: sum(len(uids) for _, uids in archive.requests) >= 3 * len(sent), "it is asked again")
        gateway.kill()
        gateway.start()
        kept = copies(gateway), awaited(gateway)["instances"]

        first, second = archive.stored
        asked_in = next(transaction for transaction, uids in archive.requests if first in uids)
        stranger = send_report(gateway.port, report_of("2.25.1", archive.stored))
        uninvited = send_report(gateway.port, report_of(asked_in, archive.stored), calling="OTHER")
        late = send_report(
            gateway.port, report_of(asked_in, [second], {first: NO_SUCH_OBJECT_INSTANCE}), selects_role=False
        )
        until(lambda: archive.stored == [first, second, first], "what it has lost is sent again")
        archive.judge = lambda _: 0
        until(lambda: copies(gateway) == 0, "it has committed itself on the association of a request")
        counts = gateway.settled()

    assert kept == (2, 2)
    assert (stranger, uninvited, late) == (UNKNOWN_TRANSACTION, REJECTED, 0)
    assert (counts["sent"], counts["failed"]) == (len(sent), 0)
    assert len({uid for uid, _ in archive.requests}) == len(archive.requests)

"""Which certificates are watched."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme

from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.config.tls import ClientTls
from philae.destinations.dicom import DicomSettings
from philae.notifications.certificates import certificates


def certificate(path: Path, days: int) -> Path:
    issued = trustme.CA().issue_cert("a.example", not_after=datetime.now(UTC) + timedelta(days=days))
    issued.cert_chain_pems[0].write_to_path(path)
    return path


def test_own_files_and_those_of_destinations_are_watched_once_each(tmp_path: Path) -> None:
    own, theirs = certificate(tmp_path / "own.pem", 5), certificate(tmp_path / "theirs.pem", 50)
    tls = ClientTls(authority=theirs, certificate=own, key=tmp_path / "own.key")
    settings = DicomSettings(ae_title="A", hostname="h", port=104, tls=tls)
    node = ForwardNode(ae_title="N", destinations=(Destination(name="out", settings=settings),))

    found = list(certificates([own, None], [theirs, None], Configuration(forward_nodes=(node,))))

    days = {each.file: (each.ends_at - datetime.now(UTC)).days for each in found}
    assert days == {"own.pem": 4, "theirs.pem": 49}


def test_a_file_that_is_no_certificate_is_passed_by(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no certificate")

    assert list(certificates([tmp_path / "text"], [tmp_path / "missing"], Configuration())) == []


def test_a_chain_ends_with_its_first_certificate_and_authorities_with_their_last(tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(b"".join(certificate(tmp_path / f"{days}.pem", days).read_bytes() for days in (5, 50)))

    (chain,) = certificates([both], [], Configuration())
    (choice,) = certificates([], [both], Configuration())

    assert [(each.ends_at - datetime.now(UTC)).days for each in (chain, choice)] == [4, 49]

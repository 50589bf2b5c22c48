"""DICOM over TLS, out to DCMTK and to our own acceptor, and in through a whole gateway."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from philae.destinations.dicom import DicomSender, DicomSettings
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import State, TryAgain
from tests.support.documents import document, node, to_folder
from tests.support.gateway import PHILAE, Gateway, free_port
from tests.support.lanes import ANSWER, ct_dataset, make_node, outgoing_of
from tests.support.listening import certificates, run, storescp, write_instance
from tests.support.receivers import Receiver, delivered, receiving


def sent(port: int, tls: dict[str, object]) -> list[ANSWER]:
    settings = {"ae_title": "ARCHIVE", "hostname": "127.0.0.1", "port": port, "tls": tls}
    sender = DicomSender(DicomSettings.model_validate(settings), make_node())
    try:
        return delivered(sender, outgoing_of(1, ct_dataset()))
    finally:
        sender.close()


def test_an_instance_goes_to_storescp_with_certificates_on_both_sides(tmp_path: Path) -> None:
    keys = certificates(tmp_path)
    options = ("+B", "+tls", *keys.server_files, "-pw", "+cf", keys.authority_file, "-rc")

    with storescp(tmp_path / "received", *options) as port:
        (answer,) = sent(port, {**keys.settings})

    assert answer == Receipt(State.SENT, "0000H success", "0000H")
    assert len(list((tmp_path / "received").iterdir())) == 1


def test_the_receiver_learns_our_name_from_the_certificate(tmp_path: Path) -> None:
    keys, receiver = certificates(tmp_path), Receiver()

    with receiving(receiver, tls=keys.server) as port:
        sent(port, {**keys.settings})

    assert [peer.tls_subject for peer in receiver.peers] == ["modality"]


def test_a_receiver_of_another_authority_is_sent_nothing(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    receiver = Receiver()

    with receiving(receiver, tls=certificates(tmp_path).server) as port, pytest.raises(TryAgain, match="verify failed"):
        sent(port, {**certificates(tmp_path / "other").settings})

    assert receiver.requests == []


def test_without_our_certificate_a_receiver_that_asks_for_one_takes_nothing(tmp_path: Path) -> None:
    keys, receiver = certificates(tmp_path), Receiver()

    with receiving(receiver, tls=keys.server) as port, pytest.raises(TryAgain):
        sent(port, {"authority": keys.authority_file})

    assert receiver.requests == []


def test_an_expired_certificate_of_the_receiver_is_said_as_such(tmp_path: Path) -> None:
    authority, keys = trustme.CA(), certificates(tmp_path)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = authority.issue_cert("127.0.0.1", not_before=yesterday - timedelta(days=1), not_after=yesterday)
    expired.configure_cert(keys.server)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")

    with receiving(Receiver(), tls=keys.server) as port, pytest.raises(TryAgain, match="certificate has expired"):
        sent(port, {"authority": str(tmp_path / "authority.pem")})


def test_the_name_in_the_certificate_counts_unless_switched_off(tmp_path: Path) -> None:
    authority, keys = trustme.CA(), certificates(tmp_path)
    authority.issue_cert("archive.example").configure_cert(keys.server)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    tls = {**keys.settings, "authority": str(tmp_path / "authority.pem")}

    with receiving(Receiver(), tls=keys.server) as port:
        with pytest.raises(TryAgain, match="IP address mismatch"):
            sent(port, {**tls})
        (answer,) = sent(port, {**tls, "check_hostname": False})

    assert isinstance(answer, Receipt)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_instance(tmp_path / "instance.dcm", "1.2.3.4")


def test_a_gateway_takes_associations_over_tls_beside_those_in_clear(tmp_path: Path, file: Path) -> None:
    keys, port = certificates(tmp_path), free_port()
    key, certificate = keys.server_files
    environment = {
        "PHILAE_DICOM_TLS_PORT": str(port),
        "PHILAE_DICOM_TLS_CERTIFICATE": certificate,
        "PHILAE_DICOM_TLS_KEY": key,
        "PHILAE_DICOM_TLS_AUTHORITY": keys.authority_file,
    }
    text = document(node(to_folder(tmp_path / "out", deidentify=None)))

    with Gateway(tmp_path / "data", text, environment=environment) as gateway:
        options = ("+tls", *keys.client_files, "-pw", "+cf", keys.authority_file, "-rc", "-aec", "PHILAE", "127.0.0.1")
        run("storescu", *options, str(port), str(file))
        with pytest.raises(AssertionError):
            run("storescu", "-aec", "PHILAE", "127.0.0.1", str(port), str(file))
        with pytest.raises(AssertionError):
            run("storescu", "+tla", "-ic", "-aec", "PHILAE", "127.0.0.1", str(port), str(file))
        run("storescu", "-aec", "PHILAE", "127.0.0.1", str(gateway.port), str(file))
        counts = gateway.settled()

    assert counts["opened"] == 2


def test_a_gateway_whose_certificate_has_expired_does_not_start(tmp_path: Path) -> None:
    yesterday = datetime.now(UTC) - timedelta(days=1)
    expired = trustme.CA().issue_cert("127.0.0.1", not_before=yesterday - timedelta(days=1), not_after=yesterday)
    expired.private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    environment = {
        "PHILAE_DICOM_PORT": str(free_port()),
        "PHILAE_DICOM_TLS_PORT": str(free_port()),
        "PHILAE_DICOM_TLS_CERTIFICATE": str(tmp_path / "own.pem"),
        "PHILAE_DICOM_TLS_KEY": str(tmp_path / "own.pem"),
    }

    done = subprocess.run(
        [PHILAE, "serve", "--data", str(tmp_path / "data")],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert "the certificate expired on" in done.stderr

"""Acceptors, ours and DCMTK's, listening on the loopback interface for the length of a test."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pydicom
import trustme
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID

from philae.dimse.acceptor import Acceptor
from philae.dimse.limits import Limits
from tests.support.association import CT, EXPLICIT_LE, Application

READY_S = 20.0


@contextmanager
def listening(
    application: Application, limits: Limits | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[tuple[int, Acceptor]]:
    """Port and acceptor."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = Acceptor(listener, lambda: application, limits or Limits(), tls)
        thread = Thread(target=acceptor.serve_forever)
        thread.start()
        try:
            yield listener.getsockname()[1], acceptor
        finally:
            acceptor.stop(drain_s=0)
            thread.join()


@contextmanager
def storescp(folder: Path, *options: str) -> Iterator[int]:
    """The port of a DCMTK storescp that writes into ``folder``."""
    folder.mkdir(exist_ok=True)
    port = free_port()
    command = ["/usr/bin/storescp", *options, "-od", str(folder), str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            await_listener(port, process)
            yield port
        finally:
            process.terminate()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def await_listener(port: int, process: subprocess.Popen[bytes]) -> None:
    wanted = f"{port:04X}"
    ends = time.monotonic() + READY_S
    while time.monotonic() < ends and process.poll() is None:
        sockets = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
        sockets += [line.split() for line in Path("/proc/net/tcp6").read_text().splitlines()[1:]]
        if any(fields[1].endswith(f":{wanted}") and fields[3] == "0A" for fields in sockets):
            return
        time.sleep(0.02)
    raise AssertionError(f"{process.args!r} does not listen")


def run(program: str, *arguments: str) -> str:
    """Runs a DCMTK tool; its output, after asserting that it succeeded."""
    done = subprocess.run([f"/usr/bin/{program}", *arguments], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def write_instance(path: Path, uid: str, size: int = 64) -> Path:
    """A small CT image whose pixels depend on its UID."""
    meta = FileMetaDataset()
    meta.TransferSyntaxUID = UID(EXPLICIT_LE)
    dataset = Dataset()
    dataset.file_meta = meta
    dataset.SOPClassUID = meta.MediaStorageSOPClassUID = UID(CT)
    dataset.SOPInstanceUID = meta.MediaStorageSOPInstanceUID = UID(uid)
    dataset.PatientID, dataset.PatientName = "1", "A^B"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = UID("1.2.3.1"), UID("1.2.3.2")
    dataset.Rows = dataset.Columns = size
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit, dataset.PixelRepresentation = 15, 0
    dataset.PixelData = (uid.encode() * size * size)[: 2 * size * size]
    dataset.save_as(path, enforce_file_format=True)
    return path


def dataset_bytes(path: Path) -> bytes:
    """The encoded dataset of a file, without preamble and file meta."""
    meta = pydicom.filereader.read_file_meta_info(path)
    return path.read_bytes()[132 + 12 + meta.FileMetaInformationGroupLength :]


def instances(folder: Path, count: int, size: int = 64) -> Sequence[Path]:
    return [write_instance(folder / f"{at}.dcm", f"1.2.3.4.{at}", size) for at in range(1, count + 1)]


@dataclass(frozen=True)
class Certificates:
    """One authority, a server and a client it vouches for, as contexts and as files."""

    server: ssl.SSLContext
    client: ssl.SSLContext
    authority_file: str
    server_files: tuple[str, str]
    """Key and certificate."""
    client_files: tuple[str, str]

    @property
    def settings(self) -> dict[str, str]:
        """Of a destination that knows the server and shows the client's certificate."""
        key, certificate = self.client_files
        return {"authority": self.authority_file, "key": key, "certificate": certificate}


def certificates(folder: Path) -> Certificates:
    authority = trustme.CA()
    ours = authority.issue_cert("127.0.0.1", "localhost", common_name="server")
    theirs = authority.issue_cert("127.0.0.1", "localhost", common_name="modality")
    server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    server.verify_mode = ssl.CERT_REQUIRED
    client = ssl.create_default_context(ssl.Purpose.SERVER_AUTH)
    for context, leaf in ((server, ours), (client, theirs)):
        authority.configure_trust(context)
        leaf.configure_cert(context)
    authority_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(authority_file)
    return Certificates(
        server, client, str(authority_file), _files(folder, "server", ours), _files(folder, "client", theirs)
    )


def _files(folder: Path, name: str, leaf: trustme.LeafCert) -> tuple[str, str]:
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    leaf.private_key_pem.write_to_path(key)
    leaf.cert_chain_pems[0].write_to_path(certificate)
    return str(key), str(certificate)

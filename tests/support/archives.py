"""Receivers that a whole gateway delivers to: DCMTK, Orthanc and pynetdicom."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Self
from urllib.request import Request, urlopen

from pydicom import dcmread
from pydicom.dataset import Dataset
from pynetdicom import AE, StoragePresentationContexts, evt

from philae.dicom.identify import identify
from philae.dicom.syntax import transfer_syntax
from tests.support.gateway import free_port, wait_for_port


@dataclass
class Storescp:
    """DCMTK's receiver with one process per association; it can be killed and started again on its port."""

    folder: Path
    port: int = field(default_factory=free_port)
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        command = ["/usr/bin/storescp", "--fork", "-pdu", "131072", "-od", str(self.folder), str(self.port)]
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "TCP_NODELAY": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        wait_for_port(self.port)
        return self

    def kill(self) -> None:
        """SIGKILL to it and to the processes of its associations."""
        assert self._process is not None
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def files(self) -> list[Path]:
        return sorted(path for path in self.folder.iterdir() if path.is_file())

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()


DICOM_WEB = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so"


@dataclass
class Orthanc:
    """Orthanc as a receiver; asked over its REST interface."""

    folder: Path
    port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    plugins: tuple[str, ...] = ()
    modalities: dict[str, list[str | int]] = field(default_factory=dict)
    """AE title, host and port of those that it may open associations to, by name."""
    _process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        settings = {
            "StorageDirectory": str(self.folder / "storage"),
            "IndexDirectory": str(self.folder / "storage"),
            "DicomAet": "ARCHIVE",
            "DicomPort": self.port,
            "DicomAlwaysAllowStore": True,
            "HttpPort": self.http_port,
            "RemoteAccessAllowed": False,
            "AuthenticationEnabled": False,
            "Plugins": list(self.plugins),
            "DicomModalities": self.modalities,
        }
        file = self.folder / "orthanc.json"
        file.write_text(json.dumps(settings))
        with (self.folder / "orthanc.log").open("wb") as log:
            self._process = subprocess.Popen(["/usr/sbin/Orthanc", str(file)], stdout=log, stderr=log)
        wait_for_port(self.http_port)
        wait_for_port(self.port)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def count(self) -> int:
        return int(json.loads(self._get("/statistics"))["CountInstances"])

    def fetch(self, folder: Path) -> list[Path]:
        """Every instance as Orthanc gives it back."""
        folder.mkdir()
        files = []
        for name in json.loads(self._get("/instances")):
            files.append(folder / f"{name}.dcm")
            files[-1].write_bytes(self._get(f"/instances/{name}/file"))
        return files

    def empty(self) -> None:
        """Delete every instance."""
        for name in json.loads(self._get("/patients")):
            self._get(f"/patients/{name}", "DELETE")

    def retrieve(self, study_uid: str) -> list[Dataset]:
        """The instances of a study by WADO-RS (PS3.18 10.4), in the transfer syntaxes that Orthanc stored them in."""
        accept = 'multipart/related; type="application/dicom"; transfer-syntax=*'
        request = Request(f"{self.dicom_web_url}/studies/{study_uid}", headers={"Accept": accept})
        with urlopen(request, timeout=30) as response:
            head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
            parts = message_from_bytes(head + response.read()).walk()
        return [dcmread(BytesIO(_content(part))) for part in parts if not part.is_multipart()]

    @property
    def dicom_web_url(self) -> str:
        """Where its DICOMweb plug-in answers."""
        return f"http://127.0.0.1:{self.http_port}/dicom-web"

    def _get(self, path: str, method: str = "GET") -> bytes:
        request = Request(f"http://127.0.0.1:{self.http_port}{path}", method=method)
        with urlopen(request, timeout=30) as response:
            content: bytes = response.read()
            return content


def _content(part: Message) -> bytes:
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content


@dataclass(frozen=True)
class Taken:
    """One instance as a recorder got it."""

    uid: str
    series: str
    instance_number: int


@dataclass
class Recorder:
    """A pynetdicom receiver that remembers the order of what it took, and answers as the test wants."""

    port: int = field(default_factory=free_port)
    answer: Callable[[int], int] = lambda _number: 0x0000
    """From the number of the request, counted from 1, to a status."""
    act: Callable[[int, Any], None] = lambda _number, _association: None
    """What else to do about a request before it is answered."""
    comment: str = ""
    """Error Comment of every answer."""
    calling_ae_titles: tuple[str, ...] = ()
    requests: int = 0
    taken: list[Taken] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _server: Any = None

    def start(self) -> Self:
        entity = AE(ae_title="ARCHIVE")
        entity.supported_contexts = StoragePresentationContexts
        entity.maximum_associations = 60
        entity.require_calling_aet = list(self.calling_ae_titles)
        self._server = entity.start_server(
            ("127.0.0.1", self.port), block=False, evt_handlers=[(evt.EVT_C_STORE, self._store)]
        )
        return self

    def stop(self) -> None:
        """Abort every association and leave the port."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()

    def _store(self, event: Any) -> Dataset:
        with self._lock:
            self.requests += 1
            number = self.requests
        self.act(number, event.assoc)
        status = self.answer(number)
        if status == 0 or status >> 12 == 0xB:
            with self._lock:
                self.taken.append(_taken(event))
        answer = Dataset()
        answer.Status = status
        answer.ErrorComment = self.comment
        return answer

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _taken(event: Any) -> Taken:
    encoded = event.request.DataSet.getvalue()
    found = identify(encoded, 0, len(encoded), transfer_syntax(event.context.transfer_syntax), complete=True)
    return Taken(found.sop_instance_uid, found.series_instance_uid, int(event.dataset.InstanceNumber))


def until(condition: Callable[[], bool], what: str, timeout_s: float = 60.0) -> None:
    """Return once it is true."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, f"it never came about: {what}"
        time.sleep(0.05)

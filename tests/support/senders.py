"""Senders to a gateway: DCMTK, and ours for tests that must know every answer."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Event, Thread

from philae.dicom.part10 import FileMeta, read_meta
from philae.dimse.errors import DimseError
from philae.dimse.requestor import Address, Association, ProposedContext, StoreResponse, Timeouts

TIMEOUTS = Timeouts(connect_s=10, associate_s=60, response_s=120)


def storescu(
    port: int, files: Sequence[Path], called: str = "PHILAE", *, options: Sequence[str] = ()
) -> subprocess.Popen[str]:
    """DCMTK's sender, under way; `finished` waits for it. ``options`` such as ``-xy`` propose transfer syntaxes."""
    command = ["/usr/bin/storescu", *options, "-aet", "CT01", "-aec", called, "127.0.0.1", str(port), *map(str, files)]
    environment = {**os.environ, "TCP_NODELAY": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def finished(senders: Iterable[subprocess.Popen[str]]) -> None:
    """Every sender had Success for everything."""
    for sender in senders:
        output, _ = sender.communicate(timeout=280)
        assert sender.returncode == 0, output


def address(port: int, called: str = "PHILAE", calling: str = "CT01") -> Address:
    return Address("127.0.0.1", port, called, calling, timeouts=TIMEOUTS)


def store(
    port: int,
    dataset: bytes,
    sop_instance_uid: str,
    *,
    called: str = "PHILAE",
    sop_class_uid: str = "1.2.840.10008.5.1.4.1.1.2",
    transfer_syntax_uid: str = "1.2.840.10008.1.2.1",
) -> StoreResponse:
    """C-STORE of these very bytes; the gateway's answer."""
    contexts = [ProposedContext(sop_class_uid, (transfer_syntax_uid,))]
    with Association.connect(address(port, called), contexts) as association:
        association.send_store(1, sop_class_uid, sop_instance_uid, [dataset], length=len(dataset))
        return association.store_response()


def statuses(port: int, files: Sequence[Path]) -> list[int]:
    """The status that each of these files is answered with, sent one after the other over one association."""
    answers = []
    with Association.connect(address(port), _contexts(files)) as association:
        for path in files:
            encoded = path.read_bytes()
            meta = read_meta(encoded)
            context = association.context_for(meta.sop_class_uid, meta.transfer_syntax_uid)
            assert context is not None
            dataset = encoded[meta.dataset_offset :]
            association.send_store(context, meta.sop_class_uid, meta.sop_instance_uid, [dataset], length=len(dataset))
            answers.append(association.store_response().status)
    return answers


def send(port: int, files: Iterable[Path], called: str = "PHILAE") -> None:
    """One file after the other over one association; each is answered with Success."""
    sender = PersistentSender(port, list(files), called)
    sender.run()
    assert sender.breaks == 0


class PersistentSender(Thread):
    """Sends until every file was answered with Success; what was not is sent again, in order."""

    def __init__(self, port: int, files: Sequence[Path], called: str = "PHILAE", patience_s: float = 200.0) -> None:
        super().__init__(daemon=True)
        self.acknowledged: list[Path] = []
        self.breaks = 0
        self.refusals = 0
        self.stopping = Event()
        self._address = address(port, called)
        self._pending = list(files)
        self._patience_s = patience_s

    def run(self) -> None:
        deadline = time.monotonic() + self._patience_s
        while self._pending and not self.stopping.is_set() and time.monotonic() < deadline:
            try:
                with Association.connect(self._address, _contexts(self._pending)) as association:
                    self._send(association)
            except DimseError:
                self.breaks += 1
                time.sleep(0.1)

    def _send(self, association: Association) -> None:
        while self._pending and not self.stopping.is_set():
            encoded = self._pending[0].read_bytes()
            meta = read_meta(encoded)
            context = association.context_for(meta.sop_class_uid, meta.transfer_syntax_uid)
            assert context is not None
            data = memoryview(encoded)[meta.dataset_offset :]
            association.send_store(context, meta.sop_class_uid, meta.sop_instance_uid, [data], length=len(data))
            status = association.store_response().status
            if status == 0:
                self.acknowledged.append(self._pending.pop(0))
            else:
                self.refusals += 1
                time.sleep(0.1)


def _contexts(files: Iterable[Path]) -> list[ProposedContext]:
    metas = {(meta.sop_class_uid, meta.transfer_syntax_uid) for meta in map(_meta, files)}
    return [ProposedContext(sop_class_uid, (syntax_uid,)) for sop_class_uid, syntax_uid in sorted(metas)]


def _meta(path: Path) -> FileMeta:
    with path.open("rb") as file:
        return read_meta(file.read(4096))

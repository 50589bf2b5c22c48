"""The receiver that the demo delivers to: stores what arrives as Part 10 files."""

from __future__ import annotations

import socket
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final

from philae.dicom.part10 import write_meta
from philae.dimse.acceptor import Acceptor
from philae.dimse.commands import Status
from philae.dimse.limits import Limits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.dimse.associate import AssociateRequest
    from philae.dimse.handler import Peer, StoreRequest
    from philae.dimse.rejection import Rejection


class DemoReceiver:
    """A C-STORE SCP on a free port of the loopback interface."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._acceptor = Acceptor(self._listener, lambda: _Storing(folder), Limits())
        Thread(target=self._acceptor.serve_forever, name="receiver", daemon=True).start()

    def stop(self) -> None:
        """Stop listening."""
        self._acceptor.stop(drain_s=2.0)
        self._listener.close()


class _Storing:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def admit(self, request: AssociateRequest, peer: Peer) -> Rejection | None:
        return None

    def store(self, request: StoreRequest) -> _File:
        return _File(self._folder, request)

    def closed(self, reason: str) -> None:
        return


class _File:
    waits: Final = False

    def __init__(self, folder: Path, request: StoreRequest) -> None:
        self._path = folder / f"{request.sop_instance_uid}.dcm"
        self._part = self._path.with_suffix(".part")
        self._file = self._part.open("wb")
        self._file.write(write_meta(request.sop_class_uid, request.sop_instance_uid, request.transfer_syntax_uid))

    def write(self, parts: Sequence[memoryview]) -> None:
        for part in parts:
            self._file.write(part)

    def finish(self) -> Status:
        self._file.close()
        self._part.rename(self._path)
        return Status(0)

    def abandon(self) -> None:
        self._file.close()
        self._part.unlink()

"""An intake process: takes associations on the DICOM port."""

from __future__ import annotations

import logging
import socket
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from philae.pipeline.wake import Wake

if TYPE_CHECKING:
    from ssl import SSLContext

    from philae.dimse.acceptor import Acceptor
    from philae.intake.folder import FolderIntake

log = logging.getLogger(__name__)

BACKLOG = 512


@dataclass(frozen=True, slots=True)
class Entrance:
    """A port for associations, over TLS if it has a context."""

    name: str
    listener: socket.socket
    tls: SSLContext | None = None


@dataclass(frozen=True, slots=True)
class IntakeService:
    """Serves one listener until stopped; instances in hand may finish within ``drain_s``."""

    acceptor: Acceptor
    listener: socket.socket
    drain_s: float
    folders: FolderIntake | None = None
    _wake: Wake = field(default_factory=Wake, init=False)
    _drained: Event = field(default_factory=Event, init=False)

    def run(self) -> None:
        """Accept associations until stopped and drained; the listener is closed before they are drained."""
        if self.folders is not None:
            Thread(target=self.folders.run, args=(self._wake,), name="folders", daemon=True).start()
        self.acceptor.serve_forever()
        self.listener.close()
        self._drained.wait()

    def stop(self) -> None:
        """No new associations; drain those that run."""
        self._wake.stop()
        try:
            self.acceptor.stop(self.drain_s)
        finally:
            self._drained.set()


class PortTaken(Exception):
    """A port cannot be listened on."""


def listen(host: str, port: int, setting: str = "PHILAE_DICOM_PORT", *, shared: bool = False) -> socket.socket:
    """A listening socket, of the port that ``setting`` names; ``shared`` with other intakes of this machine.

    Raises `PortTaken`.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the socket says TCP
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if shared:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        listener.bind((host, port))
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise PortTaken(
            f"cannot listen on {host}:{port} ({error.strerror}); stop what uses it or set {setting}"
        ) from error
    return listener


def listen_within(host: str, port: int, patience_s: float, setting: str = "PHILAE_DICOM_PORT") -> socket.socket:
    """Like `listen`, trying again for a while: intakes of a gateway that was killed leave the port a moment later."""
    deadline = monotonic() + patience_s
    said = False
    while True:
        try:
            return listen(host, port, setting)
        except PortTaken as error:
            if monotonic() > deadline:
                raise
            if not said:
                log.warning("port.taken", extra={"reason": str(error), "patience_s": patience_s})
                said = True
            sleep(0.2)

"""A relay before the receiver that notes when the first byte of an instance passes."""

import contextlib
import socket
import time
from threading import Event, Thread

from benchmarks.processes import HOST

P_DATA = 0x04
CHUNK = 256 * 1024


class Tap:
    """Listens on ``port``, passes everything on to ``destination_port`` and back."""

    def __init__(self, destination_port: int) -> None:
        self.destination_port = destination_port
        self.listener = socket.create_server((HOST, 0))
        self.port = int(self.listener.getsockname()[1])
        self.first_byte_at = 0.0
        self._seen = Event()
        Thread(target=self._accept, daemon=True).start()

    def arm(self) -> None:
        """Forget what passed; the next instance will be noted."""
        self._seen.clear()

    def wait(self, timeout_s: float) -> float:
        """Return ``time.time()`` of the first byte since ``arm``, or 0 when none came in time."""
        return self.first_byte_at if self._seen.wait(timeout_s) else 0.0

    def close(self) -> None:
        """Take no more connections."""
        self.listener.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                far = socket.create_connection((HOST, self.destination_port))
                for side in (near, far):
                    side.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                Thread(target=self._pass, args=(near, far), kwargs={"outward": True}, daemon=True).start()
                Thread(target=self._pass, args=(far, near), kwargs={"outward": False}, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, *, outward: bool) -> None:
        with contextlib.suppress(OSError):
            while chunk := source.recv(CHUNK):
                if outward and chunk[0] == P_DATA and not self._seen.is_set():
                    self.first_byte_at = time.time()
                    self._seen.set()
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)

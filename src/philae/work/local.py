"""A bell for the processes of one machine, over datagram sockets in a folder."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import suppress
from threading import Condition, Lock, Thread, local
from time import monotonic, time_ns
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX: Final = ".bell"
_RING: Final = b"!"
_CLOCK_TICK_NS: Final = 100_000_000


class LocalBell:
    """`philae.pipeline.ports.Bell`. Each process that waits has a socket in ``folder``; ringing writes to all of them.

    A ring that comes while a thread is busy ends its next wait at once: between looking for work and waiting for it
    nothing is missed. The first wait of a thread returns at once, for the same reason.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}{SUFFIX}"
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._sending = _socket()
        self._sending.setblocking(False)
        self._listens = False
        self._closed = False
        self._opening = Lock()
        self._rung = Condition()
        self._rings = 0
        self._seen = local()
        self._peers: list[str] = []
        self._folder_changed = -1

    def ring(self) -> None:
        """Never blocks: a process whose queue is full will look for work anyway."""
        self._ring_here()
        for name in self._others():
            try:
                self._sending.sendto(_RING, self._address(name))
            except BlockingIOError:
                continue
            except (ConnectionRefusedError, FileNotFoundError):
                self._forget(name)

    def wait(self, timeout_s: float) -> bool:
        """Return when the bell rang since this thread's last wait, or the time is over; whether it rang."""
        self._listen()
        until = monotonic() + timeout_s
        with self._rung:
            seen = getattr(self._seen, "rings", -1)
            while self._rings == seen and (left_s := until - monotonic()) > 0:
                self._rung.wait(left_s)
            self._seen.rings = self._rings
            return self._rings != seen

    def close(self) -> None:
        """Take the socket away; waiting threads return."""
        self._closed = True
        with suppress(OSError):
            self._sending.sendto(_RING, self._address(self._name))
        self._ring_here()
        self._sending.close()

    def _listen(self) -> None:
        if self._listens:
            return
        with self._opening:
            if not self._listens:
                receiving = _socket()
                receiving.bind(self._address(self._name))
                Thread(target=self._pass_on, args=(receiving,), name="bell", daemon=True).start()
                self._listens = True

    def _pass_on(self, receiving: socket.socket) -> None:
        with receiving:
            while not self._closed:
                receiving.recv(1)
                self._ring_here()
            with suppress(FileNotFoundError):
                os.unlink(self._name, dir_fd=self._folder)

    def _ring_here(self) -> None:
        with self._rung:
            self._rings += 1
            self._rung.notify_all()

    def _others(self) -> list[str]:
        """A folder that changed just now is read again: its clock ticks in milliseconds."""
        changed = os.fstat(self._folder).st_mtime_ns
        if changed != self._folder_changed:
            self._folder_changed = changed if time_ns() - changed > _CLOCK_TICK_NS else -1
            self._peers = [name for name in os.listdir(self._folder) if name.endswith(SUFFIX) and name != self._name]  # noqa: PTH208 - a descriptor has no Path
        return self._peers

    def _forget(self, name: str) -> None:
        """The process behind this socket is gone."""
        with suppress(FileNotFoundError):
            os.unlink(name, dir_fd=self._folder)
        self._folder_changed = -1

    def _address(self, name: str) -> str:
        """Short whatever the folder: a socket's path has room for 107 bytes."""
        return f"/proc/self/fd/{self._folder}/{name}"


def _socket() -> socket.socket:
    return socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)

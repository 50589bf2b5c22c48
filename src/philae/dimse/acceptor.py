"""Accepts associations on a listening socket and serves them."""

import os
import select
import socket
import ssl
from collections.abc import Callable
from threading import Condition
from typing import Final

from philae.dimse.crew import Crew
from philae.dimse.handler import AssociationHandler, Peer, StoreRequest, StoreSink
from philae.dimse.limits import Limits
from philae.dimse.loop import Loop
from philae.dimse.serving import Serving, Terms

__all__ = ["Acceptor", "AssociationHandler", "Peer", "StoreRequest", "StoreSink"]

_EXHAUSTED_PAUSE_MS: Final = 100
_ABORT_GRACE_S: Final = 2.0


class Acceptor:
    """Serves ``listener`` until ``stop``. Over ``max_associations`` a peer hears A-ASSOCIATE-RJ; far over it, nothing.

    ``handler`` makes one handler per association. The listener stays open and belongs to the caller.
    """

    def __init__(
        self,
        listener: socket.socket,
        handler: Callable[[], AssociationHandler],
        limits: Limits,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._listener = listener
        self._handler = handler
        self._limits = limits
        self._serving: set[Serving] = set()
        self._changed = Condition()
        self._crew = Crew()
        self._loop = Loop(self._crew.run) if hasattr(select, "epoll") and tls is None else None
        self._terms = Terms(limits, tls, self._loop)
        self._stopping = False
        self._wake_reader, self._wake_writer = os.pipe()

    @property
    def active(self) -> int:
        """Connections open now."""
        return len(self._serving)

    def serve_forever(self) -> None:
        self._listener.setblocking(False)
        poll = select.poll()
        poll.register(self._listener, select.POLLIN)
        poll.register(self._wake_reader, select.POLLIN)
        if self._loop is not None:
            self._loop.start()
        while not self._stopping:
            poll.poll()
            self._accept_waiting()

    def stop(self, drain_s: float) -> None:
        """Ends ``serve_forever``; instances in hand may finish within ``drain_s`` seconds, then all is aborted."""
        self._stopping = True
        os.write(self._wake_writer, b"x")
        with self._changed:
            running = tuple(self._serving)
        for serving in running:
            serving.drain()
        if not self._wait_until_idle(drain_s):
            with self._changed:
                running = tuple(self._serving)
            for serving in running:
                serving.cut()
            self._wait_until_idle(_ABORT_GRACE_S)
        if self._loop is not None:
            self._loop.close()
        self._crew.close()

    def _wait_until_idle(self, timeout_s: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: not self._serving, timeout_s)

    def _accept_waiting(self) -> None:
        try:
            connected, address = self._listener.accept()
        except (BlockingIOError, ConnectionError):  # another process took it, or the peer is gone again
            return
        except OSError:  # no file descriptor or memory left: connections in hand will free some
            self._pause()
            return
        self._start(connected, address)

    def _pause(self) -> None:
        poll = select.poll()
        poll.register(self._wake_reader, select.POLLIN)
        poll.poll(_EXHAUSTED_PAUSE_MS)

    def _start(self, connected: socket.socket, address: tuple[str, int]) -> None:
        active = len(self._serving)
        if active >= 2 * self._limits.max_associations + 16:
            connected.close()
            return
        full = active >= self._limits.max_associations
        serving = Serving(connected, address, self._handler(), self._terms, self._forget, full=full)
        with self._changed:
            self._serving.add(serving)
        try:
            self._crew.run(serving.run)
        except RuntimeError:  # no thread left
            connected.close()
            self._forget(serving)

    def _forget(self, serving: Serving) -> None:
        with self._changed:
            self._serving.discard(serving)
            self._changed.notify_all()

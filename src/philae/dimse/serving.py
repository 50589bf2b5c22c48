"""One accepted connection from its first byte to its last: on a thread where it may wait, else in a loop with others."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from philae.dimse.association import UpperLayer
from philae.dimse.handler import AssociationHandler, Peer
from philae.dimse.limits import Limits
from philae.dimse.loop import Loop
from philae.dimse.provider import Provider
from philae.dimse.states import State
from philae.dimse.transport import (
    PlainTransport,
    TlsTransport,
    Transport,
    TransportLost,
    TransportTimeout,
    sent_at_once,
    shut,
)


@dataclass(frozen=True, slots=True)
class Terms:
    """How one acceptor serves its associations."""

    limits: Limits
    tls: ssl.SSLContext | None
    loop: Loop | None


class Serving:
    """``run`` comes first, on a thread of its own; ``drain`` and ``cut`` come from any; ``over`` is told the end.

    With a loop the association waits there once it is established. The loop calls ``ready``; what has to wait for a
    disk, or for a peer that takes no answer, goes on in ``resume`` or ``expired`` on another thread.
    """

    def __init__(
        self,
        connected: socket.socket,
        address: tuple[str, int],
        handler: AssociationHandler,
        terms: Terms,
        over: Callable[["Serving"], None],
        *,
        full: bool,
    ) -> None:
        limits = terms.limits
        self.deadline = 0.0
        self._connected = connected
        self._terms = terms
        self._over = over
        self._provider = Provider(handler, Peer(address[0], address[1]), limits, full=full)
        self._layer = UpperLayer(self._provider, self._transmit, limits)
        self._provider.send = self._layer.send
        self._provider.postpone = self._postpone
        self._transport: Transport
        self._draining = False
        self._in_loop = False
        self._unsent = b""
        self._artim_of: State | None = None
        self._artim_ends = 0.0

    def run(self) -> None:
        try:
            self._transport = self._secure()
        except TransportLost:
            self._close()
        else:
            self._go_on(self._layer.opened)

    def drain(self) -> None:
        """Ends the association once no message is in hand."""
        self._draining = True
        if not self._layer.in_message:
            self.cut()

    def cut(self) -> None:
        """Ends the association now."""
        self._draining = True
        shut(self._connected, socket.SHUT_RD)

    def ready(self) -> bool:
        layer = self._layer
        self._in_loop = True
        try:
            count = self._transport.receive_waiting(layer.get_buffer())
            if count:
                self.deadline = time.monotonic() + self._terms.limits.idle_s
                layer.updated(count)
            elif count == 0 and not self._draining:
                layer.closed()
        except TransportLost:
            layer.closed()
        self._in_loop = False
        return layer.established and not (layer.paused or self._draining)

    def resume(self) -> None:
        self._go_on(self._catch_up)

    def expired(self) -> None:
        self._go_on(self._timed_out)

    def _secure(self) -> Transport:
        try:
            if self._terms.tls is None:
                return PlainTransport(self._connected)
            self._connected.settimeout(self._terms.limits.artim_s)
            secured = self._terms.tls.wrap_socket(self._connected, server_side=True, do_handshake_on_connect=False)
            self._connected = secured
            secured.do_handshake()
            self._provider.peer = replace(self._provider.peer, tls_subject=_subject(secured))
            return TlsTransport(secured)
        except OSError as error:
            raise TransportLost(str(error)) from error

    def _go_on(self, first: Callable[[], None]) -> None:
        """From ``first`` until the association is over or waits in the loop; nothing if its handler raised there."""
        waits_in_loop = False
        try:
            if not self._in_loop:
                self._attempt(first)
                waits_in_loop = self._serve()
        finally:
            if not waits_in_loop:
                self._end()

    def _serve(self) -> bool:
        layer = self._layer
        while layer.state is not State.IDLE:
            if self._terms.loop is not None and layer.established and not self._draining:
                self.deadline = time.monotonic() + self._terms.limits.idle_s
                self._terms.loop.watch(self._connected.fileno(), self)
                return True
            self._attempt(self._receive)
        return False

    def _attempt(self, step: Callable[[], None]) -> None:
        try:
            step()
        except TransportTimeout:
            self._timed_out()
        except TransportLost:
            self._layer.closed()

    def _receive(self) -> None:
        layer = self._layer
        if self._draining and layer.established and not layer.in_message:
            layer.abort("stopped")
        wait_s = self._terms.limits.idle_s if layer.established else self._artim_left_s(layer.state)
        count = self._transport.receive(layer.get_buffer(), wait_s)
        if count:
            layer.updated(count)
        elif self._draining and layer.established:
            layer.abort("stopped")
        else:
            layer.closed()

    def _catch_up(self) -> None:
        """What was put off in the loop, and what had come behind it."""
        if self._unsent:
            unsent, self._unsent = self._unsent, b""
            self._transport.send((unsent,), self._terms.limits.send_s)
        self._provider.finish()
        self._layer.resume()

    def _transmit(self, message: bytes) -> None:
        if not self._in_loop:
            self._transport.send((message,), self._terms.limits.send_s)
            return
        sent = 0 if self._unsent else sent_at_once(self._connected, message)
        if sent < len(message):
            self._unsent = b"".join((self._unsent, memoryview(message)[sent:]))
            self._layer.pause()

    def _postpone(self) -> bool:
        """Whether the instance that has arrived is to be finished later, on a thread that may wait."""
        if self._in_loop:
            self._layer.pause()
        return self._in_loop

    def _artim_left_s(self, state: State) -> float:
        if state is not self._artim_of:
            self._artim_of = state
            self._artim_ends = time.monotonic() + self._terms.limits.artim_s
            if state is State.AWAITING_CLOSE and self._draining:
                shut(self._connected, socket.SHUT_RDWR)
        left_s = self._artim_ends - time.monotonic()
        if left_s <= 0:
            raise TransportTimeout("ARTIM")
        return left_s

    def _timed_out(self) -> None:
        layer = self._layer
        if layer.established:
            layer.abort(f"the peer was silent for {self._terms.limits.idle_s:g} s")
        elif layer.state is not State.IDLE:
            layer.expired()

    def _end(self) -> None:
        """What is left to do where the handler raised is to abort."""
        self._in_loop = False
        try:
            self._layer.abort("the handler failed")
            self._layer.closed()
        except (TransportLost, TransportTimeout):
            self._layer.closed()
        finally:
            self._close()

    def _close(self) -> None:
        self._connected.close()
        self._over(self)


def _subject(connected: ssl.SSLSocket) -> str | None:
    """Common name of the peer's verified certificate."""
    match connected.getpeercert():
        case {"subject": tuple(names)}:
            return next((str(pair[1]) for name in names for pair in name if pair[0] == "commonName"), None)
    return None

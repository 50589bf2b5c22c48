"""One accepted connection from its first byte to its last, on its own thread."""

import socket
import ssl
import time
from collections.abc import Callable

from philae.dimse.association import UpperLayer
from philae.dimse.handler import AssociationHandler, Peer
from philae.dimse.limits import Limits
from philae.dimse.provider import Provider
from philae.dimse.states import State
from philae.dimse.transport import (
    PlainTransport,
    TlsTransport,
    Transport,
    TransportLost,
    TransportTimeout,
    shut,
)


class Serving:
    """``run`` returns when the connection is closed; ``drain`` and ``cut`` come from other threads."""

    def __init__(
        self,
        connected: socket.socket,
        address: tuple[str, int],
        handler: Callable[[], AssociationHandler],
        limits: Limits,
        tls: ssl.SSLContext | None,
        *,
        full: bool,
    ) -> None:
        self._connected = connected
        self._address = address
        self._handler = handler
        self._limits = limits
        self._tls = tls
        self._full = full
        self._draining = False
        self._layer: UpperLayer | None = None
        self._artim_of: State | None = None
        self._artim_ends = 0.0

    def run(self) -> None:
        try:
            transport = self._secure()
            layer = self._association(transport)
            try:
                self._serve(layer, transport)
            finally:
                self._leave(layer)
        except (TransportLost, TransportTimeout):
            return  # no association was there to end
        finally:
            self._connected.close()

    def drain(self) -> None:
        """Ends the association once no message is in hand."""
        self._draining = True
        if self._layer is None or not self._layer.in_message:
            self.cut()

    def cut(self) -> None:
        """Ends the association now."""
        self._draining = True
        shut(self._connected, socket.SHUT_RD)

    def _secure(self) -> Transport:
        try:
            if self._tls is None:
                return PlainTransport(self._connected)
            self._connected.settimeout(self._limits.artim_s)
            secured = self._tls.wrap_socket(self._connected, server_side=True, do_handshake_on_connect=False)
            self._connected = secured
            secured.do_handshake()
            return TlsTransport(secured)
        except OSError as error:
            raise TransportLost(str(error)) from error

    def _association(self, transport: Transport) -> UpperLayer:
        peer = Peer(self._address[0], self._address[1], _subject(self._connected))
        provider = Provider(self._handler(), peer, self._limits, full=self._full)
        layer = UpperLayer(provider, lambda message: transport.send((message,), self._limits.send_s), self._limits)
        provider.send = layer.send
        self._layer = layer
        return layer

    def _serve(self, layer: UpperLayer, transport: Transport) -> None:
        layer.opened()
        while layer.state is not State.IDLE:
            try:
                self._receive(layer, transport)
            except TransportTimeout:
                self._timed_out(layer)
            except TransportLost:
                layer.closed()

    def _receive(self, layer: UpperLayer, transport: Transport) -> None:
        if self._draining and layer.established and not layer.in_message:
            layer.abort("stopped")
        wait_s = self._limits.idle_s if layer.established else self._artim_left_s(layer.state)
        count = transport.receive(layer.get_buffer(), wait_s)
        if count:
            layer.updated(count)
        elif self._draining and layer.established:
            layer.abort("stopped")
        else:
            layer.closed()

    def _artim_left_s(self, state: State) -> float:
        if state is not self._artim_of:
            self._artim_of = state
            self._artim_ends = time.monotonic() + self._limits.artim_s
            if state is State.AWAITING_CLOSE and self._draining:
                shut(self._connected, socket.SHUT_RDWR)
        left_s = self._artim_ends - time.monotonic()
        if left_s <= 0:
            raise TransportTimeout("ARTIM")
        return left_s

    def _timed_out(self, layer: UpperLayer) -> None:
        if layer.established:
            layer.abort(f"the peer was silent for {self._limits.idle_s:g} s")
        elif layer.state is not State.IDLE:
            layer.expired()

    def _leave(self, layer: UpperLayer) -> None:
        """Nothing to do unless the handler raised."""
        try:
            layer.abort("the handler failed")
        finally:
            layer.closed()


def _subject(connected: socket.socket) -> str | None:
    """Common name of the peer's verified certificate."""
    if not isinstance(connected, ssl.SSLSocket):
        return None
    match connected.getpeercert():
        case {"subject": tuple(names)}:
            return next((str(pair[1]) for name in names for pair in name if pair[0] == "commonName"), None)
    return None

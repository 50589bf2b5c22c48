"""TCP and TLS sockets as both sides use them: blocking, prompt to acknowledge, one call a message."""

import socket
import ssl
import struct
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from philae.dimse.fragments import Buffer

_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)
_TIMEVAL: Final = struct.Struct("@ll")
_TLS_WRITE: Final = 256 * 1024
_STALL_CHECK_S: Final = 1.0


class TransportTimeout(Exception):
    """The peer stayed silent or took nothing; never leaves this room."""


class TransportLost(Exception):
    """The connection broke or was closed underneath; never leaves this room."""


def _nothing() -> None:
    pass


class Transport(Protocol):
    """A connected socket; ``while_stalled`` is called about every second while ``send`` gets nothing away."""

    while_stalled: Callable[[], None]

    def receive(self, buffer: memoryview, timeout_s: float) -> int:
        """Bytes read, 0 at the end. Raises TransportTimeout, TransportLost."""

    def send(self, vector: Sequence[Buffer], timeout_s: float) -> None:
        """Writes all. Raises TransportTimeout when the peer takes nothing for that long, TransportLost."""

    def receive_waiting(self, buffer: memoryview) -> int | None:
        """Like ``receive``, but None at once when nothing waits."""

    def close(self) -> None: ...


class PlainTransport:
    """TCP; timeouts are the kernel's own, so no call is preceded by a poll."""

    def __init__(self, connected: socket.socket) -> None:
        self.while_stalled: Callable[[], None] = _nothing
        self._socket = connected
        self._receive_timeout_s = -1.0
        connected.settimeout(None)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._set_timeout(socket.SO_SNDTIMEO, _STALL_CHECK_S)

    def _set_timeout(self, option: int, timeout_s: float) -> None:
        whole = int(timeout_s)
        microseconds = max(int((timeout_s - whole) * 1e6), 0 if whole else 1)  # all zero would mean for ever
        self._socket.setsockopt(socket.SOL_SOCKET, option, _TIMEVAL.pack(whole, microseconds))

    def receive(self, buffer: memoryview, timeout_s: float) -> int:
        connected = self._socket
        try:
            if timeout_s != self._receive_timeout_s:
                self._set_timeout(socket.SO_RCVTIMEO, timeout_s)
                self._receive_timeout_s = timeout_s
            if _QUICKACK is not None:  # the kernel forgets it after each read
                connected.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            return connected.recv_into(buffer)
        except BlockingIOError:
            raise TransportTimeout(f"the peer was silent for {timeout_s:g} s") from None
        except OSError as error:
            raise TransportLost(error.strerror or str(error)) from error

    def send(self, vector: Sequence[Buffer], timeout_s: float) -> None:
        stalled_s = 0.0
        while vector:
            try:
                sent = self._socket.sendmsg(vector)
            except BlockingIOError:
                stalled_s += _STALL_CHECK_S
                if stalled_s >= timeout_s:
                    raise TransportTimeout(f"the peer took no data for {stalled_s:g} s") from None
                self.while_stalled()
            except OSError as error:
                raise TransportLost(error.strerror or str(error)) from error
            else:
                stalled_s = 0.0
                vector = unsent(vector, sent)

    def receive_waiting(self, buffer: memoryview) -> int | None:
        try:
            count = self._socket.recv_into(buffer, flags=socket.MSG_DONTWAIT)
            if _QUICKACK is not None and count < len(buffer):  # the peer may wait for the kernel's word, not for ours
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            return count
        except BlockingIOError:
            return None
        except OSError as error:
            raise TransportLost(error.strerror or str(error)) from error

    def close(self) -> None:
        self._socket.close()


class TlsTransport:
    """TLS over TCP; the handshake is done."""

    def __init__(self, connected: ssl.SSLSocket) -> None:
        self.while_stalled: Callable[[], None] = _nothing
        self._socket = connected
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def receive(self, buffer: memoryview, timeout_s: float) -> int:
        try:
            self._socket.settimeout(timeout_s)
            if _QUICKACK is not None:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            return self._socket.recv_into(buffer)
        except TimeoutError:
            raise TransportTimeout(f"the peer was silent for {timeout_s:g} s") from None
        except (OSError, ValueError) as error:  # ValueError: TLS was shut underneath
            raise TransportLost(str(error)) from error

    def send(self, vector: Sequence[Buffer], timeout_s: float) -> None:
        try:
            self._socket.settimeout(timeout_s)
            for block in _blocks(vector):
                self._socket.sendall(block)
        except TimeoutError:
            raise TransportTimeout(f"the peer took no data for {timeout_s:g} s") from None
        except (OSError, ValueError) as error:
            raise TransportLost(str(error)) from error

    def receive_waiting(self, buffer: memoryview) -> int | None:
        try:
            self._socket.settimeout(0.0)
            return self._socket.recv_into(buffer)
        except ssl.SSLWantReadError:
            return None
        except (OSError, ValueError) as error:
            raise TransportLost(str(error)) from error

    def close(self) -> None:
        self._socket.close()


def unsent(vector: Sequence[Buffer], sent: int) -> Sequence[Buffer]:
    """What of ``vector`` is left after its first ``sent`` bytes."""
    for at, buffer in enumerate(vector):
        length = len(buffer)
        if sent < length:
            return [memoryview(buffer)[sent:], *vector[at + 1 :]]
        sent -= length
    return ()


def _blocks(vector: Sequence[Buffer]) -> list[Buffer]:
    """Small buffers joined, so that headers do not become TLS records of their own."""
    blocks: list[Buffer] = []
    pending: list[Buffer] = []
    size = 0
    for buffer in vector:
        pending.append(buffer)
        size += len(buffer)
        if size >= _TLS_WRITE:
            blocks.append(b"".join(pending))
            pending, size = [], 0
    return [*blocks, b"".join(pending)] if pending else blocks


def sent_at_once(connected: socket.socket, message: bytes) -> int:
    """How many bytes the socket takes without waiting. Raises TransportLost."""
    try:
        return connected.send(message, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return 0
    except OSError as error:
        raise TransportLost(error.strerror or str(error)) from error


def shut(connected: socket.socket, how: int) -> None:
    """Shuts one or both directions, from any thread: a reader gets what has arrived, then 0."""
    try:
        socket.socket.shutdown(connected, how)  # SSLSocket's own would drop the TLS state under its reader
    except OSError:
        return  # closed or disconnected already

"""A bare connection to an acceptor, for bytes that no proper peer would send."""

from __future__ import annotations

import socket
from types import TracebackType
from typing import Self

from philae.dimse import pdu

PATIENCE_S = 60.0


class Wire:
    """Sends what it is given; reads whole PDUs."""

    def __init__(self, port: int, first: bytes = b"") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        self.send(first)

    def send(self, data: bytes) -> None:
        self._socket.sendall(data)

    def receive(self) -> tuple[int, bytes] | None:
        """Type and body of the next PDU; None when the acceptor has closed the connection."""
        header = self._exactly(pdu.PDU_HEADER.size)
        if header is None:
            return None
        kind, length = pdu.PDU_HEADER.unpack(header)
        body = self._exactly(length)
        return None if body is None else (kind, body)

    def last_words(self) -> pdu.Abort | None:
        """The A-ABORT before the connection is closed, or None when it is closed without."""
        abort = None
        while (received := self.receive()) is not None:
            if received[0] == pdu.ABORT:
                abort = pdu.decode_abort(received[1])
        return abort

    def _exactly(self, length: int) -> bytes | None:
        data = b""
        while len(data) < length:
            try:
                more = self._socket.recv(length - len(data))
            except ConnectionResetError:
                return None
            if not more:
                return None
            data += more
        return data

    def close(self) -> None:
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

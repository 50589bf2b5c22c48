"""A small C-STORE SCU on a bare socket, so that instants and associations can be measured without a toolkit's own delays."""

import re
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from pydicom.filereader import read_file_meta_info

from benchmarks.processes import HOST, PeerFailed

APPLICATION_CONTEXT = "1.2.840.10008.3.1.1.1"
IMPLEMENTATION_UID = "2.25.288372810537110982213217042013301254197"
VERIFICATION = "1.2.840.10008.1.1"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
PDU_HEADER = struct.Struct(">BxI")
STATUS = re.compile(rb"\x00\x00\x00\x09\x02\x00\x00\x00(..)", re.DOTALL)
LARGEST_PDU = 131072


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance to send."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    dataset: bytes


def read_instance(path: Path) -> Instance:
    """Read a Part 10 file."""
    meta = read_file_meta_info(path)
    return Instance(
        meta.MediaStorageSOPClassUID,
        meta.MediaStorageSOPInstanceUID,
        meta.TransferSyntaxUID,
        path.read_bytes()[144 + meta.FileMetaInformationGroupLength :],
    )


class Association:
    """One association with one presentation context for each (SOP class, transfer syntax)."""

    def __init__(
        self, port: int, ae_title: str, contexts: tuple[tuple[str, str], ...] = ((VERIFICATION, EXPLICIT_LE),)
    ) -> None:
        self.socket = socket.create_connection((HOST, port), timeout=60.0)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.contexts = {context: 2 * number + 1 for number, context in enumerate(contexts)}
        self.socket.sendall(self._request(ae_title))
        kind, body = self._receive()
        if kind != 0x02:
            raise PeerFailed(f"association refused: PDU type {kind}, {body[:8].hex()}")
        self.pdu_bytes = _max_length(body)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.socket.close()

    def store(self, instance: Instance, message_id: int) -> float:
        """Send ``instance``, wait for Success, and return ``time.time()`` when its last byte had been handed over."""
        context = self.contexts[instance.sop_class_uid, instance.transfer_syntax_uid]
        command = _store_command(instance, message_id)
        parts: list[bytes | memoryview] = [
            struct.pack(">BxIIBB", 4, len(command) + 6, len(command) + 2, context, 3),
            command,
        ]
        room = self.pdu_bytes - 6
        data = memoryview(instance.dataset)
        for start in range(0, len(data), room):
            piece = data[start : start + room]
            last = 2 if start + room >= len(data) else 0
            parts += [struct.pack(">BxIIBB", 4, len(piece) + 6, len(piece) + 2, context, last), piece]
        self.socket.sendall(b"".join(parts))
        sent = time.time()
        _, body = self._receive()
        found = STATUS.search(body)
        if found is None or found[1] != b"\0\0":
            raise PeerFailed(f"C-STORE answered {found[1][::-1].hex() if found else body[:64].hex()}")
        return sent

    def release(self) -> None:
        """Release the association and wait for the answer."""
        self.socket.sendall(struct.pack(">BxII", 5, 4, 0))
        self._receive()

    def _request(self, ae_title: str) -> bytes:
        items = _item(0x10, APPLICATION_CONTEXT.encode())
        for (abstract, transfer), number in self.contexts.items():
            syntaxes = _item(0x30, abstract.encode()) + _item(0x40, transfer.encode())
            items += _item(0x20, struct.pack(">B3x", number) + syntaxes)
        user = _item(0x51, struct.pack(">I", LARGEST_PDU)) + _item(0x52, IMPLEMENTATION_UID.encode())
        items += _item(0x50, user)
        names = ae_title.encode().ljust(16) + b"BENCH".ljust(16)
        body = struct.pack(">H2x", 1) + names + bytes(32) + items
        return PDU_HEADER.pack(1, len(body)) + body

    def _receive(self) -> tuple[int, bytes]:
        kind, length = PDU_HEADER.unpack(self._exactly(PDU_HEADER.size))
        return kind, self._exactly(length)

    def _exactly(self, length: int) -> bytes:
        received = b""
        while len(received) < length:
            piece = self.socket.recv(length - len(received))
            if not piece:
                raise PeerFailed("the association was closed by the other side")
            received += piece
        return received


def _item(kind: int, body: bytes) -> bytes:
    return struct.pack(">BxH", kind, len(body)) + body


def _max_length(accept: bytes) -> int:
    """Return the largest PDU that the acceptor takes (PS3.8 D.1), never above our own limit."""
    place = accept.rfind(b"\x51\x00\x00\x04")
    announced = struct.unpack_from(">I", accept, place + 4)[0] if place >= 0 else 16384
    return min(announced or LARGEST_PDU, LARGEST_PDU)


def _store_command(instance: Instance, message_id: int) -> bytes:
    """Return a C-STORE-RQ command set (PS3.7 9.3.1.1)."""
    elements = b"".join(
        (
            _element(0x0002, _padded(instance.sop_class_uid)),
            _element(0x0100, struct.pack("<H", 1)),
            _element(0x0110, struct.pack("<H", message_id)),
            _element(0x0700, struct.pack("<H", 0)),
            _element(0x0800, struct.pack("<H", 1)),
            _element(0x1000, _padded(instance.sop_instance_uid)),
        )
    )
    return _element(0x0000, struct.pack("<I", len(elements))) + elements


def _element(number: int, value: bytes) -> bytes:
    return struct.pack("<HHI", 0, number, len(value)) + value


def _padded(uid: str) -> bytes:
    return uid.encode() + b"\0" * (len(uid) % 2)

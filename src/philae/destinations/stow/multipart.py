"""Instances as the parts of one request body (RFC 2387, PS3.18 8.6.1.2), in pieces that nothing copies together."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from philae.dicom.part10 import write_meta

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from philae.pipeline.model import Outgoing

    Buffer = bytes | memoryview

SMALL_BYTES: Final = 64 * 1024
"""Smaller pieces go out together: one packet, or one TLS record, each would cost more than the copy."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A batch of instances as a body that can be read any number of times."""

    outgoings: Sequence[Outgoing]
    boundary: str = field(default_factory=lambda: secrets.token_hex(16))

    @property
    def content_type(self) -> str:
        """The header of the request."""
        return f'multipart/related; type="application/dicom"; boundary={self.boundary}'

    @property
    def length(self) -> int:
        """Bytes in all."""
        heads = sum(len(self._head(outgoing)) + outgoing.body.length + 2 for outgoing in self.outgoings)
        return heads + len(self._end)

    def buffers(self) -> Iterator[Buffer]:
        """The bytes in order."""
        return together(self._pieces())

    def _pieces(self) -> Iterator[Buffer]:
        for outgoing in self.outgoings:
            yield self._head(outgoing)
            yield from outgoing.body.buffers()
            yield b"\r\n"
        yield self._end

    def _head(self, outgoing: Outgoing) -> bytes:
        meta = write_meta(outgoing.sop_class_uid, outgoing.sop_instance_uid, outgoing.transfer_syntax_uid)
        return f"--{self.boundary}\r\nContent-Type: application/dicom\r\n\r\n".encode() + meta

    @property
    def _end(self) -> bytes:
        return f"--{self.boundary}--\r\n".encode()


def gathered(outgoings: Iterable[Outgoing], most: int, most_bytes: int) -> Iterator[list[Outgoing]]:
    """Batches of at most ``most`` instances and ``most_bytes`` dataset bytes; a larger instance is a batch of its own."""
    batch: list[Outgoing] = []
    size = 0
    for outgoing in outgoings:
        length = outgoing.body.length
        if batch and size + length > most_bytes:
            yield batch
            batch, size = [], 0
        batch.append(outgoing)
        size += length
        if len(batch) == most:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def together(pieces: Iterable[Buffer]) -> Iterator[Buffer]:
    """The same bytes, with small neighbours joined."""
    small: list[Buffer] = []
    size = 0
    for piece in pieces:
        is_small = len(piece) < SMALL_BYTES
        if is_small:
            small.append(piece)
            size += len(piece)
        if size >= SMALL_BYTES or (small and not is_small):
            yield b"".join(small)
            small, size = [], 0
        if not is_small:
            yield piece
    if small:
        yield b"".join(small)

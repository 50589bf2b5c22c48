"""An encoded dataset on its way out: edited bytes between untouched ranges of the spool file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from philae.deid.pixels.content import Content
from philae.dicom.scan import Buffer, Identifiers, identify
from philae.dicom.splice import Segment, Span
from philae.dicom.syntax import TransferSyntax
from philae.pipeline.ports import SpoolFile

HEAD_BYTES = 64 * 1024
"""Enough of a dataset to find its identifiers in."""
SMALL_BYTES = 16 * 1024
"""Pieces up to this size are copied together: a copy costs less than one more piece to handle."""
SMALL_AT_ONCE = 1024


def identify_head(head: bytes, syntax: TransferSyntax) -> Identifiers:
    """The identifiers in the first `HEAD_BYTES` of a dataset. Raises `MalformedDataset`."""
    return identify(head, 0, len(head), syntax, complete=len(head) < HEAD_BYTES)


@dataclass(frozen=True, slots=True)
class Body:
    """What a sender transmits. It can be read any number of times while ``file`` is open."""

    file: SpoolFile
    segments: Sequence[Segment | Content]

    @property
    def length(self) -> int:
        """Bytes in all."""
        return sum(map(_length, self.segments))

    def buffers(self) -> Iterator[bytes | memoryview]:
        """The bytes in order, in pieces that keep memory bounded; they stay as they are while they are held."""
        source = self.file.encoded.source
        small: list[Buffer] = []
        for piece in self.segments:
            if isinstance(piece, bytes):
                small.append(piece)
            elif isinstance(piece, Span) and piece.end - piece.start <= SMALL_BYTES:
                small.append(source[piece.start : piece.end])
            else:
                yield b"".join(small)
                small.clear()
                yield from self._large(piece)
            if len(small) >= SMALL_AT_ONCE:
                yield b"".join(small)
                small.clear()
        yield b"".join(small)

    def _large(self, piece: Span | Content) -> Iterator[bytes | memoryview]:
        for segment in (piece,) if isinstance(piece, Span) else piece.segments():
            if isinstance(segment, bytes):
                yield segment
            else:
                yield from self.file.blocks(segment.start, segment.end)

    def head(self, size: int) -> bytes:
        """At most the first ``size`` bytes."""
        taken = bytearray()
        for buffer in self.buffers():
            taken += memoryview(buffer)[: size - len(taken)]
            if len(taken) >= size:
                break
        return bytes(taken)


def _length(piece: Segment | Content) -> int:
    if isinstance(piece, bytes):
        return len(piece)
    return piece.end - piece.start if isinstance(piece, Span) else piece.length

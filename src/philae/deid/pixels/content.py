"""New pixel data as something to send: its length is known, its bytes are made or read when they are asked for."""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final, Protocol
from weakref import finalize

from typing_extensions import override

from philae.dicom.layout import ITEM, SEQUENCE_END, UNDEFINED, Layout
from philae.dicom.splice import Segment

if TYPE_CHECKING:
    from philae.dicom.headers import Buffer

_BLOCK: Final = 1 << 20
_LARGEST_OFFSET: Final = (1 << 32) - 1
_PIXEL_DATA: Final = 0x7FE00010
_EXTENDED_OFFSETS: Final = 0x7FE00001
_EXTENDED_LENGTHS: Final = 0x7FE00002


class Content(Protocol):
    """The new Pixel Data element, header included. It can be read any number of times."""

    @property
    def length(self) -> int:
        """Bytes in all."""

    def segments(self) -> Iterator[Segment]:
        """The bytes in order, in pieces that keep memory bounded; spans are ranges of the original source."""


class Frames(Content, Protocol):
    """Content that is filled frame by frame before it is read."""

    def append(self, frame: bytes) -> None:
        """Add the next frame."""

    def finish(self) -> None:
        """All frames are there."""


class NativeFrames(Frames):
    """Frames one behind the other, in a file that has no name and ends with this object."""

    def __init__(self, layout: Layout, bits_allocated: int, length: int) -> None:
        """``length`` is that of all frames together."""
        vr = "OW" if layout.implicit or bits_allocated > 8 else "OB"
        self._header = layout.header(_PIXEL_DATA, vr, length + length % 2)
        self._padding = bytes(length % 2)
        self._scratch = Scratch()

    @property
    @override
    def length(self) -> int:
        return len(self._header) + self._scratch.length + len(self._padding)

    @override
    def segments(self) -> Iterator[Segment]:
        yield self._header
        yield from self._scratch.blocks()
        if self._padding:
            yield self._padding

    @override
    def append(self, frame: bytes) -> None:
        self._scratch.append(frame)

    @override
    def finish(self) -> None:
        """Nothing to add."""


class EncapsulatedFrames(Frames):
    """One fragment a frame behind a Basic Offset Table; the Extended Offset Table where that cannot count so far."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._scratch = Scratch()
        self._offsets: list[int] = []
        self._lengths: list[int] = []
        self._head = self._tail = b""

    @property
    def encoded_length(self) -> int:
        """Bytes of the frames themselves."""
        return sum(self._lengths)

    @property
    @override
    def length(self) -> int:
        return len(self._head) + self._scratch.length + len(self._tail)

    @override
    def segments(self) -> Iterator[Segment]:
        yield self._head
        yield from self._scratch.blocks()
        yield self._tail

    @override
    def append(self, frame: bytes) -> None:
        self._offsets.append(self._scratch.length)
        self._lengths.append(len(frame))
        padding = bytes(len(frame) % 2)
        self._scratch.append(self._layout.header(ITEM, "", len(frame) + len(padding)) + frame + padding)

    @override
    def finish(self) -> None:
        layout, table, extended = self._layout, b"", b""
        if self._offsets[-1] <= _LARGEST_OFFSET:
            table = b"".join(offset.to_bytes(4, "little") for offset in self._offsets)
        else:
            extended = _extended(layout, _EXTENDED_OFFSETS, self._offsets)
            extended += _extended(layout, _EXTENDED_LENGTHS, self._lengths)
        header = layout.header(_PIXEL_DATA, "OB", UNDEFINED)
        self._head = extended + header + layout.header(ITEM, "", len(table)) + table
        self._tail = layout.header(SEQUENCE_END, "", 0)


def _extended(layout: Layout, tag: int, numbers: list[int]) -> bytes:
    return layout.header(tag, "OV", 8 * len(numbers)) + b"".join(number.to_bytes(8, "little") for number in numbers)


class Scratch:
    """Bytes kept in a file without a name: what is read of it does not stay in memory."""

    def __init__(self) -> None:
        with TemporaryFile() as file:
            self._descriptor = os.dup(file.fileno())
        finalize(self, os.close, self._descriptor)
        self.length = 0

    def append(self, data: bytes) -> None:
        with memoryview(data) as view:
            written = 0
            while written < len(data):
                written += os.write(self._descriptor, view[written:])
        self.length += len(data)

    def read(self, start: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, start)

    def blocks(self) -> Iterator[bytes]:
        for position in range(0, self.length, _BLOCK):
            yield os.pread(self._descriptor, min(_BLOCK, self.length - position), position)


def release(source: Buffer, start: int, end: int) -> None:
    """Let go of the pages of a mapped source that were read: they would count as memory of this process."""
    if isinstance(source, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        first = start // mmap.PAGESIZE * mmap.PAGESIZE
        source.madvise(mmap.MADV_DONTNEED, first, end - first)

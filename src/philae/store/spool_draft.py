"""An instance that is being written into the spool."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from xxhash import xxh3_128

from philae.pipeline.body import HEAD_BYTES
from philae.pipeline.ports import SpoolFull

if TYPE_CHECKING:
    from collections.abc import Sequence

LARGEST_WRITE_PARTS: Final = 1024
"""Buffers that the kernel takes at once (IOV_MAX)."""


class FileDraft:
    """`philae.pipeline.ports.SpoolDraft` on a file that has its final name from the start."""

    def __init__(self, number: int, descriptor: int, folder: int, meta: bytes, *, durable: bool) -> None:
        """``folder`` is the descriptor of the folder that holds the file; it stays the spool's."""
        self.id: Final = number
        self._descriptor: int | None = descriptor
        self._folder = folder
        self._durable = durable
        self._meta: bytes | None = meta
        self._size = 0
        self._digest = xxh3_128()
        self._head = bytearray()

    @property
    def head(self) -> bytes:
        return bytes(self._head)

    def write(self, parts: Sequence[memoryview]) -> None:
        for part in parts:
            self._digest.update(part)
            if len(self._head) < HEAD_BYTES:
                self._head += part[: HEAD_BYTES - len(self._head)]
        self._append([self._meta, *parts] if self._meta is not None else parts)
        self._meta = None

    def keep(self) -> tuple[int, bytes]:
        if self._meta is not None:
            self.write([])
        descriptor = self._taken()
        try:
            try:
                if self._durable:
                    os.fdatasync(descriptor)
                    os.fsync(self._folder)
                if os.fstat(descriptor).st_nlink == 0:
                    raise SpoolFull("the spool file was removed while the instance arrived; let the sender repeat it")
            finally:
                os.close(descriptor)
        except OSError as error:
            self._unlink()
            raise _full(error) from error
        return self._size, self._digest.digest()

    def discard(self) -> None:
        if self._descriptor is not None:
            os.close(self._taken())
        self._unlink()

    def _append(self, parts: Sequence[bytes | memoryview]) -> None:
        if self._descriptor is None:
            raise SpoolFull("the spool refused an earlier part of this instance")
        try:
            for start in range(0, len(parts), LARGEST_WRITE_PARTS):
                self._size += _write_all(self._descriptor, parts[start : start + LARGEST_WRITE_PARTS])
        except OSError as error:
            self.discard()
            raise _full(error) from error

    def _taken(self) -> int:
        descriptor = self._descriptor
        if descriptor is None:
            raise SpoolFull("the spool refused a part of this instance")
        self._descriptor = None
        return descriptor

    def _unlink(self) -> None:
        try:
            os.unlink(file_name(self.id), dir_fd=self._folder)
        except FileNotFoundError:
            return


def file_name(number: int) -> str:
    """The name of an instance's file."""
    return f"{number:016x}"


def _write_all(descriptor: int, parts: Sequence[bytes | memoryview]) -> int:
    length = sum(map(len, parts))
    written = os.writev(descriptor, parts)
    total = written
    while total < length:
        parts = _behind(parts, written)
        written = os.writev(descriptor, parts)
        total += written
    return length


def _behind(parts: Sequence[bytes | memoryview], count: int) -> list[memoryview]:
    """What is left of ``parts`` after the first ``count`` bytes."""
    left = []
    for part in parts:
        if count < len(part):
            left.append(memoryview(part)[count:])
        count = max(0, count - len(part))
    return left


def _full(error: OSError) -> SpoolFull:
    name = errno.errorcode.get(error.errno or 0, "unknown error")
    return SpoolFull(f"the disk refused a write to the spool ({name}); free some space or look at the disk")

"""Log files that several processes write and that never grow without bounds."""

from __future__ import annotations

import fcntl
import logging
import os
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from typing_extensions import override

if TYPE_CHECKING:
    from pathlib import Path


class SharedFile(logging.Handler):
    """Appends each record to ``path`` in one write; a file of ``max_bytes`` becomes ``path.1``, and ``files`` are kept.

    The kernel keeps appends of several processes apart. Whoever finds the file full renames it under a lock; the
    others notice by its inode. A line that cannot be written is reported on standard error without its content.
    """

    def __init__(self, path: Path, max_bytes: int, files: int) -> None:
        super().__init__()
        self._path = path
        self._max_bytes = max_bytes
        self._files = files
        self._descriptor = -1
        self._inode = -1
        self._is_broken = False

    @override
    def emit(self, record: logging.LogRecord) -> None:
        line = f"{self.format(record)}\n".encode("utf-8", "backslashreplace")
        try:
            self._follow()
            os.write(self._descriptor, line)
        except OSError as error:
            self._complain(error)
        else:
            self._is_broken = False

    @override
    def close(self) -> None:
        with suppress(OSError):
            os.close(self._descriptor)
        self._descriptor = self._inode = -1
        super().close()

    def _follow(self) -> None:
        """Have the file open that now bears the name, and let it not be full."""
        try:
            found = self._path.stat()
        except FileNotFoundError:
            self._open()
            return
        if found.st_ino != self._inode:
            self._open()
        elif found.st_size >= self._max_bytes:
            self._rotate()
            self._open()

    def _open(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._inode = os.fstat(self._descriptor).st_ino

    def _rotate(self) -> None:
        """One process does it; those that waited find a file that is not full."""
        lock = os.open(self._path.with_name(f".{self._path.name}.lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with suppress(FileNotFoundError):
                if self._path.stat().st_size >= self._max_bytes:
                    self._make_place()
        finally:
            os.close(lock)

    def _make_place(self) -> None:
        """Every file moves on by one number; the last is dropped."""
        names = [self._path, *(self._path.with_name(f"{self._path.name}.{n}") for n in range(1, self._files))]
        names[-1].unlink(missing_ok=True)
        for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
            with suppress(FileNotFoundError):
                newer.rename(older)

    def _complain(self, error: OSError) -> None:
        """Once, until a line can be written again."""
        if not self._is_broken:
            self._is_broken = True
            sys.stderr.write(f'{{"event": "log.unwritable", "file": "{self._path.name}", "errno": {error.errno}}}\n')

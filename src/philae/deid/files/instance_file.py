"""A DICOM file on disk: mapped for reading, its untouched ranges copied by the kernel."""

from __future__ import annotations

import os
import re
import stat
from errno import EINVAL, ENOSYS, EOPNOTSUPP, EXDEV
from mmap import ACCESS_READ, MADV_DONTNEED, PAGESIZE, mmap
from typing import TYPE_CHECKING, Final

from philae.dicom.part10 import NotDicom, read_meta, write_meta
from philae.dicom.scan import Encoded
from philae.dicom.syntax import transfer_syntax

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Self

    from philae.deid.output import Output
    from philae.dicom.part10 import FileMeta

MEDIA_STORAGE_DIRECTORY: Final = "1.2.840.10008.1.3.10"

_UID: Final = re.compile(r"(?=.{1,64}$)[0-9]+(?:\.[0-9]+)*")
_BLOCK: Final = 1 << 20
_BY_KERNEL: Final = 1 << 16
"""From this length on, a range is copied without being mapped and bytes are not kept for company."""
_VECTOR: Final = 512
_NO_KERNEL_COPY: Final = (EXDEV, EINVAL, ENOSYS, EOPNOTSUPP)


class SourceChanged(Exception):
    """The source file became shorter while it was read."""

    def __init__(self) -> None:
        super().__init__("the file became shorter while it was read; try again when its writer is done")


class DirectoryFile(ValueError):
    """The file is a DICOMDIR: it lists patients and names files, it holds no instance."""

    def __init__(self) -> None:
        super().__init__("a DICOMDIR lists patients and holds no instance; make a new one from the results")


class InstanceFile:
    """One DICOM file, open for reading; a context manager.

    Raises `OSError`, `NotDicom` or `DirectoryFile`. The file must not shrink while it is open.
    """

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            self._map = _mapped(self.descriptor)
            self.meta, self._encoded = instance_in(self._map)
        except (OSError, ValueError):
            os.close(self.descriptor)
            raise

    @property
    def encoded(self) -> Encoded:
        """The dataset inside the file."""
        return self._encoded

    def blocks(self, start: int, end: int) -> Iterator[memoryview]:
        """The bytes of a range; those passed by stay valid but leave memory."""
        view = memoryview(self._map)
        passed = start - start % PAGESIZE
        for position in range(start, end, _BLOCK):
            yield view[position : min(position + _BLOCK, end)]
            release = position - position % PAGESIZE
            if release > passed:
                self._map.madvise(MADV_DONTNEED, passed, release - passed)
                passed = release

    def close(self) -> None:
        """Close the file; the map goes with the last view of it."""
        os.close(self.descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def instance_in(content: bytes | mmap) -> tuple[FileMeta, Encoded]:
    """The instance that the content of a DICOM file holds. Raises `NotDicom` or `DirectoryFile`."""
    meta = read_meta(content)
    if meta.sop_class_uid == MEDIA_STORAGE_DIRECTORY:
        raise DirectoryFile
    if not is_uid(meta.transfer_syntax_uid):
        raise NotDicom("its file meta information names a transfer syntax that is no UID")
    syntax = transfer_syntax(meta.transfer_syntax_uid)
    return meta, Encoded(content, meta.dataset_offset, len(content), syntax)


def is_uid(text: str) -> bool:
    """Whether the text is digits and dots of a length that a UID may have: what can be written as one."""
    return _UID.fullmatch(text) is not None


def write_instance(target: Path, file: InstanceFile, output: Output) -> int:
    """Write a new Part 10 file with ``output``; return its size.

    Raises `OSError`, also if ``target`` exists, or `SourceChanged`; then there is no new file.
    """
    meta = write_meta(output.plan.sop_class_uid, output.plan.sop_instance_uid, output.syntax.uid)
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        _write(descriptor, meta, file, output)
        return os.fstat(descriptor).st_size
    except (OSError, SourceChanged):
        target.unlink()
        raise
    finally:
        os.close(descriptor)


def _mapped(descriptor: int) -> mmap:
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        raise NotDicom("not a regular file")
    if not status.st_size:
        raise NotDicom("an empty file")
    return mmap(descriptor, status.st_size, access=ACCESS_READ)


def _write(descriptor: int, meta: bytes, file: InstanceFile, output: Output) -> None:
    vector: list[bytes | memoryview] = [meta]
    with memoryview(file.encoded.source) as view:
        for segment in output.segments():
            if isinstance(segment, bytes):
                vector.append(segment)
            elif segment.end - segment.start < _BY_KERNEL:
                vector.append(view[segment.start : segment.end])
            else:
                _write_vector(descriptor, vector)
                _copy(file.descriptor, descriptor, segment.start, segment.end)
                vector = []
            if len(vector) >= _VECTOR or (isinstance(segment, bytes) and len(segment) >= _BY_KERNEL):
                _write_vector(descriptor, vector)
                vector = []
        _write_vector(descriptor, vector)
        vector.clear()


def _write_vector(descriptor: int, vector: list[bytes | memoryview]) -> None:
    if not vector:
        return
    written = os.writev(descriptor, vector)
    for piece in vector:
        if written < len(piece):
            _write_rest(descriptor, memoryview(piece)[max(written, 0) :])
        written -= len(piece)


def _write_rest(descriptor: int, rest: memoryview) -> None:
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _copy(source: int, target: int, start: int, end: int) -> None:
    """Copy a range to the end of ``target``: shared by the file system where it can, else in the kernel."""
    position = start
    try:
        while position < end:
            position += _some(os.copy_file_range(source, target, end - position, position))
    except OSError as error:
        if error.errno not in _NO_KERNEL_COPY:
            raise
        while position < end:
            position += _some(os.sendfile(target, source, position, end - position))


def _some(count: int) -> int:
    if not count:
        raise SourceChanged
    return count

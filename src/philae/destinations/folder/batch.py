"""Files that are written one by one, then made durable and named together: a disk syncs many as quickly as one."""

from __future__ import annotations

import errno
import filecmp
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Final

from philae.dicom.part10 import write_meta
from philae.pipeline.layout import free_names
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Refused, State

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from philae.pipeline.model import Outgoing

    Answer = tuple[Outgoing, Receipt | Refused]

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})
MOST_FILES: Final = 32
MOST_BYTES: Final = 64 << 20
LONGEST_S: Final = 0.5
"""Files do not wait longer for more to be written: those may take long to prepare."""


@dataclass(frozen=True, slots=True)
class _Written:
    outgoing: Outgoing
    file: BinaryIO
    temporary: Path
    final: Path


class Batch:
    """Files below ``root`` that have no name of their own yet."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._began_at = 0.0
        self._bytes = 0
        self._written: list[_Written] = []
        self._folders: set[Path] = set()

    def is_full_for(self, outgoing: Outgoing) -> bool:
        """Whether the batch has to end before this one is added."""
        return bool(self._written) and (
            len(self._written) >= MOST_FILES
            or self._bytes + outgoing.body.length > MOST_BYTES
            or monotonic() - self._began_at > LONGEST_S
            or any(each.outgoing.delivery.instance.id == outgoing.delivery.instance.id for each in self._written)
        )

    def add(self, outgoing: Outgoing, name: str) -> None:
        """Write an instance that is to be called ``name``, under a temporary name. Raises OSError."""
        final = self._root / name
        self._make(final.parent)
        temporary = final.parent / f".{outgoing.delivery.instance.id:x}-{outgoing.delivery.destination_id}.part"
        temporary.unlink(missing_ok=True)
        self._began_at = self._began_at if self._written else monotonic()
        with ExitStack() as unless_written:
            file = unless_written.enter_context(temporary.open("xb"))
            unless_written.callback(temporary.unlink, missing_ok=True)
            _write(file, outgoing)
            unless_written.pop_all()
        self._written.append(_Written(outgoing, file, temporary, final))
        self._folders.add(final.parent)
        self._bytes += outgoing.body.length

    def answers(self) -> Iterator[Answer]:
        """Sync and name what was written, and say how each ended once all of it is durable. Raises OSError."""
        for written in self._written:
            os.fdatasync(written.file.fileno())
        answers = [(written.outgoing, self._named(written)) for written in self._written]
        for written in self._written:
            written.temporary.unlink(missing_ok=True)
        for folder in self._folders:
            _sync_folder(folder)
        self.discard()
        yield from answers

    def discard(self) -> None:
        """Take away whatever has a temporary name, and begin anew."""
        while self._written:
            written = self._written.pop()
            written.file.close()
            written.temporary.unlink(missing_ok=True)
        self._folders.clear()
        self._bytes = 0

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self._make(folder.parent)
            folder.mkdir(exist_ok=True)
            self._folders.add(folder.parent)

    def _named(self, written: _Written) -> Receipt | Refused:
        try:
            return self._published(written)
        except OSError as error:
            if error.errno != errno.ENAMETOOLONG:
                raise
            return too_long(self._root)

    def _published(self, written: _Written) -> Receipt:
        for name in map(Path, free_names(str(written.final))):
            try:
                _give_name(written, name)
            except FileExistsError:
                if _same(_opened(written.file), name):
                    return Receipt(State.ALREADY_PRESENT, str(name.relative_to(self._root)))
                continue
            return Receipt(State.SENT, str(name.relative_to(self._root)))
        raise AssertionError("names never end")


def too_long(root: Path) -> Refused:
    """What is said of one instance, not of the disk."""
    return Refused(f"its file name would be too long below {root}; shorten the layout")


def _write(file: BinaryIO, outgoing: Outgoing) -> None:
    """The disk begins at once with what will have to be there in the end."""
    file.write(write_meta(outgoing.sop_class_uid, outgoing.sop_instance_uid, outgoing.transfer_syntax_uid))
    file.writelines(outgoing.body.buffers())
    file.flush()
    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _opened(file: BinaryIO) -> Path:
    """A path to the very file that is open: its name may already be that of another attempt's."""
    return Path(f"/proc/self/fd/{file.fileno()}")


def _give_name(written: _Written, name: Path) -> None:
    """Give a file its name; where the disk knows no links (SMB, FAT) by renaming it. Raises `FileExistsError`."""
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        os.link(_opened(written.file), name.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if name.exists():
            raise FileExistsError(errno.EEXIST, "there is a file of this name", str(name)) from error
        written.temporary.rename(name)
    finally:
        os.close(folder)


def _same(opened: Path, name: Path) -> bool:
    filecmp.clear_cache()  # it goes by name, size and time; the next file may share all three with this one
    return filecmp.cmp(opened, name, shallow=False)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

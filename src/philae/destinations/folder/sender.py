"""Delivery into a folder, as Part 10 files that appear whole or not at all."""

from __future__ import annotations

import errno
import filecmp
import os
from pathlib import Path
from typing import TYPE_CHECKING

from philae.dicom.part10 import write_meta
from philae.pipeline.layout import file_name, free_names
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Refused, State, TryAgain

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from typing import BinaryIO

    from philae.config.forward_node import ForwardNode
    from philae.destinations.folder.settings import FolderSettings
    from philae.pipeline.model import Outgoing

_NO_LINKS = frozenset({errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK})


class FolderSender:
    """Writes each instance under a temporary name, syncs it and links it to its own."""

    def __init__(self, settings: FolderSettings, _node: ForwardNode) -> None:
        self._root = settings.path
        self._layout = settings.layout

    def deliver(
        self, _wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Receipt | TryAgain | Refused]]:
        """Write each instance; a file that is there already is compared, never overwritten."""
        for outgoing in outgoings:
            yield outgoing, self._answer(outgoing)

    def close(self) -> None:
        """Nothing is kept open."""

    def _answer(self, outgoing: Outgoing) -> Receipt | Refused:
        """Whatever the disk says, except of a name, it would say of every instance."""
        try:
            return self._store(outgoing)
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return Refused(f"its file name would be too long below {self._root}; shorten the layout")
            raise TryAgain(f"cannot write below {self._root}: {error.strerror}") from error

    def _store(self, outgoing: Outgoing) -> Receipt:
        final = self._root / file_name(self._layout, outgoing)
        final.parent.mkdir(parents=True, exist_ok=True)
        temporary = final.parent / f".{outgoing.delivery.instance.id:x}-{outgoing.delivery.destination_id}.part"
        temporary.unlink(missing_ok=True)
        try:
            with temporary.open("xb") as file:
                _write(file, outgoing)
                return self._publish(file, temporary, final)
        finally:
            temporary.unlink(missing_ok=True)

    def _publish(self, file: BinaryIO, temporary: Path, final: Path) -> Receipt:
        for name in map(Path, free_names(str(final))):
            try:
                _give_name(file, temporary, name)
            except FileExistsError:
                if _same(_opened(file), name):
                    return Receipt(State.ALREADY_PRESENT, str(name.relative_to(self._root)))
                continue
            _sync_folder(name.parent)
            return Receipt(State.SENT, str(name.relative_to(self._root)))
        raise AssertionError("names never end")


def _write(file: BinaryIO, outgoing: Outgoing) -> None:
    file.write(write_meta(outgoing.sop_class_uid, outgoing.sop_instance_uid, outgoing.transfer_syntax_uid))
    file.writelines(outgoing.body.buffers())
    file.flush()
    os.fdatasync(file.fileno())


def _opened(file: BinaryIO) -> Path:
    """A path to the very file that is open: its name may already be that of another attempt's."""
    return Path(f"/proc/self/fd/{file.fileno()}")


def _give_name(file: BinaryIO, temporary: Path, name: Path) -> None:
    """Give a file its name; where the disk knows no links (SMB, FAT) by renaming it. Raises `FileExistsError`."""
    folder = os.open(name.parent, os.O_RDONLY)
    try:
        os.link(_opened(file), name.name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=True)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        if name.exists():
            raise FileExistsError(errno.EEXIST, "there is a file of this name", str(name)) from error
        temporary.rename(name)
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

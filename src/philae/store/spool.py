"""The spool on a folder: one Part 10 file per accepted instance."""

from __future__ import annotations

import os
import re
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from philae.dicom.part10 import write_meta
from philae.pipeline.ports import SpoolFileMissing, SpoolFull
from philae.store.instance_ids import InstanceIds
from philae.store.spool_draft import FileDraft, file_name
from philae.store.spool_file import MappedFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import timedelta
    from pathlib import Path

    from philae.pipeline.model import Incoming, Instance

FOLDERS: Final = 16
SPACE_LOOK_S: Final = 0.5
_FILE_NAME: Final = re.compile(r"[0-9a-f]{16}")


class FolderSpool:
    """`philae.pipeline.ports.Spool` below one folder, shared by every process of the machine."""

    def __init__(
        self, root: Path, *, durable: bool = True, min_free_bytes: int = 0, min_free_percent: float = 0
    ) -> None:
        """New instances are refused while less than ``min_free_bytes`` or ``min_free_percent`` of the disk is free."""
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._root = root
        self._durable = durable
        self._min_free_bytes = min_free_bytes
        self._min_free_share = min_free_percent / 100
        self._ids = InstanceIds()
        self._folders = [_folder(root / f"{number:02x}") for number in range(FOLDERS)]
        if durable:
            _sync(root)
        self._looked_at = -SPACE_LOOK_S
        self._has_space = True

    def draft(self, incoming: Incoming) -> FileDraft:
        if not self._space():
            raise SpoolFull("the disk of the spool has reached its watermark; free some space or wait for deliveries")
        meta = write_meta(
            incoming.sop_class_uid,
            incoming.sop_instance_uid,
            incoming.transfer_syntax_uid,
            incoming.calling_ae_title,
        )
        try:
            number, descriptor = self._create()
        except OSError as error:
            raise SpoolFull(f"the spool cannot take a new file: {error.strerror}") from error
        return FileDraft(number, descriptor, self._of(number), meta, durable=self._durable)

    def open(self, instance: Instance) -> MappedFile:
        try:
            descriptor = os.open(file_name(instance.id), os.O_RDONLY | os.O_CLOEXEC, dir_fd=self._of(instance.id))
        except OSError as error:
            raise SpoolFileMissing(f"spool file {file_name(instance.id)}: {error.strerror}") from error
        return MappedFile(descriptor, instance.transfer_syntax_uid)

    def drop(self, instance_ids: Iterable[int]) -> None:
        for number in instance_ids:
            with suppress(FileNotFoundError):
                os.unlink(file_name(number), dir_fd=self._of(number))

    def ids(self, older_than: timedelta) -> Iterator[int]:
        """Files with other names are not ours and are passed by."""
        before = time.time() - older_than.total_seconds()
        for number in range(FOLDERS):
            with os.scandir(self._root / f"{number:02x}") as entries:
                for entry in entries:
                    if _FILE_NAME.fullmatch(entry.name) and _written(entry) < before:
                        yield int(entry.name, 16)

    def close(self) -> None:
        """Give the folders back."""
        for descriptor in self._folders:
            os.close(descriptor)

    def _create(self) -> tuple[int, int]:
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        while True:
            number = self._ids.next()
            with suppress(FileExistsError):
                return number, os.open(file_name(number), flags, 0o600, dir_fd=self._of(number))

    def _of(self, number: int) -> int:
        return self._folders[number % FOLDERS]

    def _space(self) -> bool:
        now = time.monotonic()
        if now - self._looked_at >= SPACE_LOOK_S:
            self._looked_at = now
            disk = os.statvfs(self._root)
            free = disk.f_bavail * disk.f_frsize
            self._has_space = free >= max(self._min_free_bytes, self._min_free_share * disk.f_blocks * disk.f_frsize)
        return self._has_space


def _folder(path: Path) -> int:
    path.mkdir(exist_ok=True, mode=0o700)
    return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written(entry: os.DirEntry[str]) -> float:
    try:
        return entry.stat(follow_symlinks=False).st_mtime
    except FileNotFoundError:
        return float("inf")

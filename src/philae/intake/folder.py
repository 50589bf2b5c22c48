"""Instances that arrive as files in watched folders, in zip archives too."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
import time
import zipfile
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final

from philae.intake.part10_stream import OUT_OF_RESOURCES, ArrivingFile, Receiving, Stored
from philae.pipeline.errand import keep_at

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from philae.config.configuration import Configuration
    from philae.config.forward_node import ForwardNode, WatchedFolder
    from philae.pipeline.ports import Bell, ConfigStore, Ledger, Spool
    from philae.pipeline.wake import Wake

log = logging.getLogger(__name__)

SENDER: Final = "FOLDER"
"""What stands in the place of a calling AE title."""
REFUSED: Final = "refused"
"""Below a watched folder: where files go that are no instances."""
LOOK_EVERY_S: Final = 1.0
_BLOCK: Final = 1 << 20


class NoRoom(Exception):
    """The spool or the ledger cannot take more now: the file stays where it is."""


@dataclass(frozen=True, slots=True)
class FolderIntake:
    """Takes in what lies in the watched folders of every forward node. A file is removed once it has been accepted."""

    configurations: ConfigStore
    spool: Spool
    ledger: Ledger
    bell: Bell
    max_dataset_bytes: int

    def run(self, wake: Wake) -> None:
        """Look into the folders until stopped."""
        keep_at(lambda: self._look_everywhere(wake), wake, LOOK_EVERY_S)

    def _look_everywhere(self, wake: Wake) -> None:
        configuration = self.configurations.current()
        for node in configuration.forward_nodes:
            for watched in node.watch:
                self.look(watched, node, configuration, wake)

    def look(self, watched: WatchedFolder, node: ForwardNode, configuration: Configuration, wake: Wake) -> None:
        """Take in every file that has not been written to for a while, unless another process does."""
        if not any(destination.enabled for destination in node.destinations):
            return
        receiving = Receiving(
            node=node,
            configuration=configuration,
            spool=self.spool,
            ledger=self.ledger,
            sender=SENDER,
            peer_host="",
            max_dataset_bytes=self.max_dataset_bytes,
        )
        try:
            with _only_process(watched.path) as is_alone:
                if is_alone:
                    self._empty(watched, receiving, wake)
        except NoRoom as error:
            log.error("folder.no_room", extra={"node": node.ae_title, "reason": str(error)})
        except OSError as error:
            log.error("folder.unreadable", extra={"node": node.ae_title, "reason": error.strerror})

    def _empty(self, watched: WatchedFolder, receiving: Receiving, wake: Wake) -> None:
        for path in _settled(watched):
            if wake.stopped:
                return
            accepted, fault = _take(path, receiving)
            if accepted:
                self.bell.ring()
            if fault:
                _put_aside(path, watched.path)
                log.warning("folder.refused", extra={"node": receiving.node.ae_title, "reason": fault})
            else:
                path.unlink()


@contextmanager
def _only_process(folder: Path) -> Iterator[bool]:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield True
    except BlockingIOError:
        yield False
    finally:
        os.close(descriptor)


def _settled(watched: WatchedFolder) -> Iterator[Path]:
    """Files that nobody has written to for a while, in the order of their names; hidden ones are under construction."""
    before = time.time() - watched.settle_s
    for folder, folders, names in os.walk(watched.path):
        folders[:] = sorted(name for name in folders if name != REFUSED and not name.startswith("."))
        for name in sorted(names):
            path = watched.path / folder / name
            if not name.startswith(".") and not path.is_symlink() and path.stat().st_mtime < before:
                yield path


def _take(path: Path, receiving: Receiving) -> tuple[int, str]:
    """How many instances of a file, or of an archive, were accepted, and why it is to be put aside. Raises `NoRoom`.

    Files of an archive that are no DICOM, such as a viewer, are passed over as long as there is an instance.
    """
    accepted, others, fault = 0, "the archive is empty", ""
    try:
        for stream in _streams(path):
            stored = _receive(stream, receiving)
            if not stored.status:
                accepted += 1
            elif stored.sop_instance_uid:
                fault = stored.reason
            else:
                others = stored.reason
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as error:  # broken, unknown or encrypted
        fault = f"the archive cannot be read: {type(error).__name__}"
    return accepted, fault or ("" if accepted else others)


def _streams(path: Path) -> Iterator[IO[bytes]]:
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            yield stream
        return
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                with archive.open(member) as stream:
                    yield stream


def _receive(stream: IO[bytes], receiving: Receiving) -> Stored:
    """What became of it. Raises `NoRoom`."""
    arriving = ArrivingFile(receiving)
    is_whole = False
    try:
        while block := stream.read(_BLOCK):
            arriving.write(memoryview(block))
        stored = arriving.end()
        is_whole = True
    finally:
        if not is_whole:
            arriving.abandon()
    if stored.status == OUT_OF_RESOURCES:
        raise NoRoom(stored.reason)
    return stored


def _put_aside(path: Path, folder: Path) -> None:
    """Below `REFUSED`, at the same place."""
    target = folder / REFUSED / path.relative_to(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(path, target)

"""The files below a folder, in an order that does not depend on the disk."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

STATE_FOLDER: Final = ".philae"
"""Where a run keeps what it needs to be resumed; never part of a source."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file with its size in bytes and time of modification, or, with ``problem``, something that cannot be read."""

    path: Path
    size: int = 0
    modified_ns: int = 0
    problem: str = ""


def files_below(root: Path, leave_out: Collection[Path] = ()) -> Iterator[Found]:
    """Every file, by name, folder by folder; links to files are followed, links to folders are a problem."""
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            with os.scandir(folder) as listing:
                entries = sorted(listing, key=lambda entry: entry.name)
        except OSError as error:
            yield Found(folder, problem=f"the folder cannot be read: {error.strerror}")
            continue
        below: list[Path] = []
        for entry in entries:
            path = Path(entry.path)
            if entry.is_dir(follow_symlinks=False):
                if entry.name != STATE_FOLDER and path not in leave_out:
                    below.append(path)
            else:
                yield _found(entry, path)
        folders += reversed(below)


def found_at(path: Path) -> Found:
    """One file. Raises `OSError`."""
    status = path.stat()
    return Found(path, status.st_size, status.st_mtime_ns)


def _found(entry: os.DirEntry[str], path: Path) -> Found:
    try:
        if entry.is_dir():
            return Found(path, problem="a link to a folder is not followed; name that folder itself")
        status = entry.stat()
    except OSError as error:
        return Found(path, problem=f"cannot be read: {error.strerror}")
    return Found(path, status.st_size, status.st_mtime_ns)

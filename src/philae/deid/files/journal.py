"""What a run has finished in its output folder, so that the next one skips it."""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from pathlib import Path


class InUse(Exception):
    """Another run holds the journal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One finished source file: what it became, and how large the output is (0: there is none)."""

    result: str
    reason: str
    sop_class_uid: str
    sop_instance_uid: str
    study_instance_uid: str
    series_instance_uid: str
    size: int


class Journal:
    """Entries by key, appended to a file that one run at a time holds.

    Keys are keyed hashes, so the file tells nothing about the sources. A line that a crash cut off does not count.
    """

    def __init__(self, path: Path) -> None:
        """Raises `InUse` or `OSError`."""
        self._file: BinaryIO = path.open("a+b", buffering=0)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            raise InUse from None
        self._places: dict[bytes, int] = {}
        self._read()

    def entry(self, key: bytes) -> Entry | None:
        """What was recorded under ``key``."""
        place = self._places.get(key)
        if place is None:
            return None
        self._file.seek(place)
        values = json.loads(self._file.readline())
        return Entry(*values[1:])

    def record(self, key: bytes, entry: Entry) -> None:
        """Append an entry; it survives the process as soon as this returns."""
        values = [key.hex(), *(getattr(entry, name) for name in Entry.__slots__)]
        self._file.write(json.dumps(values).encode("ascii") + b"\n")

    def close(self) -> None:
        """Let another run have it."""
        self._file.close()

    def _read(self) -> None:
        self._file.seek(0)
        place = 0
        with os.fdopen(os.dup(self._file.fileno()), "rb") as lines:
            for line in lines:
                if line.endswith(b"]\n"):
                    self._places[bytes.fromhex(line[2:34].decode("ascii"))] = place
                place += len(line)
                whole = line.endswith(b"\n")
        if place and not whole:
            self._file.write(b"\n")

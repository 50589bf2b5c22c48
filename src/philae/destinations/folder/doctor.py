"""What may ail a folder: that it is not there, not ours to write in, or full."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Final
from uuid import uuid4

from philae.admin.doctor import Ill, Said, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from philae.admin.doctor import Case
    from philae.destinations.folder.settings import FolderSettings

LITTLE_BYTES: Final = 5 << 30
_CONTENT: Final = b"written by philae doctor; may be deleted"


class FolderDoctor:
    """Writes a file that it takes away again."""

    endpoint = None

    def __init__(self, settings: FolderSettings, _case: Case) -> None:
        self._path = settings.path
        self._place = settings.path
        self._written: Path | None = None

    def steps(self) -> Iterator[Step]:
        """As a delivery goes, and back."""
        yield Step("folder", self._look)
        yield Step("room", self._measure)
        yield Step("write", lambda: self._tried("write", self._write))
        yield Step("rename", lambda: self._tried("rename", self._rename))
        yield Step("delete", lambda: self._tried("delete", self._delete))

    def close(self) -> None:
        """Leave nothing behind."""
        if self._written is not None:
            self._written.unlink(missing_ok=True)

    def _look(self) -> Said:
        try:
            return self._seen()
        except OSError as error:
            raise Ill(f"cannot look at {self._path}: {error.strerror}", "give the gateway's user access") from error

    def _seen(self) -> Said:
        if self._path.is_dir():
            return Said(f"{self._path} is there")
        self._place = next(each for each in (self._path, *self._path.parents) if each.exists())
        if not self._place.is_dir():
            raise Ill(f"{self._place} is no folder", "correct path")
        return Said(
            f"{self._path} is not there; the first delivery makes it, below {self._place}",
            Verdict.WARNING,
            "if a disk or share is to be mounted there, mount it",
        )

    def _measure(self) -> Said:
        free = shutil.disk_usage(self._place).free
        words = f"{free / 1e9:.1f} GB are free"
        if free < LITTLE_BYTES:
            return Said(words, Verdict.WARNING, "make room: deliveries wait when the disk is full")
        return Said(words)

    def _tried(self, verb: str, act: Callable[[], str]) -> Said:
        try:
            return Said(act())
        except OSError as error:
            advice = "give the gateway's user the right to it, or correct path"
            raise Ill(f"cannot {verb} in {self._place}: {error.strerror}", advice) from error

    def _write(self) -> str:
        self._written = self._place / f".philae-doctor-{uuid4().hex}.part"
        self._written.write_bytes(_CONTENT)
        return "a file can be written"

    def _rename(self) -> str:
        if self._written is not None:
            self._written = self._written.rename(self._written.with_suffix(".dcm"))
        return "it can be renamed"

    def _delete(self) -> str:
        if self._written is not None:
            self._written.unlink()
        return "it can be deleted"

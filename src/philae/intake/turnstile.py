"""How many may send to a forward node at once, and how fast, counted over all intakes of this machine."""

from __future__ import annotations

import fcntl
import os
import struct
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

if TYPE_CHECKING:
    from pathlib import Path

    from philae.config.forward_node import ForwardNode, Source

_FREE_AT: Final = struct.Struct("<d")
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
_LONGEST_QUEUE: Final = 4096
"""More do not wait: a file that says so was written before the machine was started."""


class Turnstile:
    """Locks on files in ``folder``: they end with the process that holds them, however it ends."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder = folder

    def enter(self, node: ForwardNode, source: Source | None) -> Passage | None:
        """Leave to send to ``node``, as ``source`` if it is one of the node's; None when too many send already."""
        passage = Passage()
        limited = [(_name(node.ae_title), node.limits)]
        if source is not None:
            limited.append((_name(node.ae_title, source.ae_title), source.limits))
        for name, limits in limited:
            if limits.associations is not None and not self._take_place(name, limits.associations, passage):
                passage.leave()
                return None
            if limits.instances_per_s is not None:
                pace = os.open(self._folder / f"{name}.pace", _FLAGS, 0o600)
                passage.paces.append((pace, 1 / limits.instances_per_s))
        return passage

    def _take_place(self, name: str, places: int, passage: Passage) -> bool:
        for number in range(places):
            descriptor = os.open(self._folder / f"{name}.{number}", _FLAGS, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
            else:
                passage.places.append(descriptor)
                return True
        return False


class Passage:
    """One association's leave to send; for one thread."""

    def __init__(self) -> None:
        self.places: list[int] = []
        self.paces: list[tuple[int, float]] = []
        """Files that say when the next instance is due, and how many seconds one takes."""

    def wait(self) -> None:
        """Return when the next instance may be answered: a sender that is too fast hears our answers later."""
        for descriptor, takes_s in self.paces:
            wait_s = _turn(descriptor, takes_s) - time.monotonic()
            if wait_s > 0:
                time.sleep(wait_s)

    def leave(self) -> None:
        """Make room for another one; again is no error."""
        for descriptor in (*self.places, *(descriptor for descriptor, _ in self.paces)):
            with suppress(OSError):
                os.close(descriptor)
        self.places.clear()
        self.paces.clear()


def _turn(descriptor: int, takes_s: float) -> float:
    """When it is our turn; the next one's is ``takes_s`` later. The clock is the machine's, since it was started."""
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        now = time.monotonic()
        written = os.pread(descriptor, _FREE_AT.size, 0)
        free_at = _FREE_AT.unpack(written)[0] if len(written) == _FREE_AT.size else now
        turn = now if free_at < now or free_at > now + _LONGEST_QUEUE * takes_s else free_at
        os.pwrite(descriptor, _FREE_AT.pack(turn + takes_s), 0)
        return float(turn)
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _name(*ae_titles: str) -> str:
    return ",".join(quote(each, safe="") for each in ae_titles)

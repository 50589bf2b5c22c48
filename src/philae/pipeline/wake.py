"""How lanes of one process learn that there is work, and that it is time to stop."""

from __future__ import annotations

from threading import Condition
from time import monotonic


class Wake:
    """A counter of rings that threads wait on; once stopped it never blocks again."""

    def __init__(self) -> None:
        self._changed = Condition()
        self.count = 0
        self.stopped = False

    def ring(self) -> None:
        """Wake every waiting thread."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def stop(self) -> None:
        """Tell every thread to finish what it has in hand."""
        with self._changed:
            self.stopped = True
            self._changed.notify_all()

    def wait(self, seen: int, timeout_s: float) -> float:
        """Wait until there was a ring after the ``seen``-th, a stop, or the time is over; return the seconds spent."""
        began = monotonic()
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen or self.stopped, timeout_s)
        return monotonic() - began

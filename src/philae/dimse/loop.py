"""One thread that waits for many associations, so that their instances do not compete for the interpreter."""

import select
import time
from collections.abc import Callable
from threading import Thread
from typing import Final, Protocol

LOOK_S: Final = 1.0
"""Silent associations are looked for this often."""


class Waiting(Protocol):
    """An association whose peer has the next word until ``deadline``, in seconds of the monotonic clock."""

    deadline: float

    def ready(self) -> bool:
        """Take what has come without waiting for anything; False when a thread of its own must go on with it."""

    def resume(self) -> None:
        """Go on where ``ready`` ended; may wait."""

    def expired(self) -> None:
        """Go on after the deadline; may wait."""


class Loop:
    """Waits for associations from ``start`` to ``close``; what may take a while is left to ``delegate``."""

    def __init__(self, delegate: Callable[[Callable[[], None]], None]) -> None:
        self._delegate = delegate
        self._epoll = select.epoll()
        self._waiting: dict[int, Waiting] = {}
        self._closed = False
        self._look_at = 0.0

    def start(self) -> None:
        Thread(target=self._run, name="associations", daemon=True).start()

    def watch(self, descriptor: int, waiting: Waiting) -> None:
        """Wait for ``descriptor``; from any thread."""
        self._waiting[descriptor] = waiting
        self._epoll.register(descriptor, select.EPOLLIN)

    def close(self) -> None:
        """The thread ends within `LOOK_S`."""
        self._closed = True

    def _run(self) -> None:
        """A handler that raises takes this thread with it; another goes on with the other associations."""
        try:
            while not self._closed:
                for descriptor, _ in self._epoll.poll(LOOK_S):
                    self._serve(descriptor)
                self._give_up_silent()
        finally:
            if self._closed:
                self._epoll.close()
            else:
                self.start()

    def _serve(self, descriptor: int) -> None:
        waiting = self._waiting[descriptor]
        stays = False
        try:
            stays = waiting.ready()
        finally:
            if not stays:
                self._leave(descriptor, waiting.resume)

    def _give_up_silent(self) -> None:
        now = time.monotonic()
        if now < self._look_at:
            return
        self._look_at = now + LOOK_S
        for descriptor, waiting in list(self._waiting.items()):
            if waiting.deadline <= now:
                self._leave(descriptor, waiting.expired)

    def _leave(self, descriptor: int, go_on: Callable[[], None]) -> None:
        del self._waiting[descriptor]
        self._epoll.unregister(descriptor)
        self._delegate(go_on)

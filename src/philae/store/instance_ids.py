"""Numbers for new instances that grow with time."""

from random import getrandbits
from threading import Lock
from time import time_ns
from typing import Final

RANDOM_BITS: Final = 10
"""Leaves 53 bits for microseconds since 1970: enough until 2255 in a signed 64-bit column."""


class InstanceIds:
    """Gives each thread of a process a larger number than any before; two processes may, rarely, give the same."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = 0

    def next(self) -> int:
        """Microseconds since 1970, shifted left by ten bits of chance."""
        number = time_ns() // 1000 << RANDOM_BITS | getrandbits(RANDOM_BITS)
        with self._lock:
            self._last = max(number, self._last + 1)
            return self._last


def first_id_at(microseconds: int) -> int:
    """The lowest number of an instance that began to arrive at this moment, or later."""
    return microseconds << RANDOM_BITS

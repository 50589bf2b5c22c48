"""Whether a destination is worth an attempt now."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from philae.pipeline.retry import RetryCurve


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a destination cannot be reached, since when, and when it was tried last."""

    reason: str
    since: datetime
    tried_at: datetime


class Circuit:
    """Opens when a destination cannot be reached, and lets one lane at a time find out whether it is back."""

    def __init__(self, curve: RetryCurve, down_since: datetime | None = None) -> None:
        """``down_since``: from when on it could not be reached before; that lasts until it answers."""
        self._curve = curve
        self._failures = 0
        self._down_since = down_since
        self._open_until = 0.0
        self._probing = False
        self._lock = Lock()
        self.has_answered = False
        """Whether the destination ever answered; before that nobody knows."""
        self.trouble: Trouble | None = None

    def wait_s(self) -> float:
        """Seconds until an attempt is worth while; 0 lets the caller try, and makes others wait for the result."""
        with self._lock:
            if not self._failures:
                return 0.0
            remaining = self._open_until - time.monotonic()
            if remaining > 0:
                return remaining
            self._open_until = time.monotonic() + self._curve.base_s
            self._probing = True
            return 0.0

    def not_tried(self) -> None:
        """The caller had leave to try and nothing to try with: the next one may."""
        with self._lock:
            if self._probing:
                self._probing = False
                self._open_until = time.monotonic()

    def failed(self, reason: str = "") -> float:
        """The destination could not be reached; returns the seconds that the circuit stays open.

        Lanes that were under way when it opened find out one after the other: together they count once.
        """
        with self._lock:
            remaining = self._open_until - time.monotonic()
            if self._failures and not self._probing and remaining > 0:
                return remaining
            self._failures += 1
            self._probing = False
            now = datetime.now(UTC)
            self._down_since = self._down_since or now
            self.trouble = Trouble(reason, self._down_since, now)
            delay = self._curve.delay(self._failures).total_seconds()
            self._open_until = time.monotonic() + delay
            return delay

    def succeeded(self) -> None:
        """The destination answered."""
        if self._failures or not self.has_answered:
            with self._lock:
                self.has_answered = True
                self.trouble = self._down_since = None
                self._failures = 0
                self._open_until = 0.0
                self._probing = False

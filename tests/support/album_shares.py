"""Series that wait for albums, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from philae.pipeline.album_shares import AlbumShare, WaitingShare


@dataclass
class FakeShares:
    """`philae.pipeline.album_shares.AlbumShares`."""

    waiting: dict[int, AlbumShare] = field(default_factory=dict)
    since: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    due: dict[int, datetime] = field(default_factory=dict)
    attempts: dict[int, int] = field(default_factory=dict)
    reasons: dict[int, str] = field(default_factory=dict)
    done: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)

    def claim(self, now: datetime) -> WaitingShare | None:
        for number, share in self.waiting.items():
            if self.due.get(number, now) <= now:
                self.attempts[number] = self.attempts.get(number, 0) + 1
                return WaitingShare(number, share, self.since, self.attempts[number])
        return None

    def shared(self, number: int, now: datetime) -> None:
        del self.waiting[number]
        self.done.append(number)

    def postpone(self, number: int, until: datetime, reason: str) -> None:
        self.due[number], self.reasons[number] = until, reason

    def drop(self, number: int) -> None:
        del self.waiting[number]
        self.dropped.append(number)

    def forget(self, before: datetime) -> None:
        """Nothing is remembered here."""

"""Series that follow their first confirmed delivery into albums."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class AlbumShare:
    """A series as a destination has it, and the album of the destination that it is to be shared with."""

    destination_id: int
    album: str
    study_instance_uid: str
    series_instance_uid: str


@dataclass(frozen=True, slots=True)
class WaitingShare:
    """A share that a process has claimed."""

    id: int
    share: AlbumShare
    since: datetime
    attempts: int
    """This one included."""


@dataclass(frozen=True, slots=True)
class Unshared:
    """How many series wait for an album."""

    album: str
    series: int
    reason: str = ""
    """Why one that was tried still waits."""


class AlbumShares(Protocol):
    """What is to be shared. The ledger adds to it as it settles deliveries. Raises `LedgerUnavailable`."""

    def claim(self, now: datetime) -> WaitingShare | None:
        """The share that is due first; no other process gets it for a while."""

    def shared(self, number: int, now: datetime) -> None:
        """It is done; it is remembered, so that the series is not shared with each of its instances."""

    def postpone(self, number: int, until: datetime, reason: str) -> None:
        """It is to be tried again."""

    def drop(self, number: int) -> None:
        """It is not to be done."""

    def forget(self, before: datetime) -> None:
        """No longer remember what was shared before."""

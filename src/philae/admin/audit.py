"""The audit trail: who changed or looked up what, and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that a person or a program did. ``before`` and ``after`` hold no secrets and no patient's values."""

    at: datetime
    actor: str
    action: str
    subject: str
    before: str = ""
    after: str = ""


class AuditTrail(Protocol):
    """Events are added and read, never changed."""

    def record(self, event: Event) -> None: ...

    def events(
        self, *, before: int | None, limit: int, actor: str = "", action: str = ""
    ) -> Sequence[tuple[int, Event]]:
        """Newest first with their numbers, those older than number ``before`` if it is given.

        Only those of ``actor``, and whose action begins with ``action``, where these are not empty.
        """

"""What calls leave in the audit trail where no use case does it for them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from philae.admin.audit import Event

if TYPE_CHECKING:
    from philae.web.auth import Caller
    from philae.web.gateway import Gateway


def record(gateway: Gateway, caller: Caller, action: str, subject: str, after: str = "") -> None:
    """Raises `LedgerUnavailable`."""
    gateway.audit.record(Event(datetime.now(UTC), caller.actor, action, subject, after=after))

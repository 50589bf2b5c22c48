"""What pages show of the machine that the gateway runs on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from philae.admin.notifications.alarms import Certificate


@dataclass(frozen=True, slots=True)
class LogLine:
    """One event of the general log, without what may identify anybody."""

    at: datetime
    level: str
    event: str
    facts: str


@dataclass(frozen=True, slots=True)
class Machine:
    """What it shows and does by itself, is nothing."""

    certificates: Callable[[], Sequence[Certificate]] = tuple
    """Those of the gateway and of its destinations."""
    log_since: Callable[[datetime], Sequence[LogLine]] = lambda _: ()
    """The newest first, and not more than fit on a page."""
    send_sample: Callable[[str, str], str] | None = None
    """Send an invented instance to the forward node, under the AE title; what was answered. Raises `Declined`."""
    dicom_port: int | None = None
    dicom_tls_port: int | None = None


NO_MACHINE: Final = Machine()

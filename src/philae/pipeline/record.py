"""The record step: what is written about the end of an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from philae.dicom.commitment import Reference
from philae.pipeline.commitments import AWAITED
from philae.pipeline.model import Settlement
from philae.pipeline.outcome import Busy, State
from philae.pipeline.retry import RetryCurve

if TYPE_CHECKING:
    from datetime import datetime

    from philae.pipeline.model import Delivery, Outgoing, Receipt
    from philae.pipeline.outcome import TryAgain


def sent(outgoing: Outgoing, receipt: Receipt) -> Settlement:
    """The receiver has it, unless it was not to be sent there."""
    if receipt.state is State.EXCLUDED:
        return ended(outgoing.delivery, State.EXCLUDED, receipt.detail, receipt.code)
    detail = f"{receipt.detail}; {outgoing.remark}" if outgoing.remark else receipt.detail
    uncommitted = Reference(outgoing.sop_class_uid, outgoing.sop_instance_uid) if receipt.is_uncommitted else None
    return Settlement(
        outgoing.delivery,
        receipt.state,
        detail + AWAITED if uncommitted else detail,
        receipt.code,
        outgoing.names,
        study=outgoing.study,
        albums=outgoing.albums,
        uncommitted=uncommitted,
    )


def ended(delivery: Delivery, state: State, reason: str, code: str = "") -> Settlement:
    """The attempt ended without a transfer, for this reason."""
    return Settlement(delivery, state, reason, code)


def not_tried(delivery: Delivery) -> Settlement:
    """The batch broke off before it was this delivery's turn: back to the queue, no attempt counted."""
    return Settlement(delivery, State.QUEUED)


@dataclass(frozen=True, slots=True)
class Patience:
    """How often and how long one instance is tried again after the receiver could not take it."""

    curve: RetryCurve
    attempts: int = 10
    """An instance that breaks this many attempts by itself is failed, so that it does not block its lane for ever."""

    def again(self, delivery: Delivery, error: TryAgain, now: datetime) -> Settlement:
        """Queued with a delay, or failed when patience is at its end."""
        failures = delivery.attempts + 1
        if failures >= self.attempts and not isinstance(error, Busy):
            return Settlement(delivery, State.FAILED, f"gave up after {failures} attempts: {error}", error.code)
        delay = max(self.curve.delay(failures), timedelta(seconds=error.after_s))
        return Settlement(delivery, State.QUEUED, str(error), error.code, not_before=now + delay)

"""Instances that an archive has, on their way to its commitment to keep them (PS3.4 annex J, ADR 12)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from philae.dicom.commitment import (
    CLASS_INSTANCE_CONFLICT,
    DUPLICATE_TRANSACTION_UID,
    PROCESSING_FAILURE,
    REFERENCED_SOP_CLASS_NOT_SUPPORTED,
    RESOURCE_LIMITATION,
    decode_report,
    failure_in_words,
)
from philae.dicom.headers import MalformedDataset
from philae.pipeline.model import Settlement
from philae.pipeline.outcome import State
from philae.pipeline.ports import LedgerUnavailable
from philae.pipeline.retry import RetryCurve

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import datetime

    from philae.dicom.commitment import Reference, Report
    from philae.dicom.scan import Encoded
    from philae.pipeline.model import Delivery

log = logging.getLogger(__name__)

UNANSWERED: Final = 3
"""An archive that was asked so often about an instance is one that does not answer."""
AWAITED: Final = "; storage commitment awaited"
"""What stands behind the answer of an archive that has an instance, in the record of its delivery."""
COMMITTED: Final = "; storage committed"
NOT_ASKED: Final = "; storage commitment not asked for any more"
MOST_SENDS: Final = 5
"""An instance that is not committed after so many attempts is failed."""
INVALID_ARGUMENT_VALUE: Final = 0x0115
_CURVE: Final = RetryCurve(base_s=2.0, cap_s=60.0)
_FOR_GOOD: Final = frozenset({REFERENCED_SOP_CLASS_NOT_SUPPORTED, CLASS_INSTANCE_CONFLICT})


@dataclass(frozen=True, slots=True)
class CommitmentRequest:
    """One transaction: what an archive is to be asked about."""

    transaction_uid: str
    destination_id: int
    references: tuple[Reference, ...]
    attempts: int
    """How often it was asked about the one it was asked about most, this time included."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A transaction that an archive was asked in."""

    transaction_uid: str
    destination_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Awaited:
    """A delivery that an archive has confirmed and not committed itself to."""

    delivery: Delivery
    state: State
    sop_instance_uid: str
    """As the archive knows it."""
    since: datetime


@dataclass(frozen=True, slots=True)
class Uncommitted:
    """How many instances an archive has and has not committed itself to keep."""

    instances: int
    since: datetime
    """When it confirmed the first of them."""
    attempts: int
    """How often it was asked about the one it was asked about most."""
    reason: str = ""
    """Why it could not be asked, if it could not."""

    @property
    def is_unanswered(self) -> bool:
        """Whether a person should look."""
        return self.attempts > UNANSWERED


@dataclass(frozen=True, slots=True)
class Hearing:
    """How an event report is to be answered (PS3.7 10.1.1.1.8)."""

    status: int
    words: str = ""
    instances: int = 0
    """What the report was about."""


class Commitments(Protocol):
    """What archives are to commit themselves to. The ledger adds to it as it settles. Raises `LedgerUnavailable`."""

    def claim(self, patience: Mapping[int, timedelta], now: datetime) -> CommitmentRequest | None:
        """A new transaction of what is due at one of these destinations; due again if that is silent for so long."""

    def postpone(self, request: CommitmentRequest, until: datetime, reason: str) -> None:
        """The archive could not be asked."""

    def asked(self, transaction_uid: str) -> Asked | None:
        """When and whom."""

    def awaited(self, asked: Asked, sop_instance_uids: Collection[str]) -> Sequence[Awaited]:
        """Deliveries of these instances that were awaited when the archive was asked, and still are."""

    def committed(self, awaited: Sequence[Awaited]) -> None:
        """The archive has committed itself: nothing needs our copy any more."""

    def refused(self, endings: Sequence[tuple[Awaited, Settlement]]) -> None:
        """The archive has not: the deliveries end otherwise."""

    def keep(self, destination_ids: Collection[int]) -> int:
        """Await nothing from other destinations any more; how many deliveries were let go."""

    def forget(self, before: datetime) -> None:
        """No longer remember transactions from before."""


def heard(encoded: Encoded, allowed: Collection[int], commitments: Commitments, now: datetime) -> Hearing:
    """Take in the report of an archive that is one of the destinations ``allowed``, and say what to answer."""
    try:
        report = decode_report(encoded)
        is_expected = _take_in(report, allowed, commitments, now)
    except MalformedDataset:
        return Hearing(PROCESSING_FAILURE, "The report cannot be read")
    except LedgerUnavailable as error:
        log.error("ledger.unavailable", extra={"reason": str(error)})
        return Hearing(RESOURCE_LIMITATION, "The report cannot be recorded now")
    if is_expected:
        return Hearing(0, instances=len(report.committed) + len(report.failed))
    log.warning("commitment.unexpected", extra={"destinations": sorted(allowed)})
    return Hearing(INVALID_ARGUMENT_VALUE, "The Transaction UID is not one of ours")


def _take_in(report: Report, allowed: Collection[int], commitments: Commitments, now: datetime) -> bool:
    """False if none of the destinations ``allowed`` was asked in its transaction.

    What is said of an instance that was sent again since then does not count.
    """
    asked = commitments.asked(report.transaction_uid)
    if asked is None or asked.destination_id not in allowed:
        return False
    reasons = {each.sop_instance_uid: each.reason for each in report.failed}
    awaited = commitments.awaited(asked, reasons.keys() | set(report.committed))
    committed = [each for each in awaited if each.sop_instance_uid not in reasons]
    refused = [(each, reasons[each.sop_instance_uid]) for each in awaited if each.sop_instance_uid in reasons]
    commitments.committed(committed)
    commitments.refused(
        [(each, _ending(each, reason, now)) for each, reason in refused if reason != DUPLICATE_TRANSACTION_UID]
    )
    said = {"destination": asked.destination_id, "committed": len(committed), "refused": len(refused)}
    log.log(logging.WARNING if refused else logging.INFO, "commitment.reported", extra=said)
    return True


def _ending(awaited: Awaited, reason: int, now: datetime) -> Settlement:
    """Sent again while that may help: the archive may have lost it, or had no room."""
    code, words = f"{reason:04X}H", f"storage not committed: {failure_in_words(reason)}"
    failures = awaited.delivery.attempts + 1
    if reason in _FOR_GOOD or failures >= MOST_SENDS:
        return Settlement(awaited.delivery, State.FAILED, words, code)
    return Settlement(awaited.delivery, State.QUEUED, words, code, not_before=now + _CURVE.delay(failures))

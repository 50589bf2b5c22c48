"""What archives are to commit themselves to, in memory, and what they say of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydicom.filebase import DicomBytesIO
from pydicom.filewriter import write_dataset

from philae.dicom.scan import Encoded
from philae.dicom.syntax import IMPLICIT_LE, TransferSyntax
from philae.pipeline.commitments import Asked, Awaited, CommitmentRequest
from philae.pipeline.model import Settlement
from tests.support.committing import report_of


@dataclass
class FakeCommitments:
    """`philae.pipeline.commitments.Commitments`; ``due`` is handed out once each."""

    due: list[CommitmentRequest] = field(default_factory=list)
    transactions: dict[str, Asked] = field(default_factory=dict)
    waiting: list[Awaited] = field(default_factory=list)
    patience: Mapping[int, timedelta] = field(default_factory=dict)
    postponed: list[tuple[CommitmentRequest, datetime, str]] = field(default_factory=list)
    done: list[Awaited] = field(default_factory=list)
    ended: list[Settlement] = field(default_factory=list)
    kept: Collection[int] = ()

    def claim(self, patience: Mapping[int, timedelta], now: datetime) -> CommitmentRequest | None:
        self.patience = patience
        for each in self.due:
            if each.destination_id in patience:
                self.due.remove(each)
                return each
        return None

    def postpone(self, request: CommitmentRequest, until: datetime, reason: str) -> None:
        self.postponed.append((request, until, reason))

    def asked(self, transaction_uid: str) -> Asked | None:
        return self.transactions.get(transaction_uid)

    def awaited(self, asked: Asked, sop_instance_uids: Collection[str]) -> Sequence[Awaited]:
        return [each for each in self.waiting if each.sop_instance_uid in sop_instance_uids]

    def committed(self, awaited: Sequence[Awaited]) -> None:
        self.done += awaited

    def refused(self, endings: Sequence[tuple[Awaited, Settlement]]) -> None:
        self.ended += [settlement for _, settlement in endings]

    def keep(self, destination_ids: Collection[int]) -> int:
        self.kept = destination_ids
        return 0

    def forget(self, before: datetime) -> None:
        """Nothing is remembered here."""


def encoded_report(
    transaction_uid: str,
    committed: Sequence[str] = (),
    failed: dict[str, int] | None = None,
    syntax: TransferSyntax = IMPLICIT_LE,
) -> Encoded:
    """A report as an archive writes it."""
    buffer = DicomBytesIO()
    buffer.is_implicit_VR, buffer.is_little_endian = syntax.implicit, not syntax.big_endian
    write_dataset(buffer, report_of(transaction_uid, committed, failed))
    raw = buffer.getvalue()
    return Encoded(raw, 0, len(raw), syntax)

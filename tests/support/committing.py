"""An archive that is asked for storage commitment and reports what a test says (PS3.4 annex J)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import Any, Self

from pydicom import Dataset
from pynetdicom import AE, StoragePresentationContexts, build_role, evt

from philae.dimse.sop_classes import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
from tests.support.gateway import free_port

SOP_CLASS_UID, SOP_INSTANCE_UID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3.4"


def report_of(transaction_uid: str, committed: Sequence[str] = (), failed: dict[str, int] | None = None) -> Dataset:
    """The dataset of an event report."""
    report = Dataset()
    report.TransactionUID = transaction_uid
    report.ReferencedSOPSequence = [_reference(uid) for uid in committed]
    if failed:
        report.FailedSOPSequence = [_reference(uid, reason) for uid, reason in failed.items()]
    return report


def _reference(uid: str, reason: int | None = None) -> Dataset:
    item = Dataset()
    item.ReferencedSOPClassUID = SOP_CLASS_UID
    item.ReferencedSOPInstanceUID = uid
    if reason is not None:
        item.FailureReason = reason
    return item


@dataclass
class CommittingArchive:
    """A pynetdicom archive. ``judge`` gives a failure reason for an instance, 0 for none, None to say nothing of it.

    It reports on the association of the request.
    """

    judge: Callable[[str], int | None] = lambda _: 0
    status: int = 0x0000
    port: int = field(default_factory=free_port)
    stored: list[str] = field(default_factory=list)
    requests: list[tuple[str, list[str]]] = field(default_factory=list)
    """Transaction UID and SOP Instance UIDs, as they were asked about."""
    answers: SimpleQueue[int] = field(default_factory=SimpleQueue)
    """The status that each report was answered with."""
    _server: Any = None

    def __enter__(self) -> Self:
        entity = AE(ae_title="ARCHIVE")
        entity.supported_contexts = [*StoragePresentationContexts[:120]]
        entity.add_supported_context(STORAGE_COMMITMENT)
        self._server = entity.start_server(
            ("127.0.0.1", self.port),
            block=False,
            evt_handlers=[(evt.EVT_C_STORE, self._store), (evt.EVT_N_ACTION, self._act)],
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()

    def _store(self, event: Any) -> int:
        self.stored.append(event.request.AffectedSOPInstanceUID)
        return 0

    def _act(self, event: Any) -> tuple[int, None]:
        request = event.action_information
        uids = [item.ReferencedSOPInstanceUID for item in request.ReferencedSOPSequence]
        self.requests.append((request.TransactionUID, uids))
        verdicts = {uid: verdict for uid in uids if (verdict := self.judge(uid)) is not None}
        if self.status == 0 and verdicts:
            committed = [uid for uid, verdict in verdicts.items() if not verdict]
            failed = {uid: verdict for uid, verdict in verdicts.items() if verdict}
            report = report_of(request.TransactionUID, committed, failed)
            Thread(target=self._report, args=(event.assoc, report), daemon=True).start()
        return self.status, None

    def _report(self, association: Any, report: Dataset) -> None:
        status, _ = association.send_n_event_report(
            report, _event_type(report), STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
        )
        self.answers.put(status.Status)


def send_report(
    port: int, report: Dataset, *, calling: str = "ARCHIVE", called: str = "PHILAE", selects_role: bool = True
) -> int:
    """The answer to a report on an association of its own; -1 if it was rejected."""
    entity = AE(ae_title=calling)
    entity.add_requested_context(STORAGE_COMMITMENT)
    roles: list[Any] = [build_role(STORAGE_COMMITMENT, scp_role=True)] if selects_role else []
    association = entity.associate("127.0.0.1", port, ae_title=called, ext_neg=roles)
    if not association.is_established:
        return -1
    for context in association.accepted_contexts:
        context._as_scp = True
    status, _ = association.send_n_event_report(
        report, _event_type(report), STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
    )
    association.release()
    return int(status.Status)


def _event_type(report: Dataset) -> int:
    return 2 if "FailedSOPSequence" in report else 1

"""What an application gives to an acceptor: one handler per association, one sink per instance."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from philae.dimse.associate import AssociateRequest
from philae.dimse.commands import Status
from philae.dimse.rejection import Rejection


@dataclass(frozen=True, slots=True)
class Peer:
    """Who connected; ``tls_subject`` is the common name of its verified certificate, None without one."""

    host: str
    port: int
    tls_subject: str | None = None


@dataclass(frozen=True, slots=True)
class StoreRequest:
    """A C-STORE-RQ whose dataset follows (PS3.7 9.3.1.1)."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    message_id: int
    priority: int = 0
    move_originator_ae_title: str = ""
    move_originator_message_id: int = 0


@dataclass(frozen=True, slots=True)
class ReportRequest:
    """An N-EVENT-REPORT-RQ whose dataset follows (PS3.7 10.3.1.1)."""

    sop_class_uid: str
    sop_instance_uid: str
    event_type: int
    transfer_syntax_uid: str


class StoreSink(Protocol):
    """Takes one dataset; exactly one of ``finish`` and ``abandon`` is the last call. ``write`` is not to wait."""

    @property
    def waits(self) -> bool:
        """Whether ``finish`` may wait for a disk, another machine or the clock: then it gets a thread."""

    def write(self, parts: Sequence[memoryview]) -> None:
        """Dataset bytes in order; the slices are valid only during the call."""

    def finish(self) -> Status:
        """The whole dataset has arrived; returns the status to answer."""

    def abandon(self) -> None:
        """The rest will never come, or is not wanted."""


class AssociationHandler(Protocol):
    """Decides for one association, on one thread at a time; only ``admit`` may wait."""

    def admit(self, request: AssociateRequest, peer: Peer) -> Rejection | None:
        """None accepts (negotiation follows); also the place to judge ``request.user.identity``."""

    def store(self, request: StoreRequest) -> StoreSink | Status:
        """A sink for the dataset, or the status to answer once the dataset has been drained."""

    def closed(self, reason: str) -> None:
        """The association is over; called once if ``admit`` returned None."""


@runtime_checkable
class ReportHandler(AssociationHandler, Protocol):
    """Also hears what an archive has to say of storage commitment (PS3.4 annex J)."""

    @property
    def takes_reports(self) -> bool:
        """Whether this association's peer may report; asked once ``admit`` has returned None."""

    def report(self, request: ReportRequest) -> StoreSink | Status:
        """A sink for the dataset, or the status to answer once the dataset has been drained."""

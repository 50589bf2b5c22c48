"""What archives report of storage commitment, on associations that they open to us (PS3.4 J.3.3)."""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from philae.dicom.scan import Encoded
from philae.dicom.syntax import transfer_syntax
from philae.dimse.commands import NOT_AUTHORIZED, OUT_OF_RESOURCES, SOP_CLASS_NOT_SUPPORTED, Status
from philae.dimse.limits import MAX_REPORT_BYTES
from philae.dimse.sop_classes import STORAGE_COMMITMENT, VERIFICATION
from philae.pipeline.commitments import heard

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from philae.dimse.associate import AssociateRequest
    from philae.dimse.handler import AssociationHandler, Peer, ReportRequest, StoreRequest, StoreSink
    from philae.dimse.rejection import Rejection
    from philae.pipeline.commitments import Commitments
    from philae.pipeline.ports import ConfigStore

log = logging.getLogger(__name__)

NO_SUCH_EVENT_TYPE: Final = 0x0113
_EVENT_TYPES: Final = (1, 2)
"""Everything is committed, or failures exist (PS3.4 table J.3.3-1): the dataset says which."""


class ReportingAssociation:
    """As ``handler``, except that a destination asked for storage commitment may report, source or not.

    Nothing else is offered to one that proposes nothing else: it may not hand in instances.
    """

    def __init__(self, handler: AssociationHandler, configurations: ConfigStore, commitments: Commitments) -> None:
        self._handler = handler
        self._configurations = configurations
        self._commitments = commitments
        self._reporting: frozenset[int] = frozenset()
        self._only_reports = False

    @property
    def takes_reports(self) -> bool:
        """Whether the peer is such a destination."""
        return bool(self._reporting)

    def admit(self, request: AssociateRequest, peer: Peer) -> Rejection | None:
        """Refuse what the handler refuses, unless it is only about reports."""
        proposed = {context.abstract_syntax for context in request.contexts}
        if STORAGE_COMMITMENT in proposed:
            self._reporting = self._asked(request)
            self._only_reports = self.takes_reports and proposed <= {STORAGE_COMMITMENT, VERIFICATION}
            if not self.takes_reports:
                titles = {"called": request.called_ae_title, "calling": request.calling_ae_title}
                log.warning("commitment.not_expected", extra={**titles, "peer": peer.host})
        return None if self._only_reports else self._handler.admit(request, peer)

    def store(self, request: StoreRequest) -> StoreSink | Status:
        """Begin with an instance."""
        if self._only_reports:
            return Status(NOT_AUTHORIZED, "This association is for storage commitment")
        return self._handler.store(request)

    def report(self, request: ReportRequest) -> StoreSink | Status:
        """Begin with a report."""
        if request.sop_class_uid != STORAGE_COMMITMENT:
            return Status(SOP_CLASS_NOT_SUPPORTED, "Only storage commitment is reported here")
        if request.event_type not in _EVENT_TYPES:
            return Status(NO_SUCH_EVENT_TYPE, f"There is no event type {request.event_type}")
        return ArrivingReport(request.transfer_syntax_uid, self._reporting, self._commitments)

    def closed(self, reason: str) -> None:
        """The association is over."""
        if not self._only_reports:
            self._handler.closed(reason)

    def _asked(self, request: AssociateRequest) -> frozenset[int]:
        """The destinations that are asked under these AE titles."""
        titles = (request.called_ae_title, request.calling_ae_title)
        return frozenset(
            destination.id
            for node in self._configurations.current().forward_nodes
            for destination in node.destinations
            if destination.settings.committing_as(node.ae_title) == titles
        )


class ArrivingReport:
    """One report on its way in."""

    waits: Final = True

    def __init__(self, transfer_syntax_uid: str, allowed: Collection[int], commitments: Commitments) -> None:
        self._syntax = transfer_syntax(transfer_syntax_uid)
        self._allowed = allowed
        self._commitments = commitments
        self._dataset = bytearray()
        self._is_too_long = False

    def write(self, parts: Sequence[memoryview]) -> None:
        """Append bytes; of one that is too long the rest is read and forgotten."""
        if not self._is_too_long:
            for part in parts:
                self._dataset += part
            self._is_too_long = len(self._dataset) > MAX_REPORT_BYTES

    def finish(self) -> Status:
        """Take the report in; Success only when that is durable."""
        if self._is_too_long:
            return Status(OUT_OF_RESOURCES, f"A report is to have at most {MAX_REPORT_BYTES} bytes")
        encoded = Encoded(bytes(self._dataset), 0, len(self._dataset), self._syntax)
        hearing = heard(encoded, self._allowed, self._commitments, datetime.now(UTC))
        return Status(hearing.status, hearing.words)

    def abandon(self) -> None:
        """The association broke off; the archive was never answered."""
        self._dataset.clear()

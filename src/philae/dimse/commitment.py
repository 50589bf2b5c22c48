"""Asks an archive to commit itself, and hears what it reports at once: storage commitment as user (PS3.4 annex J)."""

import time
from typing import Final

from philae.dimse.address import Address
from philae.dimse.commands import Status, encode_action_request, encode_response
from philae.dimse.requestor import Association, ProposedContext
from philae.dimse.responses import EventReport
from philae.dimse.sop_classes import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
from philae.dimse.transport import TransportTimeout

__all__ = ["COMMITMENT_CONTEXT", "CommitmentAssociation", "EventReport"]

REQUEST: Final = 1
"""The action type of a request (PS3.4 table J.3.2-1)."""
IMPLICIT_LE: Final = "1.2.840.10008.1.2"
"""Every archive takes it (PS3.5 10.1)."""
COMMITMENT_CONTEXT: Final = ProposedContext(STORAGE_COMMITMENT, (IMPLICIT_LE,))


class CommitmentAssociation(Association):
    """An association for storage commitment alone."""

    @classmethod
    def to(cls, address: Address) -> "CommitmentAssociation":
        """Raises what ``connect`` raises."""
        return cls.connect(address, [COMMITMENT_CONTEXT])

    def ask(self, dataset: bytes) -> Status | None:
        """N-ACTION with an implicit little endian dataset, and the archive's answer; None if it offers no commitment.

        Raises AssociationAborted, ProtocolError, Timeout.
        """
        context_id = self.context_for(STORAGE_COMMITMENT, IMPLICIT_LE)
        if context_id is None:
            return None
        command = encode_action_request(
            self._next_message_id(), STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, REQUEST
        )
        self._send_message(context_id, command, (dataset,), len(dataset))
        while not self._user.acted:
            self._receive(self._timeouts.response_s)
        return self._user.acted.popleft()

    def report(self, wait_s: float) -> EventReport | None:
        """What the archive reports on this association within ``wait_s``; None if it does not, or has gone."""
        ends = time.monotonic() + wait_s
        while not self._user.reports and self._user.error is None:
            try:
                self._read(max(ends - time.monotonic(), 0.001))
            except TransportTimeout:
                return None
        return self._user.reports.popleft() if self._user.reports else None

    def answer(self, report: EventReport, status: Status) -> None:
        """Raises AssociationAborted."""
        self._send_command(report.context_id, encode_response(report.command, status))

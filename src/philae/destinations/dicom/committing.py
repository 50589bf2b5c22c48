"""Asks archives to commit themselves to what they were sent, and asks again until they do."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from philae.destinations.dicom.address import address_of
from philae.destinations.dicom.settings import DicomSettings
from philae.dicom.commitment import encode_request
from philae.dicom.scan import Encoded
from philae.dicom.status import store_status
from philae.dicom.syntax import IMPLICIT_LE
from philae.dimse.commands import Status
from philae.dimse.commitment import CommitmentAssociation
from philae.dimse.errors import DimseError
from philae.pipeline.commitments import heard
from philae.pipeline.errand import keep_at
from philae.pipeline.outcome import TryAgain
from philae.pipeline.retry import RetryCurve

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.config.destination import Destination
    from philae.config.forward_node import ForwardNode
    from philae.dimse.requestor import Address
    from philae.pipeline.commitments import CommitmentRequest, Commitments
    from philae.pipeline.ports import ConfigStore
    from philae.pipeline.wake import Wake

log = logging.getLogger(__name__)

LOOK_EVERY_S: Final = 2.0
ANSWER_WITHIN_S: Final = 30.0
"""An archive that hangs holds up the requests to others no longer."""
REPORT_WITHIN_S: Final = 1.0
"""An archive that reports on the association of the request does so at once."""
KEPT: Final = timedelta(days=30)
"""How long a transaction is remembered: an answer that comes later counts for nothing."""
_TIDY_EVERY: Final = timedelta(minutes=1)
_CURVE: Final = RetryCurve(base_s=5.0, cap_s=1800.0)


class NotAsked(Exception):
    """The archive did not take the request; the message says why, and the remedy."""


@dataclass(slots=True)
class Committing:
    """Any number of processes may do it at once: each transaction is one's."""

    commitments: Commitments
    configurations: ConfigStore
    _tidy_at: datetime = field(default=datetime.min.replace(tzinfo=UTC), init=False)

    def run(self, wake: Wake) -> None:
        """Work until told to stop. What an archive does, or the database, is no reason to end."""
        keep_at(lambda: self.work(datetime.now(UTC), wake), wake, LOOK_EVERY_S)

    def work(self, now: datetime, wake: Wake) -> None:
        """Ask for what is due at ``now``, where instances may be sent now. Raises `LedgerUnavailable`."""
        asked = list(self._asked())
        if now >= self._tidy_at:
            self._tidy_at = now + _TIDY_EVERY
            self._tidy([destination.id for _, destination, _ in asked], now)
        patience = {
            destination.id: timedelta(seconds=settings.commitment_timeout_s)
            for node, destination, settings in asked
            if node.sends_to(destination) and destination.hours.closed_until(now) is None
        }
        while not wake.stopped and (request := self.commitments.claim(patience, now)):
            self._work_off(request, now)

    def _tidy(self, destination_ids: list[int], now: datetime) -> None:
        """What is asked for no longer is awaited no longer."""
        self.commitments.forget(now - KEPT)
        let_go = self.commitments.keep(destination_ids)
        if let_go:
            log.warning("commitment.let_go", extra={"deliveries": let_go})

    def _asked(self) -> Iterator[tuple[ForwardNode, Destination, DicomSettings]]:
        """The destinations that are to commit themselves, as configured now."""
        for node in self.configurations.current().forward_nodes:
            for destination in node.destinations:
                settings = destination.settings
                if isinstance(settings, DicomSettings) and settings.storage_commitment:
                    yield node, destination, settings

    def _work_off(self, request: CommitmentRequest, now: datetime) -> None:
        said = {"destination": request.destination_id, "instances": len(request.references)}
        try:
            self._ask(request)
        except (DimseError, TryAgain, NotAsked) as error:
            self.commitments.postpone(request, now + _CURVE.delay(request.attempts), str(error))
            log.warning("commitment.not_asked", extra={**said, "attempts": request.attempts, "reason": str(error)})
        else:
            log.info("commitment.asked", extra={**said, "attempts": request.attempts})

    def _ask(self, request: CommitmentRequest) -> None:
        """Raises `NotAsked`, `TryAgain`, `DimseError`."""
        found = self.configurations.current().destination(request.destination_id)
        if found is None or not isinstance(settings := found[1].settings, DicomSettings):
            raise NotAsked("the destination is not configured any more")
        with CommitmentAssociation.to(_address(settings, found[0])) as association:
            answer = association.ask(encode_request(request.transaction_uid, request.references))
            if answer is None:
                raise NotAsked(
                    f"{settings.ae_title} does not accept storage commitment; have it enabled, or leave it out"
                )
            if answer.code:
                raise NotAsked(f"the request was answered {store_status(answer.code)}; see the receiver's log")
            with suppress(DimseError):  # it was asked: what breaks now is only the answer, which may come again
                self._listen(association, request)

    def _listen(self, association: CommitmentAssociation, request: CommitmentRequest) -> None:
        """Until the archive has said something of each instance, or says nothing more for now."""
        left = len(request.references)
        while left > 0 and (report := association.report(REPORT_WITHIN_S)) is not None:
            encoded = Encoded(report.dataset, 0, len(report.dataset), IMPLICIT_LE)
            hearing = heard(encoded, {request.destination_id}, self.commitments, datetime.now(UTC))
            association.answer(report, Status(hearing.status, hearing.words))
            left -= hearing.instances


def _address(settings: DicomSettings, node: ForwardNode) -> Address:
    address = address_of(settings, node)
    response_s = min(address.timeouts.response_s, ANSWER_WITHIN_S)
    return replace(address, timeouts=replace(address.timeouts, response_s=response_s))

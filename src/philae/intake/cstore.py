"""Instances that arrive by C-STORE."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import monotonic
from typing import TYPE_CHECKING

from philae.dimse.commands import Status
from philae.intake.admission import refusal
from philae.pipeline.answer import NOT_DELIVERED, unconfirmable, undelivered
from philae.pipeline.model import Incoming
from philae.pipeline.path import accept
from philae.pipeline.ports import LedgerUnavailable, SpoolFull
from philae.pipeline.spool import Unacceptable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.config.configuration import Configuration
    from philae.config.forward_node import ForwardNode
    from philae.dimse.associate import AssociateRequest
    from philae.dimse.handler import Peer, StoreRequest
    from philae.dimse.rejection import Rejection
    from philae.pipeline.ports import Bell, ConfigStore, Ledger, Spool, SpoolDraft

log = logging.getLogger(__name__)

OUT_OF_RESOURCES = 0xA700


@dataclass(frozen=True, slots=True)
class Intake:
    """What the associations of one process share."""

    configurations: ConfigStore
    spool: Spool
    ledger: Ledger
    bell: Bell
    accepting_waits: bool = True
    """Whether accepting an instance waits for a disk or another machine."""

    def association(self) -> StoringAssociation:
        """A handler for one association."""
        return StoringAssociation(self)


class StoringAssociation:
    """Admits one association to a forward node and accepts its instances.

    The configuration is the one of the moment the association began.
    """

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._configuration: Configuration
        self._node: ForwardNode
        self._request: AssociateRequest
        self._peer: Peer
        self._accepted = 0

    def admit(self, request: AssociateRequest, peer: Peer) -> Rejection | None:
        """Refuse unknown forward nodes and senders that are none of their sources."""
        configuration = self._intake.configurations.current()
        node = configuration.node(request.called_ae_title)
        rejection = refusal(node, request, peer)
        if rejection is not None or node is None:
            log.warning("association.refused", extra={"called": request.called_ae_title, "peer": peer.host})
            return rejection
        self._configuration, self._node = configuration, node
        self._request, self._peer = request, peer
        return None

    def store(self, request: StoreRequest) -> Arriving | Status:
        """Begin to spool one instance, unless the sender is to hear of a confirmation that nobody can give now."""
        reason = self._unconfirmable()
        if reason:
            log.warning("instance.refused", extra={"status": f"{OUT_OF_RESOURCES:04X}", "reason": reason})
            return Status(OUT_OF_RESOURCES, reason[:64])
        incoming = Incoming(
            called_ae_title=self._node.ae_title,
            calling_ae_title=self._request.calling_ae_title,
            peer_host=self._peer.host,
            sop_class_uid=request.sop_class_uid,
            sop_instance_uid=request.sop_instance_uid,
            transfer_syntax_uid=request.transfer_syntax_uid,
        )
        try:
            draft = self._intake.spool.draft(incoming)
        except SpoolFull as error:
            return _out_of_resources(error)
        waits = self._intake.accepting_waits or self._node.awaits_destinations
        return Arriving(draft, lambda: self._accept(incoming, draft), waits=waits)

    def closed(self, reason: str) -> None:
        """The association is over."""
        log.info("association.closed", extra={"reason": reason, "accepted": self._accepted})

    def _unconfirmable(self) -> str:
        """By the configuration of this moment: an association may last longer than a pause."""
        if not self._node.awaits_destinations:
            return ""
        node = self._intake.configurations.current().node(self._node.ae_title)
        return unconfirmable(node, datetime.now(UTC)) if node is not None else ""

    def _accept(self, incoming: Incoming, draft: SpoolDraft) -> Status:
        ledger = self._intake.ledger
        instance = accept(incoming, draft, self._node, self._configuration, ledger, datetime.now(UTC))
        self._accepted += 1
        self._intake.bell.ring()
        if not self._node.awaits_destinations:
            return Status(0)
        reason = undelivered(instance.id, self._node, ledger, monotonic() + self._node.answer_timeout_s)
        return Status(0) if reason is None else Status(NOT_DELIVERED, reason)


class Arriving:
    """One instance on its way into the spool."""

    def __init__(self, draft: SpoolDraft, accept_it: Callable[[], Status], *, waits: bool) -> None:
        self.waits = waits
        self._draft = draft
        self._accept_it = accept_it
        self._full: SpoolFull | None = None

    def write(self, parts: Sequence[memoryview]) -> None:
        """Append bytes; once the spool is full the rest is read and forgotten."""
        if self._full is None:
            try:
                self._draft.write(parts)
            except SpoolFull as error:
                self._full = error
                self._draft.discard()

    def finish(self) -> Status:
        """Accept the instance; Success only when bytes and ledger row are durable, and the node's policy is met."""
        if self._full is not None:
            return _out_of_resources(self._full)
        try:
            return self._accept_it()
        except SpoolFull as error:
            self._draft.discard()
            return _out_of_resources(error)
        except LedgerUnavailable as error:  # the row may have been written all the same: the file stays
            return _out_of_resources(error)
        except Unacceptable as error:
            self._draft.discard()
            log.warning("instance.refused", extra={"status": f"{error.status:04X}", "reason": str(error)})
            return Status(error.status, str(error)[:64])

    def abandon(self) -> None:
        """The association broke off; the sender was never answered and keeps the instance."""
        self._draft.discard()


def _out_of_resources(error: Exception) -> Status:
    log.error("spool.refused", extra={"reason": str(error)})
    return Status(OUT_OF_RESOURCES, str(error)[:64])

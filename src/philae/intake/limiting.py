"""Keeps associations within the limits of their forward node and source."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Final

from philae.dimse.commands import Status
from philae.dimse.rejection import LIMIT_EXCEEDED
from philae.intake.admission import source_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.dimse.associate import AssociateRequest
    from philae.dimse.handler import AssociationHandler, Peer, StoreRequest, StoreSink
    from philae.dimse.rejection import Rejection
    from philae.intake.turnstile import Passage, Turnstile
    from philae.pipeline.ports import ConfigStore

log = logging.getLogger(__name__)


class Paced:
    """``sink``, finished when it is its turn: a sender that is too fast hears our answers later."""

    waits: Final = True

    def __init__(self, sink: StoreSink, passage: Passage) -> None:
        self._sink = sink
        self._passage = passage

    def write(self, parts: Sequence[memoryview]) -> None:
        """Hand them on."""
        self._sink.write(parts)

    def finish(self) -> Status:
        """Wait for the turn, then finish."""
        self._passage.wait()
        return self._sink.finish()

    def abandon(self) -> None:
        """Hand it on."""
        self._sink.abandon()


class LimitedAssociation:
    """As ``handler``, whose every association goes through a turnstile first."""

    def __init__(self, handler: AssociationHandler, configurations: ConfigStore, turnstile: Turnstile) -> None:
        self._handler = handler
        self._configurations = configurations
        self._turnstile = turnstile
        self._passage: Passage

    def admit(self, request: AssociateRequest, peer: Peer) -> Rejection | None:
        """Refuse what the handler refuses, and for a while what would be too many."""
        rejection = self._handler.admit(request, peer)
        node = self._configurations.current().node(request.called_ae_title)
        if rejection is not None or node is None:
            return rejection
        passage = self._turnstile.enter(node, source_of(node, request.calling_ae_title, peer.host))
        if passage is None:
            log.warning("association.too_many", extra={"called": request.called_ae_title, "peer": peer.host})
            return LIMIT_EXCEEDED
        self._passage = passage
        return None

    def store(self, request: StoreRequest) -> StoreSink | Status:
        """Begin with an instance, to be answered when it is its turn."""
        sink = self._handler.store(request)
        return Paced(sink, self._passage) if self._passage.paces and not isinstance(sink, Status) else sink

    def closed(self, reason: str) -> None:
        """Make room."""
        self._passage.leave()
        self._handler.closed(reason)

"""The path of one instance, in two functions: `accept` takes responsibility, `forward` works it off."""

from __future__ import annotations

from collections import deque
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from philae.deid.errors import DeidError
from philae.dicom.scan import MalformedDataset
from philae.pipeline import record
from philae.pipeline.model import Excluded, Instance
from philae.pipeline.outcome import Refused, State, TryAgain
from philae.pipeline.ports import SpoolFileMissing
from philae.pipeline.route import Unroutable, destinations_of
from philae.pipeline.spool import identify_draft

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from philae.config.configuration import Configuration
    from philae.config.forward_node import ForwardNode
    from philae.pipeline.model import Delivery, Incoming, Outgoing, Settlement
    from philae.pipeline.ports import Ledger, Sender, Spool, SpoolDraft, SpoolFile

    Transforming = Callable[[Delivery, SpoolFile], Outgoing | Excluded]


def accept(
    incoming: Incoming,
    draft: SpoolDraft,
    node: ForwardNode,
    configuration: Configuration,
    ledger: Ledger,
    now: datetime,
) -> Instance:
    """Take responsibility for one instance. Only after this may the sender hear Success.

    Raises `Unacceptable` or `SpoolFull`; then nothing has been accepted and the draft is to be discarded.
    """
    identifiers = identify_draft(incoming, draft)
    size, digest = draft.keep()
    instance = Instance(
        id=draft.id,
        node=node.ae_title,
        calling_ae_title=incoming.calling_ae_title,
        peer_host=incoming.peer_host,
        identifiers=identifiers,
        transfer_syntax_uid=incoming.transfer_syntax_uid,
        size=size,
        digest=digest,
        received_at=now,
    )
    ledger.open(instance, destinations_of(node), configuration.version)
    return instance


def forward(preparation: Preparation, sender: Sender, patience: record.Patience, now: datetime) -> Iterator[Settlement]:
    """Work off a batch in order and yield how each delivery ended.

    The sender asks for the next instance while the receiver is still busy with the last. The first `TryAgain` ends the
    batch, so that order is kept; deliveries not yielded were not tried. Raises `TryAgain` when the destination cannot
    be reached at all.
    """
    try:
        for outgoing, answer in sender.deliver(preparation.wanted, preparation.outgoings()):
            yield from preparation.ended()
            preparation.over(outgoing)
            if isinstance(answer, TryAgain):
                yield patience.again(outgoing.delivery, answer, now)
                return
            if isinstance(answer, Refused):
                yield record.ended(outgoing.delivery, State.FAILED, str(answer), answer.code)
            else:
                yield record.sent(outgoing, answer)
        yield from preparation.ended()
    finally:
        preparation.close()


class Preparation:
    """Routes and transforms a batch one by one, as the sender asks; keeps what ended on the way."""

    def __init__(
        self,
        batch: Sequence[Delivery],
        spool: Spool,
        transform: Transforming,
        patience: record.Patience,
        stopping: Callable[[], bool],
    ) -> None:
        self._batch = batch
        self._spool = spool
        self._transform = transform
        self._patience = patience
        self._stopping = stopping
        self._ended: deque[Settlement] = deque()
        self._open: list[Outgoing] = []
        self.in_hand: Delivery | None = None
        """The delivery that is being prepared right now."""

    @property
    def wanted(self) -> frozenset[tuple[str, str]]:
        """(SOP Class UID, Transfer Syntax UID) of all that the batch holds."""
        instances = (delivery.instance for delivery in self._batch)
        return frozenset((each.identifiers.sop_class_uid, each.transfer_syntax_uid) for each in instances)

    def outgoings(self) -> Iterator[Outgoing]:
        """What goes out, prepared when asked for; ends early when the lane is told to stop."""
        for delivery in self._batch:
            if self._stopping():
                return
            self.in_hand = delivery
            outgoing = self._prepare(delivery)
            self.in_hand = None
            if outgoing is not None:
                self._open.append(outgoing)
                yield outgoing

    def ended(self) -> Iterator[Settlement]:
        """Deliveries that ended before they were sent, since the last call."""
        while self._ended:
            yield self._ended.popleft()

    def over(self, outgoing: Outgoing) -> None:
        """The target has answered for it: close its file."""
        self._open.remove(outgoing)
        outgoing.body.file.close()

    def close(self) -> None:
        """Close the files of what a broken batch left open."""
        while self._open:
            self._open.pop().body.file.close()

    def _prepare(self, delivery: Delivery) -> Outgoing | None:
        try:
            with ExitStack() as unless_it_goes_out:
                file = self._spool.open(delivery.instance)
                unless_it_goes_out.callback(file.close)
                result = self._transform(delivery, file)
                if not isinstance(result, Excluded):
                    unless_it_goes_out.pop_all()
                    return result
                self._ended.append(record.ended(delivery, State.EXCLUDED, result.reason))
        except TryAgain as error:
            self._ended.append(self._patience.again(delivery, error, datetime.now(UTC)))
        except (SpoolFileMissing, DeidError, MalformedDataset, Unroutable) as error:
            self._ended.append(record.ended(delivery, State.HELD, str(error), type(error).__name__))
        return None

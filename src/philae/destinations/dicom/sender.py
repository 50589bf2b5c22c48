"""Delivery by C-STORE, over associations that stay open between batches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from philae.config.tls import UnusableCertificate
from philae.dicom.scan import MalformedDataset
from philae.dicom.status import store_status
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE, transfer_syntax
from philae.dimse.errors import DimseError
from philae.dimse.requestor import Address, Association, ProposedContext, Timeouts
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Busy, Refused, State, TryAgain
from philae.pipeline.recoded import recoded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from ssl import SSLContext

    from philae.config.model import ForwardNode
    from philae.config.tls import ClientTls
    from philae.destinations.dicom.settings import DicomSettings
    from philae.pipeline.model import Outgoing

DUPLICATE = 0x0111
PROCESSING_FAILURE = 0x0110
MAX_CONTEXTS = 128
NATIVE = (EXPLICIT_LE.uid, IMPLICIT_LE.uid)
"""Transfer syntaxes that one native dataset can be sent in."""


class DicomSender:
    """One association: opened with the contexts that a batch needs, opened anew when a batch needs others."""

    def __init__(self, settings: DicomSettings, node: ForwardNode) -> None:
        """Raises `TryAgain` when a key or certificate cannot be used."""
        self._passes_sender_on = settings.calling == "sender"
        self._address = address_of(settings, node)
        self._association: Association | None = None
        self._proposed: frozenset[tuple[str, str]] = frozenset()

    def deliver(
        self, wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Receipt | TryAgain | Refused]]:
        """Send each instance; the next is prepared while the receiver works on the last."""
        under_way: Outgoing | None = None
        for outgoing in outgoings:
            if under_way is not None:
                answer = self._answer()
                yield under_way, answer
                under_way = None
            refusal = self._send(outgoing, wanted)
            if refusal is None:
                under_way = outgoing
            else:
                yield outgoing, refusal
        if under_way is not None:
            yield under_way, self._answer()

    def close(self) -> None:
        """Release the association."""
        if self._association is not None:
            self._association.release()
            self._association = None

    def _send(self, outgoing: Outgoing, wanted: Collection[tuple[str, str]]) -> TryAgain | Refused | None:
        self._call_as(outgoing)
        association = self._associated((outgoing.sop_class_uid, outgoing.transfer_syntax_uid), wanted)
        chosen = _context(association, outgoing)
        if chosen is None:
            return Refused(
                f"{self._address.called_ae_title} accepts no presentation context for {outgoing.sop_class_uid} in "
                f"{transfer_syntax(outgoing.transfer_syntax_uid).name}; let it accept them"
            )
        context_id, syntax_uid = chosen
        try:
            buffers, length = _encoded(outgoing, syntax_uid)
        except MalformedDataset as error:
            return Refused(f"cannot be written in {transfer_syntax(syntax_uid).name}: {error}")
        except OSError as error:
            raise TryAgain(f"no room to write it in {transfer_syntax(syntax_uid).name}: {error.strerror}") from error
        try:
            association.send_store(
                context_id, outgoing.sop_class_uid, outgoing.sop_instance_uid, buffers, length=length
            )
        except DimseError as error:
            return self._broken(error)
        return None

    def _answer(self) -> Receipt | TryAgain | Refused:
        if self._association is None:
            raise AssertionError("an answer is expected on an association")
        try:
            response = self._association.store_response()
        except DimseError as error:
            return self._broken(error)
        status = store_status(response.status)
        code = f"{status.code:04X}H"
        words = f"{status}: {response.comment}" if response.comment else str(status)
        if status.stored:
            return Receipt(State.SENT, words, code)
        if status.code == DUPLICATE:
            return Receipt(State.ALREADY_PRESENT, words, code)
        if not status.transient:
            return Refused(words, code=code)
        return TryAgain(words, code=code) if status.code == PROCESSING_FAILURE else Busy(words, code=code)

    def _call_as(self, outgoing: Outgoing) -> None:
        """An association has one calling AE title: instances of another sender need another."""
        calling = outgoing.delivery.instance.calling_ae_title
        if self._passes_sender_on and calling != self._address.calling_ae_title:
            self.close()
            self._address = replace(self._address, calling_ae_title=calling)

    def _associated(self, needed: tuple[str, str], wanted: Collection[tuple[str, str]]) -> Association:
        if self._association is not None and self._association.is_open and needed in self._proposed:
            return self._association
        self.close()
        proposed = _limited(needed, [*sorted(wanted), *sorted(self._proposed)])
        try:
            self._association = Association.connect(self._address, proposals(proposed))
        except DimseError as error:
            raise TryAgain(str(error)) from error
        self._proposed = proposed
        return self._association

    def _broken(self, error: DimseError) -> TryAgain:
        if self._association is not None:
            self._association.abort()
            self._association = None
        return TryAgain(str(error))


def address_of(settings: DicomSettings, node: ForwardNode) -> Address:
    """Where a destination is and what the gateway calls itself there. Raises `TryAgain` as the sender does."""
    titles = {"forward_node": settings.calling_ae_title or node.ae_title, "destination": settings.ae_title}
    return Address(
        host=settings.hostname,
        port=settings.port,
        called_ae_title=settings.ae_title,
        calling_ae_title=titles.get(settings.calling, node.ae_title),
        tls=_context_of(settings.tls),
        timeouts=Timeouts(connect_s=settings.connect_timeout_s, response_s=settings.response_timeout_s),
    )


def _context_of(tls: ClientTls | None) -> SSLContext | None:
    try:
        return None if tls is None else tls.context()
    except UnusableCertificate as error:
        raise TryAgain(str(error)) from error


def _limited(needed: tuple[str, str], others: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """``needed`` and as many of the others, the first ones first, as one association can propose contexts for."""
    proposed: set[tuple[str, str]] = set()
    contexts: set[tuple[str, str]] = set()
    for pair in (needed, *others):
        enlarged = contexts | set(alternatives(*pair))
        if len(enlarged) <= MAX_CONTEXTS:
            contexts = enlarged
            proposed.add(pair)
    return frozenset(proposed)


def alternatives(sop_class_uid: str, syntax_uid: str) -> tuple[tuple[str, str], ...]:
    others = [uid for uid in NATIVE if syntax_uid in NATIVE and uid != syntax_uid]
    return tuple((sop_class_uid, uid) for uid in (syntax_uid, *others))


def proposals(proposed: Collection[tuple[str, str]]) -> list[ProposedContext]:
    pairs = {alternative: None for pair in sorted(proposed) for alternative in alternatives(*pair)}
    return [ProposedContext(sop_class_uid, (syntax_uid,)) for sop_class_uid, syntax_uid in pairs]


def _context(association: Association, outgoing: Outgoing) -> tuple[int, str] | None:
    for sop_class_uid, syntax_uid in alternatives(outgoing.sop_class_uid, outgoing.transfer_syntax_uid):
        context_id = association.context_for(sop_class_uid, syntax_uid)
        if context_id is not None:
            return context_id, syntax_uid
    return None


def _encoded(outgoing: Outgoing, syntax_uid: str) -> tuple[Iterator[bytes | memoryview], int]:
    if syntax_uid == outgoing.transfer_syntax_uid:
        return outgoing.body.buffers(), outgoing.body.length
    body = recoded(outgoing.body, transfer_syntax(outgoing.transfer_syntax_uid), transfer_syntax(syntax_uid))
    return body.buffers(), body.length

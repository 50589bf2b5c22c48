"""Delivery by C-STORE, over associations that stay open between batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field
from typing_extensions import override

from philae.config.model import AETitle, DestinationSettings, Port
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

    from philae.config.model import ForwardNode
    from philae.pipeline.model import Outgoing

DUPLICATE = 0x0111
PROCESSING_FAILURE = 0x0110
MAX_CONTEXTS = 128
NATIVE = (EXPLICIT_LE.uid, IMPLICIT_LE.uid)
"""Transfer syntaxes that one native dataset can be sent in."""


class DicomSettings(DestinationSettings):
    """``{kind: dicom, ae_title: ARCHIVE, hostname: 10.0.0.5, port: 104}``."""

    kind_name: ClassVar[str] = "dicom"
    kind: Literal["dicom"] = "dicom"
    ae_title: AETitle
    hostname: str = Field(min_length=1)
    port: Port
    calling_ae_title: AETitle | None = None
    """The forward node's AE title when not given."""
    associations: int = Field(default=1, ge=1, le=50)
    """How many series may be under way at once, if the receiver takes as many associations; 1 keeps total order."""
    connect_timeout_s: float = Field(default=10.0, gt=0)
    response_timeout_s: float = Field(default=120.0, gt=0)

    @property
    @override
    def lanes(self) -> int:
        """One association a lane."""
        return self.associations


class DicomSender:
    """One association: opened with the contexts that a batch needs, opened anew when a batch needs others."""

    def __init__(self, settings: DicomSettings, node: ForwardNode) -> None:
        self._address = Address(
            host=settings.hostname,
            port=settings.port,
            called_ae_title=settings.ae_title,
            calling_ae_title=settings.calling_ae_title or node.ae_title,
            timeouts=Timeouts(connect_s=settings.connect_timeout_s, response_s=settings.response_timeout_s),
        )
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
        words = f"{status}: {response.comment}" if response.comment else str(status)
        if status.stored:
            return Receipt(State.SENT, words)
        if status.code == DUPLICATE:
            return Receipt(State.ALREADY_PRESENT, words)
        if not status.transient:
            return Refused(words)
        return TryAgain(words) if status.code == PROCESSING_FAILURE else Busy(words)

    def _associated(self, needed: tuple[str, str], wanted: Collection[tuple[str, str]]) -> Association:
        if self._association is not None and self._association.is_open and needed in self._proposed:
            return self._association
        self.close()
        proposed = _limited(needed, [*sorted(wanted), *sorted(self._proposed)])
        try:
            self._association = Association.connect(self._address, _contexts(proposed))
        except DimseError as error:
            raise TryAgain(str(error)) from error
        self._proposed = proposed
        return self._association

    def _broken(self, error: DimseError) -> TryAgain:
        if self._association is not None:
            self._association.abort()
            self._association = None
        return TryAgain(str(error))


def _limited(needed: tuple[str, str], others: Iterable[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """``needed`` and as many of the others, the first ones first, as one association can propose contexts for."""
    proposed: set[tuple[str, str]] = set()
    contexts: set[tuple[str, str]] = set()
    for pair in (needed, *others):
        enlarged = contexts | set(_alternatives(*pair))
        if len(enlarged) <= MAX_CONTEXTS:
            contexts = enlarged
            proposed.add(pair)
    return frozenset(proposed)


def _alternatives(sop_class_uid: str, syntax_uid: str) -> tuple[tuple[str, str], ...]:
    others = [uid for uid in NATIVE if syntax_uid in NATIVE and uid != syntax_uid]
    return tuple((sop_class_uid, uid) for uid in (syntax_uid, *others))


def _contexts(proposed: Collection[tuple[str, str]]) -> list[ProposedContext]:
    pairs = {alternative: None for pair in sorted(proposed) for alternative in _alternatives(*pair)}
    return [ProposedContext(sop_class_uid, (syntax_uid,)) for sop_class_uid, syntax_uid in pairs]


def _context(association: Association, outgoing: Outgoing) -> tuple[int, str] | None:
    for sop_class_uid, syntax_uid in _alternatives(outgoing.sop_class_uid, outgoing.transfer_syntax_uid):
        context_id = association.context_for(sop_class_uid, syntax_uid)
        if context_id is not None:
            return context_id, syntax_uid
    return None


def _encoded(outgoing: Outgoing, syntax_uid: str) -> tuple[Iterator[bytes | memoryview], int]:
    if syntax_uid == outgoing.transfer_syntax_uid:
        return outgoing.body.buffers(), outgoing.body.length
    body = recoded(outgoing.body, transfer_syntax(outgoing.transfer_syntax_uid), transfer_syntax(syntax_uid))
    return body.buffers(), body.length

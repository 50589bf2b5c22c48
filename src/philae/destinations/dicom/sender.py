"""Delivery by C-STORE, over associations that stay open between batches."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from philae.deid.pixels.errors import PixelFault
from philae.destinations.dicom.address import address_of
from philae.destinations.dicom.contexts import agreed, limited, proposals
from philae.destinations.dicom.judgement import judged
from philae.dicom.scan import MalformedDataset
from philae.dicom.syntax import transfer_syntax
from philae.dimse.errors import DimseError, ProtocolError
from philae.dimse.items import OperationsWindow
from philae.dimse.requestor import Association
from philae.pipeline.outcome import Refused, TryAgain
from philae.pipeline.recoded import recoded

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from philae.config.forward_node import ForwardNode
    from philae.destinations.dicom.settings import DicomSettings
    from philae.pipeline.model import Outgoing, Receipt


class _UnderWay(NamedTuple):
    """An instance that the receiver has, or is about to have, and has not answered for."""

    outgoing: Outgoing
    remark: str


class DicomSender:
    """One association: opened with the contexts that a batch needs, opened anew when a batch needs others."""

    def __init__(self, settings: DicomSettings, node: ForwardNode) -> None:
        """Raises `TryAgain` when a key or certificate cannot be used."""
        self._passes_sender_on = settings.calling == "sender"
        self._address = address_of(settings, node)
        self._operations = settings.operations
        self._commits = settings.storage_commitment
        self._is_careful = False
        self._association: Association | None = None
        self._proposed: frozenset[tuple[str, str]] = frozenset()
        self._under_way: dict[int, _UnderWay] = {}

    def deliver(
        self, wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Receipt | TryAgain | Refused]]:
        """Send each instance; the next is prepared while the receiver works on the last.

        As many are under way as the receiver grants and the settings want; one by one in the batch after a break, so
        that it is told which of them breaks it.
        """
        is_careful, self._is_careful = self._is_careful, False
        try:
            for outgoing in outgoings:
                most = 1 if is_careful else self._most(outgoing)
                while len(self._under_way) >= most:
                    yield from self._answers()
                refusal = self._send(outgoing, wanted)
                if refusal is not None:
                    yield outgoing, refusal
            while self._under_way:
                yield from self._answers()
        finally:
            if self._under_way:
                self._abandon()

    def close(self) -> None:
        """Release the association."""
        if self._association is not None:
            self._association.release()
            self._association = None

    def _send(self, outgoing: Outgoing, wanted: Collection[tuple[str, str]]) -> TryAgain | Refused | None:
        self._call_as(outgoing)
        association = self._associated((outgoing.sop_class_uid, outgoing.transfer_syntax_uid), wanted)
        chosen = agreed(association, outgoing)
        if chosen is None:
            return Refused(
                f"{self._address.called_ae_title} accepts no presentation context for {outgoing.sop_class_uid} in "
                f"{transfer_syntax(outgoing.transfer_syntax_uid).name}; let it accept them"
            )
        context_id, syntax_uid = chosen
        try:
            buffers, length = _encoded(outgoing, syntax_uid)
        except (MalformedDataset, PixelFault) as error:
            return Refused(
                f"{transfer_syntax(outgoing.transfer_syntax_uid).name} is not accepted, and it cannot be written in "
                f"{transfer_syntax(syntax_uid).name}: {error}"
            )
        except OSError as error:
            raise TryAgain(f"no room to write it in {transfer_syntax(syntax_uid).name}: {error.strerror}") from error
        try:
            message_id = association.send_store(
                context_id, outgoing.sop_class_uid, outgoing.sop_instance_uid, buffers, length=length
            )
        except DimseError as error:
            return self._broken(error)
        self._under_way[message_id] = _UnderWay(outgoing, _decoding(outgoing.transfer_syntax_uid, syntax_uid))
        return None

    def _answers(self) -> Iterator[tuple[Outgoing, Receipt | TryAgain | Refused]]:
        """The next answer. One that puts an instance off comes after all others under way: it ends the batch."""
        put_off: list[tuple[Outgoing, TryAgain]] = []
        while self._under_way:
            outgoing, answer = self._answer()
            if isinstance(answer, TryAgain):
                put_off.append((outgoing, answer))
                continue
            yield outgoing, answer
            if not put_off:
                return
        yield from put_off

    def _answer(self) -> tuple[Outgoing, Receipt | TryAgain | Refused]:
        if self._association is None:
            raise AssertionError("an answer is expected on an association")
        oldest = next(iter(self._under_way))
        try:
            response = self._association.store_response()
        except DimseError as error:
            return self._under_way[oldest].outgoing, self._broken(error)
        only = oldest if len(self._under_way) == 1 else response.message_id
        if only not in self._under_way:
            unasked = ProtocolError(f"the receiver answers message {only}, which it was not sent")
            return self._under_way[oldest].outgoing, self._broken(unasked)
        outgoing, remark = self._under_way.pop(only)
        return outgoing, judged(response, remark, commits=self._commits)

    def _most(self, outgoing: Outgoing) -> int:
        """How many instances may be under way when this one follows (PS3.7 D.3.3.3)."""
        if self._operations == 1 or self._association is None or not self._association.is_open:
            return 1
        calling = outgoing.delivery.instance.calling_ae_title
        is_another = self._passes_sender_on and calling != self._address.calling_ae_title
        is_proposed = (outgoing.sop_class_uid, outgoing.transfer_syntax_uid) in self._proposed
        granted = self._association.window
        if granted is None or is_another or not is_proposed:
            return 1
        return min(self._operations, granted.invoked or self._operations)

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
        proposed = limited(needed, [*sorted(wanted), *sorted(self._proposed)])
        try:
            window = OperationsWindow(self._operations, 1) if self._operations > 1 else None
            self._association = Association.connect(self._address, proposals(proposed), window=window)
        except DimseError as error:
            raise TryAgain(str(error)) from error
        self._proposed = proposed
        return self._association

    def _broken(self, error: DimseError) -> TryAgain:
        self._is_careful = self._operations > 1
        self._abandon()
        return TryAgain(str(error))

    def _abandon(self) -> None:
        """Nobody will hear what the receiver would say of the instances under way."""
        self._under_way.clear()
        if self._association is not None:
            self._association.abort()
            self._association = None


def _decoding(own: str, chosen: str) -> str:
    """For the record; empty unless frames are decoded."""
    is_decoded = own != chosen and transfer_syntax(own).encapsulated
    return f"; decoded, since it does not accept {transfer_syntax(own).name}" if is_decoded else ""


def _encoded(outgoing: Outgoing, syntax_uid: str) -> tuple[Iterator[bytes | memoryview], int]:
    if syntax_uid == outgoing.transfer_syntax_uid:
        return outgoing.body.buffers(), outgoing.body.length
    body = recoded(outgoing.body, transfer_syntax(outgoing.transfer_syntax_uid), transfer_syntax(syntax_uid))
    return body.buffers(), body.length

"""Bytes as they come from the transport -> PDUs and message fragments; the hot path, without an object per PDU."""

from collections.abc import Container
from typing import Final, Protocol

from philae.dimse import pdu
from philae.dimse.errors import AbortReason, ProtocolError
from philae.dimse.limits import Limits

_FIRST_BUFFER: Final = 16 * 1024
_LARGEST_BUFFER: Final = 64 * 1024
"""What is read must still be in the core's cache when it is written: larger reads doubled the system time of a CT."""
_NEED_MORE: Final = -1


class Consumer(Protocol):
    """Who takes what was received, during ``Receiver.updated``."""

    def control(self, kind: int, body: bytes) -> None:
        """A whole PDU other than P-DATA-TF."""

    def command(self, context_id: int, command_set: bytes) -> bool:
        """A whole command set; True when a dataset follows."""

    def dataset(self, parts: list[memoryview]) -> None:
        """Dataset bytes of one read, valid only during the call."""

    def dataset_end(self) -> None:
        """The last byte of the dataset has been handed over."""


class Receiver:
    """``get_buffer()``, read into it, ``updated(n)``; the slices of a read are handed over before the next.

    ``contexts`` holds the ids that P-DATA may name, ``takes_data`` whether P-DATA may come at all; ``deaf`` makes it
    drop everything, and ``paused`` leave what comes next where it is. Every malformed byte raises ProtocolError with
    the reason to abort for.
    """

    __slots__ = (
        "_awaiting",
        "_buffer",
        "_command",
        "_consumer",
        "_context",
        "_control",
        "_filled",
        "_left",
        "_limits",
        "_parts",
        "_pdu_left",
        "_view",
        "contexts",
        "deaf",
        "paused",
        "takes_data",
    )

    def __init__(self, consumer: Consumer, limits: Limits) -> None:
        self._consumer = consumer
        self._limits = limits
        self._buffer = bytearray(_FIRST_BUFFER)
        self._view = memoryview(self._buffer)
        self._filled = 0  # bytes kept from earlier reads, at the front
        self._left = 0  # bytes the PDV begun still lacks
        self._pdu_left = 0  # bytes the P-DATA PDU begun still holds after that PDV
        self._context = 0
        self._control = 0
        self._awaiting = 0  # context id of the dataset that must come next
        self._command = bytearray()
        self._parts: list[memoryview] = []
        self.contexts: Container[int] = ()
        self.takes_data = False
        self.deaf = False
        self.paused = False

    @property
    def in_message(self) -> bool:
        """A command set or its dataset has begun and has not ended."""
        return bool(self._left or self._pdu_left or self._filled or self._awaiting or self._command)

    def get_buffer(self) -> memoryview:
        return self._view[self._filled :]

    def updated(self, count: int) -> None:
        end = self._filled + count
        at = 0
        while at < end and not (self.deaf or self.paused):
            step = self._content(at, end) if self._left else self._header(at, end)
            if step == _NEED_MORE:
                break
            at = step
        if self.deaf:
            at = end
        self._hand_over()
        self._keep(at, end)

    def _content(self, at: int, end: int) -> int:
        left = self._left
        take = min(end - at, left)
        stop = at + take
        if self._control & pdu.COMMAND:
            self._command += self._view[at:stop]
        else:
            self._parts.append(self._view[at:stop])
        self._left = left - take
        if take == left and self._control & pdu.LAST:
            self._complete()
        return stop

    def _header(self, at: int, end: int) -> int:
        if self._pdu_left:
            if end - at < pdu.PDV_HEADER.size:
                return _NEED_MORE
            length, context, control = pdu.PDV_HEADER.unpack_from(self._buffer, at)
            self._begin(self._pdu_left, length, context, control)
            return at + pdu.PDV_HEADER.size
        if end - at < pdu.PDU_HEADER.size:
            return _NEED_MORE
        if self._buffer[at] != pdu.P_DATA:
            return self._other(at, end)
        if end - at < pdu.DATA_HEADER.size:
            self._check_data_length(pdu.PDU_HEADER.unpack_from(self._buffer, at)[1])
            return _NEED_MORE
        _, pdu_length, length, context, control = pdu.DATA_HEADER.unpack_from(self._buffer, at)
        self._check_data_length(pdu_length)
        self._begin(pdu_length, length, context, control)
        return at + pdu.DATA_HEADER.size

    def _check_data_length(self, length: int) -> None:
        if not self.takes_data:
            raise ProtocolError("P-DATA-TF outside an established association", AbortReason.UNEXPECTED_PDU)
        if not pdu.DATA_OVERHEAD <= length <= self._limits.max_pdu_accepted:
            raise ProtocolError(f"P-DATA-TF of {length} bytes; {self._limits.max_pdu_accepted} are allowed")

    def _begin(self, pdu_left: int, length: int, context: int, control: int) -> None:
        """A PDV begins; ``pdu_left`` counts from its header on."""
        if not pdu.PDV_OVERHEAD <= length <= pdu_left - 4:
            raise ProtocolError(f"a PDV of {length} bytes in {pdu_left} bytes of its PDU")
        if context not in self.contexts:
            raise ProtocolError(f"presentation context {context} was not accepted")
        if control & pdu.COMMAND:
            self._check_command(context, length)
        elif context != self._awaiting:
            raise ProtocolError("a dataset fragment without its command", AbortReason.UNEXPECTED_PARAMETER)
        self._context = context
        self._control = control
        self._left = length - pdu.PDV_OVERHEAD
        self._pdu_left = pdu_left - 4 - length
        if not self._left and control & pdu.LAST:
            self._complete()

    def _check_command(self, context: int, length: int) -> None:
        if self._awaiting:
            raise ProtocolError("a command before the end of a dataset", AbortReason.UNEXPECTED_PARAMETER)
        if self._command and context != self._context:
            raise ProtocolError("a command set changes its presentation context")
        if len(self._command) + length > self._limits.max_command_length:
            raise ProtocolError(f"a command set of more than {self._limits.max_command_length} bytes")

    def _complete(self) -> None:
        if self._control & pdu.COMMAND:
            command = bytes(self._command)
            self._command.clear()
            self._awaiting = self._context if self._consumer.command(self._context, command) else 0
        else:
            self._hand_over()
            self._awaiting = 0
            self._consumer.dataset_end()

    def _other(self, at: int, end: int) -> int:
        kind: int
        length: int
        kind, length = pdu.PDU_HEADER.unpack_from(self._buffer, at)
        if kind not in pdu.EVENTS:
            raise ProtocolError(f"PDU type {kind:02X}H is not in PS3.8", AbortReason.UNRECOGNIZED_PDU)
        associate = kind in (pdu.ASSOCIATE_RQ, pdu.ASSOCIATE_AC)
        if length != 4 and not (associate and length <= self._limits.max_negotiation_length):
            raise ProtocolError(f"PDU type {kind:02X}H of {length} bytes")
        stop = at + pdu.PDU_HEADER.size + length
        if stop > end:
            return _NEED_MORE
        self._consumer.control(kind, bytes(self._view[at + pdu.PDU_HEADER.size : stop]))
        return stop

    def _hand_over(self) -> None:
        if self._parts:
            parts, self._parts = self._parts, []
            if not self.deaf:
                self._consumer.dataset(parts)

    def _keep(self, at: int, end: int) -> None:
        """Moves what is not understood yet to the front; a read that filled the buffer makes the next one larger."""
        kept = end - at
        if end == len(self._buffer) and (kept == end or end < _LARGEST_BUFFER):
            grown = bytearray(min(4 * end, max(_LARGEST_BUFFER, self._limits.max_negotiation_length + 16)))
            grown[:kept] = self._view[at:end]
            self._buffer, self._view = grown, memoryview(grown)
        elif kept and at:
            self._view[:kept] = bytes(self._view[at:end])
        self._filled = kept

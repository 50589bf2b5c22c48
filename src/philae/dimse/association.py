"""One association's upper layer, either role, without sockets: bytes and wishes in, PDUs and calls out."""

from collections.abc import Callable
from typing import ClassVar, Protocol

from philae.dimse import pdu
from philae.dimse.associate import (
    ACCEPTED,
    AssociateAccept,
    AssociateRequest,
    decode_accept,
    decode_request,
    encode_accept,
    encode_request,
)
from philae.dimse.errors import AbortReason, AssociationAborted, DimseError, ProtocolError
from philae.dimse.fragments import command_fragments, payload_length
from philae.dimse.limits import Limits
from philae.dimse.receiver import Receiver
from philae.dimse.rejection import Rejection
from philae.dimse.states import DATA_STATES, Action, Event, State, step


class User(Protocol):
    """The service user of PS3.7: told what arrives, asked for answers."""

    def requested(self, request: AssociateRequest) -> AssociateAccept | Rejection: ...
    def accepted(self, accept: AssociateAccept) -> None: ...
    def rejected(self, rejection: Rejection) -> None: ...
    def command(self, context_id: int, command_set: bytes) -> bool: ...
    def dataset(self, parts: list[memoryview]) -> None: ...
    def dataset_end(self) -> None: ...
    def ended(self, error: DimseError | None) -> None:
        """Once, after an acceptance or request: None for a release."""


class UpperLayer:
    """``transmit`` sends one PDU or message; whatever it raises passes through."""

    def __init__(self, user: User, transmit: Callable[[bytes], None], limits: Limits) -> None:
        self._user = user
        self._transmit = transmit
        self._receiver = Receiver(self, limits)
        self._ended = False
        self._why = ""
        self.state = State.IDLE
        self.payload = payload_length(0)
        self.fault: ProtocolError | None = None

    @property
    def established(self) -> bool:
        return self.state is State.ESTABLISHED

    @property
    def in_message(self) -> bool:
        return self._receiver.in_message

    @property
    def paused(self) -> bool:
        return self._receiver.paused

    def pause(self) -> None:
        """What has been read and not been handed over waits for ``resume``; nothing may be read before."""
        self._receiver.paused = True

    def resume(self) -> None:
        """Go on behind what paused it."""
        self._receiver.paused = False
        self.updated(0)

    def get_buffer(self) -> memoryview:
        return self._receiver.get_buffer()

    def updated(self, count: int) -> None:
        """``count`` bytes have been read into the buffer."""
        try:
            self._receiver.updated(count)
        except ProtocolError as fault:
            self.fault = fault
            unexpected = fault.reason is AbortReason.UNEXPECTED_PDU
            self._take(Event.DATA if unexpected else Event.INVALID)

    def opened(self) -> None:
        """A peer has connected; its request is awaited."""
        self._take(Event.OPENED)

    def connected(self, request: AssociateRequest) -> None:
        """We have connected and ask for an association."""
        self._take(Event.CONNECTED, encode_request(request))

    def closed(self) -> None:
        """The transport connection is gone."""
        if self.state is not State.IDLE:
            self._take(Event.CLOSED)

    def expired(self) -> None:
        """ARTIM has run out."""
        self._take(Event.ARTIM)

    def send(self, context_id: int, command_set: bytes) -> None:
        self._take(Event.SEND, command_fragments(context_id, command_set, self.payload))

    def release(self) -> None:
        self._take(Event.RELEASE, pdu.RELEASE_RQ_BYTES)

    def abort(self, why: str = "aborted by us") -> None:
        """Does nothing when there is no association left to abort."""
        if self.state is not State.IDLE:
            self._why = why
            self._take(Event.LOCAL_ABORT)

    def control(self, kind: int, body: bytes) -> None:
        event = pdu.EVENTS[kind]
        if step(self.state, event).action is Action.AA_8:
            self.fault = ProtocolError(f"{event.value} in {self.state.value}", AbortReason.UNEXPECTED_PDU)
        self._take(event, body)

    def command(self, context_id: int, command_set: bytes) -> bool:
        return self._user.command(context_id, command_set)

    def dataset(self, parts: list[memoryview]) -> None:
        self._user.dataset(parts)

    def dataset_end(self) -> None:
        self._user.dataset_end()

    def _take(self, event: Event, body: bytes = b"") -> None:
        action, self.state = step(self.state, event)
        self._receiver.takes_data = self.state in DATA_STATES
        self._receiver.deaf = self.state in (State.AWAITING_CLOSE, State.IDLE)
        self._ACTIONS[action](self, body)

    def _nothing(self, _body: bytes) -> None:
        pass

    def _send(self, message: bytes) -> None:
        self._transmit(message)

    def _requested(self, body: bytes) -> None:
        request = decode_request(body)
        self.payload = _payload(request.user.max_pdu_length)
        match self._user.requested(request):
            case Rejection(result, source, reason):
                self._take(Event.REJECT, pdu.encode_reject(result, source, reason))
            case answer:
                self._receiver.contexts = _accepted_ids(answer)
                self._take(Event.ACCEPT, encode_accept(answer))

    def _accepted(self, body: bytes) -> None:
        accept = decode_accept(body)
        self.payload = _payload(accept.user.max_pdu_length)
        self._receiver.contexts = _accepted_ids(accept)
        self._user.accepted(accept)

    def _rejected(self, body: bytes) -> None:
        self._ended = True
        self._user.rejected(Rejection(*pdu.decode_reject(body)))

    def _release_requested(self, _body: bytes) -> None:
        self._take(Event.RELEASE_ANSWER, pdu.RELEASE_RP_BYTES)

    def _answer_release(self, body: bytes) -> None:
        self._last_words(body, None)

    def _released(self, _body: bytes) -> None:
        self._end(None)

    def _abort_as_user(self, _body: bytes) -> None:
        self._last_words(pdu.encode_abort(pdu.Abort(pdu.SOURCE_USER, 0)), self.fault or AssociationAborted(self._why))

    def _abort_as_provider(self, _body: bytes) -> None:
        reason = self.fault.reason if self.fault else AbortReason.NOT_SPECIFIED
        self._last_words(pdu.encode_abort(pdu.Abort(pdu.SOURCE_PROVIDER, reason)), self.fault)

    def _aborted(self, body: bytes) -> None:
        self._end(AssociationAborted(f"the peer ended the association: {pdu.decode_abort(body).words}"))

    def _lost(self, _body: bytes) -> None:
        self._end(AssociationAborted("the peer closed the connection without release or abort"))

    def _last_words(self, message: bytes, error: DimseError | None) -> None:
        try:
            self._transmit(message)
        finally:
            self._end(error)

    def _end(self, error: DimseError | None) -> None:
        if not self._ended:
            self._ended = True
            self._user.ended(error)

    _ACTIONS: ClassVar[dict[Action, Callable[["UpperLayer", bytes], None]]] = {
        Action.AE_2: _send,
        Action.AE_3: _accepted,
        Action.AE_4: _rejected,
        Action.AE_5: _nothing,
        Action.AE_6: _requested,
        Action.AE_7: _send,
        Action.AE_8: _send,
        Action.DT_1: _send,
        Action.AR_1: _send,
        Action.AR_2: _release_requested,
        Action.AR_3: _released,
        Action.AR_4: _answer_release,
        Action.AR_5: _nothing,
        Action.AR_7: _send,
        Action.AR_8: _release_requested,
        Action.AR_9: _send,
        Action.AA_1: _abort_as_user,
        Action.AA_2: _nothing,
        Action.AA_3: _aborted,
        Action.AA_4: _lost,
        Action.AA_5: _nothing,
        Action.AA_6: _nothing,
        Action.AA_8: _abort_as_provider,
    }


def _payload(max_pdu_length: int) -> int:
    try:
        return payload_length(max_pdu_length)
    except ValueError as fault:
        raise ProtocolError(str(fault)) from fault


def _accepted_ids(accept: AssociateAccept) -> frozenset[int]:
    return frozenset(context.context_id for context in accept.contexts if context.result == ACCEPTED)

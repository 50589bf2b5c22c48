"""Opens associations and sends instances: C-STORE and C-ECHO as user."""

import time
from collections.abc import Iterable, Mapping, Sequence
from typing import Self

from philae.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from philae.dimse.address import Address, open_transport
from philae.dimse.associate import AssociateRequest, ProposedContext, number_contexts
from philae.dimse.association import UpperLayer
from philae.dimse.commands import Status, encode_echo_request, encode_store_request
from philae.dimse.errors import DimseError, Timeout
from philae.dimse.fragments import Buffer, command_fragments, message_vectors
from philae.dimse.items import OperationsWindow, UserIdentity, UserInformation
from philae.dimse.limits import DEFAULT_PDU_LENGTH, Limits, Timeouts
from philae.dimse.responses import AcceptedContext, Responses, StoreResponse
from philae.dimse.sop_classes import VERIFICATION
from philae.dimse.states import State
from philae.dimse.transport import Transport, TransportLost, TransportTimeout

__all__ = ["AcceptedContext", "Address", "Association", "ProposedContext", "StoreResponse", "Timeouts"]

_LAST_WORDS_S = 1.0
_HIGHEST_MESSAGE_ID = 0xFFFF


class Association:
    """An association we opened, for one thread at a time; a context manager that releases, or aborts on exceptions."""

    def __init__(self, transport: Transport, timeouts: Timeouts, request: AssociateRequest) -> None:
        self._transport = transport
        self._timeouts = timeouts
        self._user = Responses(request.contexts)
        self._layer = UpperLayer(self._user, self._transmit, Limits())
        self._last_message_id = 0
        transport.while_stalled = self._listen_while_stalled
        self._establish(request)

    @classmethod
    def connect(
        cls,
        address: Address,
        contexts: Sequence[ProposedContext],
        *,
        window: OperationsWindow | None = None,
        identity: UserIdentity | None = None,
        max_pdu_length: int = DEFAULT_PDU_LENGTH,
    ) -> Self:
        """Raises ConnectFailed, AssociationRejected, AssociationAborted, Timeout, ProtocolError."""
        user = UserInformation(
            max_pdu_length=max_pdu_length,
            implementation_class_uid=IMPLEMENTATION_CLASS_UID,
            implementation_version_name=IMPLEMENTATION_VERSION_NAME,
            window=window,
            identity=identity,
        )
        request = AssociateRequest(address.called_ae_title, address.calling_ae_title, number_contexts(contexts), user)
        return cls(open_transport(address), address.timeouts, request)

    @property
    def contexts(self) -> Mapping[int, AcceptedContext]:
        """The accepted presentation contexts by id."""
        return self._user.contexts

    @property
    def window(self) -> OperationsWindow | None:
        """The operations window the peer answered; without one it takes one operation at a time."""
        return self._user.window

    @property
    def peer_max_pdu(self) -> int:
        """The peer's maximum PDU length; 0 is no limit."""
        return self._user.peer.max_pdu_length

    @property
    def peer(self) -> UserInformation:
        """What the peer says of itself: its implementation, its maximum PDU length."""
        return self._user.peer

    @property
    def is_open(self) -> bool:
        """Looks at the connection, so that the peer's abort, release or end shows before anything is sent."""
        self._listen()
        return self._layer.established

    def context_for(self, sop_class_uid: str, transfer_syntax_uid: str) -> int | None:
        """The context that takes instances of this class in this transfer syntax as they are."""
        return self._user.context_for(sop_class_uid, transfer_syntax_uid)

    def send_store(
        self, context_id: int, sop_class_uid: str, sop_instance_uid: str, segments: Iterable[Buffer], *, length: int
    ) -> int:
        """Sends one instance of ``length`` dataset bytes; returns its message id and does not wait for the response.

        Segments are not copied: each must stay as it is until the call returns. Raises ValueError and drops the
        association when they do not hold ``length`` bytes; AssociationAborted, ProtocolError, Timeout.
        """
        message_id = self._next_message_id()
        command = encode_store_request(message_id, sop_class_uid, sop_instance_uid)
        self._send_message(context_id, command, segments, length)
        return message_id

    def store_response(self) -> StoreResponse:
        """The next response, in the order the peer answers. Raises AssociationAborted, ProtocolError, Timeout."""
        while not self._user.stored:
            self._receive(self._timeouts.response_s)
        return self._user.stored.popleft()

    def echo(self) -> Status:
        """C-ECHO. Raises ValueError when Verification was not accepted, and what ``store_response`` raises."""
        context_id = next((i for i, context in self.contexts.items() if context.abstract_syntax == VERIFICATION), None)
        if context_id is None:
            raise ValueError("Verification was not proposed, or the peer did not accept it")
        self._send_command(context_id, encode_echo_request(self._next_message_id()))
        while not self._user.echoed:
            self._receive(self._timeouts.response_s)
        return self._user.echoed.popleft()

    def release(self) -> None:
        """Releases and closes. A peer that does not answer in time, or has gone, is left without a word."""
        try:
            if self.is_open:
                self._layer.release()
            while self._layer.state is not State.IDLE:
                self._receive(self._timeouts.release_s)
        except (TransportLost, TransportTimeout, DimseError):
            return
        finally:
            self._drop()

    def abort(self) -> None:
        """Aborts and closes."""
        try:
            self._layer.abort()
        except (TransportLost, TransportTimeout):
            return
        finally:
            self._drop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self.release()
        else:
            self.abort()

    def _establish(self, request: AssociateRequest) -> None:
        ends = time.monotonic() + self._timeouts.associate_s
        try:
            self._layer.connected(request)
            while not self._layer.established:
                self._receive(max(ends - time.monotonic(), 0.001))
        except TransportLost:
            self._hear_last_words()
        finally:
            if not self._layer.established:
                self._drop()

    def _send_message(self, context_id: int, command: bytes, segments: Iterable[Buffer], length: int) -> None:
        if length <= 0 or context_id not in self._user.contexts:
            raise ValueError(f"no dataset ({length} bytes), or presentation context {context_id} was not accepted")
        self._check()
        payload = self._layer.payload
        whole = False
        try:
            head = command_fragments(context_id, command, payload)
            for vector in message_vectors(context_id, head, segments, length, payload):
                self._transport.send(vector, self._timeouts.send_s)
            whole = True
        except TransportLost:
            self._hear_last_words()
        except TransportTimeout as timeout:
            raise Timeout(str(timeout)) from None
        finally:
            if not whole:
                self._drop()

    def _send_command(self, context_id: int, command: bytes) -> None:
        self._check()
        try:
            self._layer.send(context_id, command)
        except TransportLost:
            self._hear_last_words()

    def _transmit(self, message: bytes) -> None:
        self._transport.send((message,), self._timeouts.send_s)

    def _next_message_id(self) -> int:
        self._last_message_id = self._last_message_id % _HIGHEST_MESSAGE_ID + 1
        return self._last_message_id

    def _check(self) -> None:
        if self._user.error is not None:
            self._drop()
            raise self._user.error

    def _receive(self, timeout_s: float) -> None:
        """One read. Raises what ended the association, if it had ended before."""
        self._check()
        try:
            self._read(timeout_s)
        except TransportTimeout as silence:
            self.abort()
            raise Timeout(str(silence)) from None

    def _read(self, timeout_s: float) -> None:
        try:
            self._take(self._transport.receive(self._layer.get_buffer(), timeout_s))
        except TransportLost:
            self._layer.closed()

    def _take(self, count: int) -> None:
        if count:
            self._layer.updated(count)
        else:
            self._layer.closed()

    def _listen(self) -> None:
        """Takes what has arrived, without waiting."""
        try:
            while self._user.error is None:
                count = self._transport.receive_waiting(self._layer.get_buffer())
                if count is None:
                    return
                self._take(count)
        except TransportLost:
            self._layer.closed()

    def _listen_while_stalled(self) -> None:
        self._listen()
        self._check()

    def _hear_last_words(self) -> None:
        """The connection broke while we wrote; raises what ended the association, an A-ABORT that waits to be read first."""
        while self._user.error is None:
            try:
                self._read(_LAST_WORDS_S)
            except TransportTimeout:
                self._layer.closed()
        self._check()

    def _drop(self) -> None:
        """Closes; says nothing more, since it may be in the middle of a PDU."""
        self._transport.close()
        self._layer.closed()

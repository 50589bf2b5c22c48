"""C-STORE, C-ECHO and N-EVENT-REPORT on one accepted association: commands in, sinks fed, responses out; no sockets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from philae.dimse import commands, rejection
from philae.dimse.associate import ACCEPTED, AssociateAccept, AssociateRequest
from philae.dimse.commands import Command, Status, decode_command, encode_response
from philae.dimse.errors import AbortReason, DimseError, ProtocolError
from philae.dimse.handler import AssociationHandler, Peer, ReportHandler, ReportRequest, StoreRequest, StoreSink
from philae.dimse.limits import Limits
from philae.dimse.negotiation import answer, fault_of
from philae.dimse.rejection import Rejection
from philae.dimse.sop_classes import is_storage, is_uid


@dataclass(frozen=True, slots=True)
class _Discard:
    """Drains a dataset that is not wanted."""

    status: Status
    waits: ClassVar[bool] = False

    def write(self, parts: Sequence[memoryview]) -> None:
        pass

    def finish(self) -> Status:
        return self.status

    def abandon(self) -> None:
        pass


class Provider:
    """Service user of an acceptor's upper layer. ``send`` must be set before bytes arrive.

    ``postpone`` is asked when a dataset has arrived whose sink waits; when it returns True, ``finish`` must follow.
    """

    def __init__(self, handler: AssociationHandler, peer: Peer, limits: Limits, *, full: bool = False) -> None:
        self._handler = handler
        self.peer = peer
        self._limits = limits
        self._full = full
        self._admitted = False
        self._report_handler: ReportHandler | None = None
        self._syntaxes: dict[int, str] = {}
        self._sink: StoreSink | None = None
        self._arrived: StoreSink | None = None
        self._request: Command | None = None
        self._context = 0
        self._room = 0  # bytes the dataset in hand may still bring
        self.send: Callable[[int, bytes], None]
        self.postpone: Callable[[], bool] = lambda: False

    def requested(self, request: AssociateRequest) -> AssociateAccept | Rejection:
        refusal = fault_of(request) or (rejection.LIMIT_EXCEEDED if self._full else None)
        refusal = refusal or self._handler.admit(request, self.peer)
        if refusal is not None:
            return refusal
        self._admitted = True
        if isinstance(self._handler, ReportHandler) and self._handler.takes_reports:
            self._report_handler = self._handler
        accept = answer(request, self._limits, takes_reports=self._report_handler is not None)
        self._syntaxes = {c.context_id: c.transfer_syntax for c in accept.contexts if c.result == ACCEPTED}
        return accept

    def accepted(self, accept: AssociateAccept) -> None:
        raise LookupError("an acceptor receives no A-ASSOCIATE-AC")

    def rejected(self, rejection: Rejection) -> None:
        raise LookupError("an acceptor receives no A-ASSOCIATE-RJ")

    def command(self, context_id: int, command_set: bytes) -> bool:
        command = decode_command(command_set)
        if command.field == commands.C_CANCEL_RQ:
            return False
        if command.field & commands.RESPONSE:
            raise ProtocolError(f"response {command.field:04X}H to nothing", AbortReason.UNEXPECTED_PARAMETER)
        self._request, self._context = command, context_id
        self._room = self._limits.max_dataset_bytes
        target = self._target(command)
        if command.has_dataset:
            self._sink = _Discard(target) if isinstance(target, Status) else target
        elif isinstance(target, Status):
            self._respond(target)
        return command.has_dataset

    def _target(self, command: Command) -> StoreSink | Status:
        if command.field == commands.C_STORE_RQ:
            return self._store(command)
        if command.field == commands.C_ECHO_RQ:
            return Status(commands.SUCCESS)
        if command.field == commands.N_EVENT_REPORT_RQ and self._report_handler is not None:
            return self._report(command, self._report_handler)
        return Status(commands.UNRECOGNIZED_OPERATION, f"Operation {command.field:04X}H is not offered")

    def _store(self, command: Command) -> StoreSink | Status:
        if not command.has_dataset:
            return Status(commands.CANNOT_UNDERSTAND, "The data set is missing")
        sop_class = command.text(commands.SOP_CLASS_UID)
        sop_instance = command.text(commands.SOP_INSTANCE_UID)
        if not is_storage(sop_class):
            return Status(commands.SOP_CLASS_NOT_SUPPORTED, "Affected SOP Class UID is missing or is not storage")
        if not is_uid(sop_instance):
            return Status(commands.INVALID_SOP_INSTANCE, "Affected SOP Instance UID is missing or is no UID")
        return self._handler.store(
            StoreRequest(
                sop_class,
                sop_instance,
                self._syntaxes[self._context],
                command.message_id,
                command.number(commands.PRIORITY, 0),
                command.text(commands.MOVE_ORIGINATOR),
                command.number(commands.MOVE_MESSAGE_ID, 0),
            )
        )

    def _report(self, command: Command, handler: ReportHandler) -> StoreSink | Status:
        if not command.has_dataset:
            return Status(commands.MISSING_ATTRIBUTE, "The data set is missing")
        return handler.report(
            ReportRequest(
                command.text(commands.SOP_CLASS_UID),
                command.text(commands.SOP_INSTANCE_UID),
                command.number(commands.EVENT_TYPE, 0),
                self._syntaxes[self._context],
            )
        )

    def dataset(self, parts: list[memoryview]) -> None:
        if self._sink is None:
            return
        self._room -= sum(map(len, parts))
        if self._room >= 0:
            self._sink.write(parts)
        elif not isinstance(self._sink, _Discard):
            self._sink.abandon()
            limit = self._limits.max_dataset_bytes
            self._sink = _Discard(Status(commands.OUT_OF_RESOURCES, f"Data set exceeds {limit} bytes"))
        elif self._room < -self._limits.max_dataset_bytes:
            raise ProtocolError(f"a dataset of more than twice {self._limits.max_dataset_bytes} bytes")

    def dataset_end(self) -> None:
        if self._sink is not None:
            self._arrived, self._sink = self._sink, None
            if not (self._arrived.waits and self.postpone()):
                self.finish()

    def finish(self) -> None:
        """Finish and answer for the dataset that has arrived, if it is still to be done."""
        if self._arrived is not None:
            sink, self._arrived = self._arrived, None
            self._respond(sink.finish())

    def ended(self, error: DimseError | None) -> None:
        for sink in (self._sink, self._arrived):
            if sink is not None:
                sink.abandon()
        self._sink = self._arrived = None
        if self._admitted:
            self._admitted = False
            self._handler.closed("released" if error is None else str(error))

    def _respond(self, status: Status) -> None:
        if self._request is not None:
            self.send(self._context, encode_response(self._request, status))

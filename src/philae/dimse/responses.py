"""What a peer answers or reports on an association we opened, collected in order; no sockets."""

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from philae.dimse import commands
from philae.dimse.associate import ACCEPTED, AssociateAccept, AssociateRequest, OfferedContext
from philae.dimse.commands import Command, Status, decode_command
from philae.dimse.errors import AbortReason, AssociationAborted, AssociationRejected, DimseError, ProtocolError
from philae.dimse.items import OperationsWindow, UserInformation
from philae.dimse.limits import MAX_REPORT_BYTES
from philae.dimse.rejection import Rejection
from philae.dimse.sop_classes import STORAGE_COMMITMENT

_ANSWERS: Final = (commands.C_STORE_RSP, commands.C_ECHO_RSP)
_COMMITMENT_ANSWERS: Final = (commands.N_ACTION_RSP,)


@dataclass(frozen=True, slots=True)
class AcceptedContext:
    """A presentation context both sides agreed on."""

    abstract_syntax: str
    transfer_syntax: str


@dataclass(frozen=True, slots=True)
class StoreResponse:
    """A C-STORE-RSP."""

    message_id: int
    status: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class EventReport:
    """An N-EVENT-REPORT-RQ that came on our own association, to be answered there."""

    context_id: int
    command: Command
    dataset: bytes


class Responses:
    """Service user of a requestor's upper layer."""

    def __init__(self, offered: Sequence[OfferedContext]) -> None:
        self._offered = {context.context_id: context for context in offered}
        self.contexts: Mapping[int, AcceptedContext] = MappingProxyType({})
        self.window: OperationsWindow | None = None
        self.peer = UserInformation()
        self.stored: deque[StoreResponse] = deque()
        self.echoed: deque[Status] = deque()
        self.acted: deque[Status] = deque()
        self.reports: deque[EventReport] = deque()
        self._report: Command | None = None
        self._context = 0
        self._dataset = bytearray()
        self.error: DimseError | None = None

    def context_for(self, sop_class_uid: str, transfer_syntax_uid: str) -> int | None:
        wanted = AcceptedContext(sop_class_uid, transfer_syntax_uid)
        return next((context_id for context_id, context in self.contexts.items() if context == wanted), None)

    def requested(self, request: AssociateRequest) -> Rejection:
        raise LookupError("a requestor is not asked for associations")

    def accepted(self, accept: AssociateAccept) -> None:
        self.contexts = MappingProxyType(
            {
                answered.context_id: self._agreed(answered.context_id, answered.transfer_syntax)
                for answered in accept.contexts
                if answered.result == ACCEPTED
            }
        )
        self.window = accept.user.window
        self.peer = accept.user

    def _agreed(self, context_id: int, transfer_syntax: str) -> AcceptedContext:
        offered = self._offered.get(context_id)
        if offered is None or transfer_syntax not in offered.transfer_syntaxes:
            raise ProtocolError(f"the peer accepted presentation context {context_id} as it was never offered")
        return AcceptedContext(offered.abstract_syntax, transfer_syntax)

    def rejected(self, rejection: Rejection) -> None:
        words = f"{rejection.words} ({rejection.remedy})"
        self.error = AssociationRejected(rejection.result, rejection.source, rejection.reason, words)

    def command(self, context_id: int, command_set: bytes) -> bool:
        command = decode_command(command_set)
        is_commitment = self.contexts[context_id].abstract_syntax == STORAGE_COMMITMENT
        if command.field == commands.N_EVENT_REPORT_RQ and command.has_dataset and is_commitment:
            self._report, self._context = command, context_id
            return True
        if command.has_dataset or command.field not in (_COMMITMENT_ANSWERS if is_commitment else _ANSWERS):
            raise ProtocolError(f"command {command.field:04X}H to a requestor", AbortReason.UNEXPECTED_PARAMETER)
        self._answered(command)
        return False

    def _answered(self, command: Command) -> None:
        status, comment = command.number(commands.STATUS), command.text(commands.ERROR_COMMENT)
        if command.field == commands.C_STORE_RSP:
            self.stored.append(StoreResponse(command.message_id, status, comment))
        elif command.field == commands.C_ECHO_RSP:
            self.echoed.append(Status(status, comment))
        else:
            self.acted.append(Status(status, comment))

    def dataset(self, parts: list[memoryview]) -> None:
        for part in parts:
            self._dataset += part
        if len(self._dataset) > MAX_REPORT_BYTES:
            raise ProtocolError(f"an event report of more than {MAX_REPORT_BYTES} bytes")

    def dataset_end(self) -> None:
        if self._report is None:
            raise LookupError("no response brings a dataset")
        self.reports.append(EventReport(self._context, self._report, bytes(self._dataset)))
        self._report = None
        self._dataset.clear()

    def ended(self, error: DimseError | None) -> None:
        self.error = self.error or error or AssociationAborted("the association was released")

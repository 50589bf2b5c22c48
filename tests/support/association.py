"""One side of an association without sockets: a recording application, and the bytes a peer would send."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from philae.dimse import commands, pdu
from philae.dimse.associate import AssociateRequest, ProposedContext, encode_request, number_contexts
from philae.dimse.association import UpperLayer
from philae.dimse.commands import Command, Status, decode_command, encode_echo_request, encode_store_request
from philae.dimse.fragments import command_fragments, message_vectors
from philae.dimse.handler import Peer, StoreRequest, StoreSink
from philae.dimse.items import UserInformation
from philae.dimse.limits import Limits
from philae.dimse.provider import Provider
from philae.dimse.rejection import Rejection
from philae.dimse.sop_classes import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, VERIFICATION

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LE = "1.2.840.10008.1.2.1"
IMPLICIT_LE = "1.2.840.10008.1.2"
CT_CONTEXT = 1
ECHO_CONTEXT = 3
CONTEXTS = (ProposedContext(CT, (EXPLICIT_LE, IMPLICIT_LE)), ProposedContext(VERIFICATION, (IMPLICIT_LE,)))


@dataclass
class Instance:
    """One C-STORE as an application saw it; ``ending`` is open, finished or abandoned."""

    request: StoreRequest
    status: Status
    data: bytearray = field(default_factory=bytearray)
    ending: str = "open"
    waits: bool = True

    def write(self, parts: Sequence[memoryview]) -> None:
        assert self.ending == "open"
        for part in parts:
            self.data += part

    def finish(self) -> Status:
        assert self.ending == "open"
        self.ending = "finished"
        return self.status

    def abandon(self) -> None:
        assert self.ending == "open"
        self.ending = "abandoned"


@dataclass
class Application:
    """Remembers what it is asked, and answers what the test wants; one for all associations of a test."""

    rejection: Rejection | None = None
    refusal: Status | None = None
    status: Status = field(default_factory=lambda: Status(0))
    instance: type[Instance] = Instance
    requests: list[AssociateRequest] = field(default_factory=list)
    peers: list[Peer] = field(default_factory=list)
    instances: list[Instance] = field(default_factory=list)
    endings: list[str] = field(default_factory=list)

    def admit(self, request: AssociateRequest, peer: Peer) -> Rejection | None:
        self.requests.append(request)
        self.peers.append(peer)
        return self.rejection

    def store(self, request: StoreRequest) -> StoreSink | Status:
        if self.refusal is not None:
            return self.refusal
        self.instances.append(self.instance(request, self.status))
        return self.instances[-1]

    def closed(self, reason: str) -> None:
        self.endings.append(reason)


class Conversation:
    """An acceptor's upper layer with its provider; ``sent`` holds what it transmitted, PDU by PDU."""

    def __init__(
        self, application: Application | None = None, limits: Limits | None = None, *, full: bool = False
    ) -> None:
        self.application = application or Application()
        self.sent: list[bytes] = []
        limits = limits or Limits()
        self.provider = Provider(self.application, Peer("10.0.0.1", 104), limits, full=full)
        self.layer = UpperLayer(self.provider, self.sent.append, limits)
        self.provider.send = self.layer.send
        self.layer.opened()

    def receive(self, stream: bytes, cuts: Iterable[int] = ()) -> Conversation:
        """Reads end at ``cuts`` and wherever the buffer is full."""
        bounds = [0, *sorted({cut for cut in cuts if 0 < cut < len(stream)}), len(stream)]
        for begin, end in pairwise(bounds):
            self._read(stream[begin:end])
        return self

    def _read(self, data: bytes) -> None:
        while data:
            buffer = self.layer.get_buffer()
            count = min(len(buffer), len(data))
            buffer[:count] = data[:count]
            self.layer.updated(count)
            data = data[count:]

    @property
    def responses(self) -> list[Command]:
        return [decode_command(sent[12:]) for sent in self.sent if sent[0] == pdu.P_DATA]

    @property
    def last_abort(self) -> pdu.Abort | None:
        return pdu.decode_abort(self.sent[-1][6:]) if self.sent and self.sent[-1][0] == pdu.ABORT else None


def request_bytes(
    contexts: Sequence[ProposedContext] = CONTEXTS, user: UserInformation | None = None, called: str = "PHILAE"
) -> bytes:
    user = user or UserInformation(max_pdu_length=16384, implementation_class_uid="1.2.3")
    return encode_request(AssociateRequest(called, "CT01", number_contexts(contexts), user))


def established(application: Application | None = None, limits: Limits | None = None) -> Conversation:
    return Conversation(application, limits).receive(request_bytes())


def store_bytes(data: bytes, *, message_id: int = 1, payload: int = 16378, uid: str = "1.2.3.4") -> bytes:
    """A C-STORE-RQ with its dataset in PDUs of ``payload`` bytes."""
    command = command_fragments(CT_CONTEXT, encode_store_request(message_id, CT, uid), payload)
    vectors = message_vectors(CT_CONTEXT, command, [data], len(data), payload)
    return b"".join(bytes(part) for vector in vectors for part in vector)


def echo_bytes(message_id: int = 7) -> bytes:
    return command_fragments(ECHO_CONTEXT, encode_echo_request(message_id), 16378)


def pdv(context_id: int, control: int, data: bytes) -> bytes:
    return pdu.PDV_HEADER.pack(len(data) + 2, context_id, control) + data


def data_pdu(*pdvs: bytes) -> bytes:
    return pdu.encode(pdu.P_DATA, b"".join(pdvs))


def report_bytes(dataset: bytes, context_id: int, *, event_type: int = 1, has_dataset: bool = True) -> bytes:
    """An N-EVENT-REPORT-RQ of storage commitment."""
    elements = [
        (commands.SOP_CLASS_UID, STORAGE_COMMITMENT.encode()),
        (commands.COMMAND_FIELD, commands.N_EVENT_REPORT_RQ.to_bytes(2, "little")),
        (commands.MESSAGE_ID, b"\5\0"),
        (commands.DATASET_TYPE, b"\0\0" if has_dataset else b"\1\1"),
        (commands.SOP_INSTANCE_UID, STORAGE_COMMITMENT_INSTANCE.encode()),
        (commands.EVENT_TYPE, event_type.to_bytes(2, "little")),
    ]
    padded = [(element, value + b"\0" * (len(value) % 2)) for element, value in elements]
    command = b"".join(struct.pack("<HHI", 0, element, len(value)) + value for element, value in padded)
    data = data_pdu(pdv(context_id, pdu.LAST, dataset)) if has_dataset else b""
    return data_pdu(pdv(context_id, pdu.COMMAND | pdu.LAST, command)) + data

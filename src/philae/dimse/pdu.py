"""PDUs of PS3.8 9.3 other than A-ASSOCIATE-RQ and AC: types, headers, encoding, decoding."""

import struct
from dataclasses import dataclass
from typing import Final

from philae.dimse.errors import AbortReason, ProtocolError
from philae.dimse.states import Event

ASSOCIATE_RQ: Final = 0x01
ASSOCIATE_AC: Final = 0x02
ASSOCIATE_RJ: Final = 0x03
P_DATA: Final = 0x04
RELEASE_RQ: Final = 0x05
RELEASE_RP: Final = 0x06
ABORT: Final = 0x07

EVENTS: Final = {
    ASSOCIATE_RQ: Event.ASSOCIATE_RQ,
    ASSOCIATE_AC: Event.ASSOCIATE_AC,
    ASSOCIATE_RJ: Event.ASSOCIATE_RJ,
    P_DATA: Event.DATA,
    RELEASE_RQ: Event.RELEASE_RQ,
    RELEASE_RP: Event.RELEASE_RP,
    ABORT: Event.ABORT,
}

PDU_HEADER: Final = struct.Struct(">BxI")  # type, length of what follows
PDV_HEADER: Final = struct.Struct(">IBB")  # length of what follows, context id, message control
DATA_HEADER: Final = struct.Struct(">BxIIBB")  # both at once
PDV_OVERHEAD: Final = 2  # context id and message control count in the PDV length
DATA_OVERHEAD: Final = PDV_HEADER.size  # what a PDV header takes of the PDU length

COMMAND: Final = 0x01
LAST: Final = 0x02

SOURCE_USER: Final = 0
SOURCE_PROVIDER: Final = 2


@dataclass(frozen=True, slots=True)
class Abort:
    """A-ABORT (9.3.8)."""

    source: int
    reason: int

    @property
    def words(self) -> str:
        if self.source == SOURCE_USER:
            return "aborted by the application"
        try:
            reason = AbortReason(self.reason).name.lower().replace("_", " ")
        except ValueError:
            reason = f"reason {self.reason}"
        return f"aborted by the upper layer: {reason}"


def encode(kind: int, body: bytes) -> bytes:
    return PDU_HEADER.pack(kind, len(body)) + body


def encode_abort(abort: Abort) -> bytes:
    return encode(ABORT, bytes((0, 0, abort.source, abort.reason)))


def decode_abort(body: bytes) -> Abort:
    """Also takes a body that is too short: an abort is an abort."""
    return Abort(body[2], body[3]) if len(body) >= 4 else Abort(SOURCE_PROVIDER, 0)


RELEASE_RQ_BYTES: Final = encode(RELEASE_RQ, bytes(4))
RELEASE_RP_BYTES: Final = encode(RELEASE_RP, bytes(4))


def encode_reject(result: int, source: int, reason: int) -> bytes:
    return encode(ASSOCIATE_RJ, bytes((0, result, source, reason)))


def decode_reject(body: bytes) -> tuple[int, int, int]:
    """Result, source and reason (9.3.4)."""
    if len(body) != 4:
        raise ProtocolError(f"A-ASSOCIATE-RJ of {len(body)} bytes, not 4")
    return body[1], body[2], body[3]

"""DIMSE command sets (PS3.7 9.3) by struct: implicit VR little endian, group 0000 only."""

import struct
from dataclasses import dataclass
from typing import Final

from philae.dimse.errors import ProtocolError
from philae.dimse.sop_classes import VERIFICATION

_ELEMENT: Final = struct.Struct("<HHI")
_US_ELEMENT: Final = struct.Struct("<HHIH")
_GROUP_LENGTH: Final = struct.Struct("<HHII")

C_STORE_RQ: Final = 0x0001
C_STORE_RSP: Final = 0x8001
C_ECHO_RQ: Final = 0x0030
C_ECHO_RSP: Final = 0x8030
C_CANCEL_RQ: Final = 0x0FFF
N_EVENT_REPORT_RQ: Final = 0x0100
N_EVENT_REPORT_RSP: Final = 0x8100
N_ACTION_RQ: Final = 0x0130
N_ACTION_RSP: Final = 0x8130
RESPONSE: Final = 0x8000

SOP_CLASS_UID: Final = 0x0002
REQUESTED_SOP_CLASS_UID: Final = 0x0003
COMMAND_FIELD: Final = 0x0100
MESSAGE_ID: Final = 0x0110
RESPONDED_MESSAGE_ID: Final = 0x0120
PRIORITY: Final = 0x0700
DATASET_TYPE: Final = 0x0800
STATUS: Final = 0x0900
ERROR_COMMENT: Final = 0x0902
SOP_INSTANCE_UID: Final = 0x1000
REQUESTED_SOP_INSTANCE_UID: Final = 0x1001
EVENT_TYPE: Final = 0x1002
ACTION_TYPE: Final = 0x1008
MOVE_ORIGINATOR: Final = 0x1030
MOVE_MESSAGE_ID: Final = 0x1031

NO_DATASET: Final = 0x0101
DATASET: Final = 0x0000

SUCCESS: Final = 0x0000
OUT_OF_RESOURCES: Final = 0xA700
CANNOT_UNDERSTAND: Final = 0xC000
INVALID_SOP_INSTANCE: Final = 0x0117
MISSING_ATTRIBUTE: Final = 0x0120
SOP_CLASS_NOT_SUPPORTED: Final = 0x0122
NOT_AUTHORIZED: Final = 0x0124
UNRECOGNIZED_OPERATION: Final = 0x0211

_COMMENT_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True)
class Status:
    """A DIMSE status and what Error Comment (0000,0902) says about it."""

    code: int
    comment: str = ""


class Command:
    """A command set as received: elements of group 0000 by element number."""

    __slots__ = ("_values", "field", "has_dataset", "message_id")

    def __init__(self, values: dict[int, bytes]) -> None:
        self._values = values
        self.field = self.number(COMMAND_FIELD)
        self.has_dataset = self.number(DATASET_TYPE, NO_DATASET) != NO_DATASET
        self.message_id = self.number(RESPONDED_MESSAGE_ID if self.field & RESPONSE else MESSAGE_ID, 0)

    def number(self, element: int, default: int | None = None) -> int:
        """Value of a US element. Raises ProtocolError when it is missing and has no default, or is no US."""
        value = self._values.get(element)
        if value is None and default is not None:
            return default
        if value is None or len(value) != 2:
            raise ProtocolError(f"command element (0000,{element:04X}) is missing or is not two bytes")
        return int.from_bytes(value, "little")

    def text(self, element: int) -> str:
        """Value of a UI, AE or LO element; empty when it is missing."""
        return self._values.get(element, b"").decode("latin-1").strip(" \0")


def decode_command(encoded: bytes) -> Command:
    """Raises ProtocolError for lengths that do not fit, other groups, and a missing Command Field."""
    values: dict[int, bytes] = {}
    at, end = 0, len(encoded)
    while at < end:
        if at + 8 > end:
            raise ProtocolError("a command element header is cut off")
        group, element, length = _ELEMENT.unpack_from(encoded, at)
        at += 8
        if group or at + length > end:
            raise ProtocolError(f"command element ({group:04X},{element:04X}) of {length} bytes does not belong there")
        values[element] = encoded[at : at + length]
        at += length
    return Command(values)


def _us(element: int, value: int) -> bytes:
    return _US_ELEMENT.pack(0, element, 2, value)


def _text(element: int, value: str, pad: bytes) -> bytes:
    raw = value.encode("latin-1", "replace")
    raw += pad * (len(raw) & 1)
    return _ELEMENT.pack(0, element, len(raw)) + raw


def _uid(element: int, uid: str) -> bytes:
    return _text(element, uid, b"\0") if uid else b""


def _command_set(*elements: bytes) -> bytes:
    """Elements must come in ascending order."""
    body = b"".join(elements)
    return _GROUP_LENGTH.pack(0, 0, 4, len(body)) + body


def encode_store_request(message_id: int, sop_class_uid: str, sop_instance_uid: str, priority: int = 0) -> bytes:
    return _command_set(
        _uid(SOP_CLASS_UID, sop_class_uid),
        _us(COMMAND_FIELD, C_STORE_RQ),
        _us(MESSAGE_ID, message_id),
        _us(PRIORITY, priority),
        _us(DATASET_TYPE, DATASET),
        _uid(SOP_INSTANCE_UID, sop_instance_uid),
    )


def encode_echo_request(message_id: int) -> bytes:
    return _command_set(
        _uid(SOP_CLASS_UID, VERIFICATION),
        _us(COMMAND_FIELD, C_ECHO_RQ),
        _us(MESSAGE_ID, message_id),
        _us(DATASET_TYPE, NO_DATASET),
    )


def encode_action_request(message_id: int, sop_class_uid: str, sop_instance_uid: str, action_type: int) -> bytes:
    """An N-ACTION-RQ whose dataset follows (PS3.7 10.3.5)."""
    return _command_set(
        _uid(REQUESTED_SOP_CLASS_UID, sop_class_uid),
        _us(COMMAND_FIELD, N_ACTION_RQ),
        _us(MESSAGE_ID, message_id),
        _us(DATASET_TYPE, DATASET),
        _uid(REQUESTED_SOP_INSTANCE_UID, sop_instance_uid),
        _us(ACTION_TYPE, action_type),
    )


def encode_response(request: Command, status: Status) -> bytes:
    """The response to ``request``, with its UIDs where it had them and the comment cut to its 64 characters."""
    comment = status.comment[:_COMMENT_CHARACTERS]
    return _command_set(
        _uid(SOP_CLASS_UID, request.text(SOP_CLASS_UID)),
        _us(COMMAND_FIELD, request.field | RESPONSE),
        _us(RESPONDED_MESSAGE_ID, request.message_id),
        _us(DATASET_TYPE, NO_DATASET),
        _us(STATUS, status.code),
        _text(ERROR_COMMENT, comment, b" ") if comment else b"",
        _uid(SOP_INSTANCE_UID, request.text(SOP_INSTANCE_UID)),
        _us(EVENT_TYPE, request.number(EVENT_TYPE, 0)) if request.field == N_EVENT_REPORT_RQ else b"",
    )

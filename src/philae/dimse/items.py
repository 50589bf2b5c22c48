"""Items inside A-ASSOCIATE PDUs: user information and its sub-items (PS3.7 annex D.3.3, PS3.8 annex D)."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from philae.dimse.errors import ProtocolError

_HEADER: Final = struct.Struct(">BxH")
_TWO_LENGTHS: Final = struct.Struct(">HH")

MAX_LENGTH: Final = 0x51
IMPLEMENTATION_CLASS: Final = 0x52
OPERATIONS_WINDOW: Final = 0x53
ROLE_SELECTION: Final = 0x54
IMPLEMENTATION_VERSION: Final = 0x55
EXTENDED: Final = 0x56
COMMON_EXTENDED: Final = 0x57
IDENTITY: Final = 0x58
IDENTITY_RESPONSE: Final = 0x59


@dataclass(frozen=True, slots=True)
class OperationsWindow:
    """Asynchronous operations the requestor may invoke and perform; 0 is no limit."""

    invoked: int
    performed: int


@dataclass(frozen=True, slots=True)
class RoleSelection:
    sop_class_uid: str
    scu: bool
    scp: bool


@dataclass(frozen=True, slots=True)
class ExtendedNegotiation:
    sop_class_uid: str
    information: bytes


@dataclass(frozen=True, slots=True)
class CommonExtendedNegotiation:
    sop_class_uid: str
    service_class_uid: str
    related_sop_class_uids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class UserIdentity:
    """Who the requestor says it acts for; kind 1 is a name, 2 name and passcode, 3 Kerberos, 4 SAML, 5 JWT."""

    kind: int
    response_requested: bool
    primary: bytes = field(repr=False)
    secondary: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class UserInformation:
    """The user information item of either PDU."""

    max_pdu_length: int = 0
    implementation_class_uid: str = ""
    implementation_version_name: str = ""
    window: OperationsWindow | None = None
    roles: tuple[RoleSelection, ...] = ()
    extended: tuple[ExtendedNegotiation, ...] = ()
    common_extended: tuple[CommonExtendedNegotiation, ...] = ()
    identity: UserIdentity | None = None
    identity_response: bytes | None = None


def item(kind: int, body: bytes) -> bytes:
    return _HEADER.pack(kind, len(body)) + body


def split_items(body: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and content of each item. Raises ProtocolError when a length leads outside ``body``."""
    at = 0
    while at < len(body):
        if at + 4 > len(body):
            raise ProtocolError("an item header is cut off")
        kind, length = _HEADER.unpack_from(body, at)
        at += 4
        if at + length > len(body):
            raise ProtocolError(f"item {kind:02X}H of {length} bytes leads outside its parent")
        yield kind, body[at : at + length]
        at += length


def uid_text(raw: bytes) -> str:
    return raw.rstrip(b"\0 ").decode("ascii", "replace")


def _counted(body: bytes, at: int) -> tuple[bytes, int]:
    """A value with its two-byte length in front, and where it ends."""
    end = at + 2
    if end <= len(body):
        end += int.from_bytes(body[at : at + 2], "big")
        if end <= len(body):
            return body[at + 2 : end], end
    raise ProtocolError("a sub-item length leads outside the sub-item")


def _exactly(body: bytes, length: int, name: str) -> bytes:
    if len(body) != length:
        raise ProtocolError(f"{name} of {len(body)} bytes, not {length}")
    return body


def _window(body: bytes) -> OperationsWindow:
    return OperationsWindow(*_TWO_LENGTHS.unpack(_exactly(body, 4, "asynchronous operations window")))


def _role(body: bytes) -> RoleSelection:
    uid, at = _counted(body, 0)
    scu, scp = _exactly(body[at:], 2, "role selection")
    return RoleSelection(uid_text(uid), scu == 1, scp == 1)


def _extended(body: bytes) -> ExtendedNegotiation:
    uid, at = _counted(body, 0)
    return ExtendedNegotiation(uid_text(uid), body[at:])


def _common_extended(body: bytes) -> CommonExtendedNegotiation:
    sop_class, at = _counted(body, 0)
    service_class, at = _counted(body, at)
    related, _ = _counted(body, at)
    uids: list[str] = []
    at = 0
    while at < len(related):
        uid, at = _counted(related, at)
        uids.append(uid_text(uid))
    return CommonExtendedNegotiation(uid_text(sop_class), uid_text(service_class), tuple(uids))


def _identity(body: bytes) -> UserIdentity:
    if len(body) < 2:
        raise ProtocolError("user identity is cut off")
    primary, at = _counted(body, 2)
    secondary, _ = _counted(body, at)
    return UserIdentity(body[0], body[1] == 1, primary, secondary)


def _max_length(body: bytes) -> int:
    return int.from_bytes(_exactly(body, 4, "maximum length"), "big")


def _version_name(body: bytes) -> str:
    return body.decode("latin-1").strip(" \0")


def _identity_response(body: bytes) -> bytes:
    return _counted(body, 0)[0]


_Reader = Callable[[bytes], Any]
_ONE: Final[dict[int, tuple[str, _Reader]]] = {
    MAX_LENGTH: ("max_pdu_length", _max_length),
    IMPLEMENTATION_CLASS: ("implementation_class_uid", uid_text),
    IMPLEMENTATION_VERSION: ("implementation_version_name", _version_name),
    OPERATIONS_WINDOW: ("window", _window),
    IDENTITY: ("identity", _identity),
    IDENTITY_RESPONSE: ("identity_response", _identity_response),
}
_SEVERAL: Final[dict[int, tuple[str, _Reader]]] = {
    ROLE_SELECTION: ("roles", _role),
    EXTENDED: ("extended", _extended),
    COMMON_EXTENDED: ("common_extended", _common_extended),
}


def decode_user_information(body: bytes) -> UserInformation:
    """Sub-items of unknown type are passed over, as PS3.8 9.3.1 asks."""
    values: dict[str, Any] = {}
    for kind, content in split_items(body):
        if kind in _ONE:
            name, read = _ONE[kind]
            values[name] = read(content)
        elif kind in _SEVERAL:
            name, read = _SEVERAL[kind]
            values[name] = (*values.get(name, ()), read(content))
    return UserInformation(**values)


def _count(value: bytes) -> bytes:
    return len(value).to_bytes(2, "big") + value


def _counted_uid(uid: str) -> bytes:
    return _count(uid.encode("ascii"))


def encode_user_information(user: UserInformation) -> bytes:
    parts = [item(MAX_LENGTH, user.max_pdu_length.to_bytes(4, "big"))]
    parts.append(item(IMPLEMENTATION_CLASS, user.implementation_class_uid.encode("ascii")))
    if user.window is not None:
        parts.append(item(OPERATIONS_WINDOW, _TWO_LENGTHS.pack(user.window.invoked, user.window.performed)))
    parts.extend(item(ROLE_SELECTION, _counted_uid(r.sop_class_uid) + bytes((r.scu, r.scp))) for r in user.roles)
    if user.implementation_version_name:
        parts.append(item(IMPLEMENTATION_VERSION, user.implementation_version_name.encode("latin-1")))
    parts.extend(item(EXTENDED, _counted_uid(e.sop_class_uid) + e.information) for e in user.extended)
    parts.extend(item(COMMON_EXTENDED, _encode_common(common)) for common in user.common_extended)
    if user.identity is not None:
        head = bytes((user.identity.kind, user.identity.response_requested))
        parts.append(item(IDENTITY, head + _count(user.identity.primary) + _count(user.identity.secondary)))
    if user.identity_response is not None:
        parts.append(item(IDENTITY_RESPONSE, _count(user.identity_response)))
    return b"".join(parts)


def _encode_common(common: CommonExtendedNegotiation) -> bytes:
    related = b"".join(_counted_uid(uid) for uid in common.related_sop_class_uids)
    return _counted_uid(common.sop_class_uid) + _counted_uid(common.service_class_uid) + _count(related)

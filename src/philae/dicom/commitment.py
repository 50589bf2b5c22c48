"""What goes to and fro in storage commitment: the datasets of requests and reports (PS3.4 J.3)."""

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from philae.dicom.headers import MalformedDataset
from philae.dicom.scan import Encoded, elements
from philae.dicom.syntax import TransferSyntax
from philae.dicom.values import padded

_HEADER: Final = struct.Struct("<HHI")
_TRANSACTION_UID: Final = 0x00081195
_FAILURE_REASON: Final = 0x00081197
_FAILED: Final = 0x00081198
_REFERENCED: Final = 0x00081199
_SOP_CLASS_UID: Final = 0x00081150
_SOP_INSTANCE_UID: Final = 0x00081155
_ITEM: Final = 0xFFFEE000

PROCESSING_FAILURE: Final = 0x0110
NO_SUCH_OBJECT_INSTANCE: Final = 0x0112
RESOURCE_LIMITATION: Final = 0x0213
REFERENCED_SOP_CLASS_NOT_SUPPORTED: Final = 0x0122
CLASS_INSTANCE_CONFLICT: Final = 0x0119
DUPLICATE_TRANSACTION_UID: Final = 0x0131
_REASONS: Final = {
    PROCESSING_FAILURE: "processing failure",
    NO_SUCH_OBJECT_INSTANCE: "no such object instance",
    RESOURCE_LIMITATION: "resource limitation",
    REFERENCED_SOP_CLASS_NOT_SUPPORTED: "referenced SOP class not supported",
    CLASS_INSTANCE_CONFLICT: "class / instance conflict",
    DUPLICATE_TRANSACTION_UID: "duplicate transaction UID",
}
"""PS3.3 C.14.1.1."""


@dataclass(frozen=True, slots=True)
class Reference:
    """An instance by its names."""

    sop_class_uid: str
    sop_instance_uid: str


@dataclass(frozen=True, slots=True)
class Failure:
    """An instance that an archive does not commit itself to keep."""

    sop_instance_uid: str
    reason: int


@dataclass(frozen=True, slots=True)
class Report:
    """What an archive says of a request; it may say it of some instances now and of others later."""

    transaction_uid: str
    committed: tuple[str, ...] = ()
    """SOP Instance UIDs."""
    failed: tuple[Failure, ...] = ()


def failure_in_words(reason: int) -> str:
    """A Failure Reason (0008,1197) as people read it."""
    return f"{reason:04X}H {_REASONS.get(reason, 'unknown reason')}"


def encode_request(transaction_uid: str, references: Sequence[Reference]) -> bytes:
    """The dataset that asks for commitment, implicit VR little endian."""
    items = b"".join(
        _element(_ITEM, _uid(_SOP_CLASS_UID, each.sop_class_uid) + _uid(_SOP_INSTANCE_UID, each.sop_instance_uid))
        for each in references
    )
    return _uid(_TRANSACTION_UID, transaction_uid) + _element(_REFERENCED, items)


def decode_report(encoded: Encoded) -> Report:
    """Raises `MalformedDataset`, also for what names no transaction."""
    items: dict[tuple[tuple[int, int], ...], dict[int, bytes]] = {(): {}}
    for header in elements(encoded):
        if header.vr != "SQ":
            items.setdefault(header.path, {})[header.tag] = bytes(encoded.source[header.value : header.end])
    transaction_uid = _text(items.pop(()).get(_TRANSACTION_UID, b""))
    if not transaction_uid:
        raise MalformedDataset("the report names no transaction", encoded.start)
    by_sequence = [(path[0][0], item) for path, item in items.items() if len(path) == 1]
    return Report(
        transaction_uid,
        tuple(_text(item.get(_SOP_INSTANCE_UID, b"")) for tag, item in by_sequence if tag == _REFERENCED),
        tuple(_failure(item, encoded.syntax) for tag, item in by_sequence if tag == _FAILED),
    )


def _failure(item: Mapping[int, bytes], syntax: TransferSyntax) -> Failure:
    """One that gives no reason is a processing failure."""
    reason = item.get(_FAILURE_REASON, b"")
    number = (
        int.from_bytes(reason, "big" if syntax.big_endian else "little") if len(reason) == 2 else PROCESSING_FAILURE
    )
    return Failure(_text(item.get(_SOP_INSTANCE_UID, b"")), number)


def _text(raw: bytes) -> str:
    return raw.decode("ascii", "replace").strip(" \0")


def _uid(tag: int, uid: str) -> bytes:
    return _element(tag, padded(uid.encode("ascii"), "UI"))


def _element(tag: int, value: bytes) -> bytes:
    return _HEADER.pack(tag >> 16, tag & 0xFFFF, len(value)) + value

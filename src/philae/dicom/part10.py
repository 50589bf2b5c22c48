"""Preamble and file meta information of DICOM files (PS3.10 section 7)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from philae.dicom.headers import Buffer, MalformedDataset, read_header
from philae.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from philae.dicom.layout import EXPLICIT, IMPLICIT, UNDEFINED, Layout
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE
from philae.dicom.values import first_text

_PREAMBLE_LENGTH: Final = 128
_PREFIX: Final = b"DICM"
_START: Final = bytes(_PREAMBLE_LENGTH) + _PREFIX + EXPLICIT.header(0x00020000, "UL", 4)
_SOP_CLASS, _SOP_INSTANCE, _SYNTAX = 0x00020002, 0x00020003, 0x00020010


class NotDicom(ValueError):
    """The bytes are no DICOM file."""


@dataclass(frozen=True, slots=True)
class FileMeta:
    """What the file meta information says, empty where it is silent; the dataset begins at ``dataset_offset``."""

    sop_class_uid: str
    sop_instance_uid: str
    transfer_syntax_uid: str
    dataset_offset: int


def read_meta(head: Buffer) -> FileMeta:
    """The meta information at the start of a file. Raises ``NotDicom``.

    A file without preamble is taken when it begins with group 0002, one without meta information when it begins with
    an element of group 0008 whose VR is the one of PS3.6 (explicit) or whose length fits (implicit, little endian).
    """
    start = _PREAMBLE_LENGTH + len(_PREFIX)
    if bytes(head[_PREAMBLE_LENGTH:start]) == _PREFIX:
        return _meta(head, start)
    if bytes(head[:2]) == b"\x02\x00":
        return _meta(head, 0)
    for syntax, layout in ((EXPLICIT_LE, EXPLICIT), (IMPLICIT_LE, IMPLICIT)):
        if _begins_dataset(head, layout):
            return FileMeta("", "", syntax.uid, 0)
    raise NotDicom("neither a DICM prefix after 128 bytes nor a dataset that begins with group 0008")


def offset_of_dataset(head: Buffer) -> int:
    """Where the dataset begins in a file that `write_meta` began. Raises ``NotDicom`` for any other."""
    if bytes(head[: len(_START)]) != _START:
        raise NotDicom("its first bytes are not those of a file that was written here")
    return len(_START) + 4 + int.from_bytes(head[len(_START) : len(_START) + 4], "little")


def write_meta(sop_class_uid: str, sop_instance_uid: str, transfer_syntax_uid: str, source_ae_title: str = "") -> bytes:
    """Preamble, prefix and file meta information of a file that we write."""
    before, behind = _around(sop_class_uid, transfer_syntax_uid, source_ae_title)
    instance = _uid(_SOP_INSTANCE, sop_instance_uid)
    length = len(before) + len(instance) + len(behind)
    return b"".join((_START, length.to_bytes(4, "little"), before, instance, behind))


@lru_cache(maxsize=256)
def _around(sop_class_uid: str, transfer_syntax_uid: str, source_ae_title: str) -> tuple[bytes, bytes]:
    """The elements before and behind SOP Instance UID, the only one that is new in every file."""
    before = EXPLICIT.header(0x00020001, "OB", 2) + b"\0\1" + _uid(_SOP_CLASS, sop_class_uid)
    behind = [
        _uid(_SYNTAX, transfer_syntax_uid),
        _uid(0x00020012, IMPLEMENTATION_CLASS_UID),
        _text(0x00020013, "SH", IMPLEMENTATION_VERSION_NAME),
    ]
    if source_ae_title:
        behind.append(_text(0x00020016, "AE", source_ae_title))
    return before, b"".join(behind)


def _meta(head: Buffer, position: int) -> FileMeta:
    found: dict[int, str] = {}
    end = len(head)
    try:
        while position + 8 <= end and bytes(head[position : position + 2]) == b"\x02\x00":
            tag, _, value, length = read_header(head, position, end, EXPLICIT)
            if length == UNDEFINED:
                raise NotDicom(f"file meta information holds an element of undefined length at offset {position}")
            position = value + length
            found[tag] = first_text(bytes(head[value:position])) if tag in (_SOP_CLASS, _SOP_INSTANCE, _SYNTAX) else ""
    except MalformedDataset as fault:
        raise NotDicom(f"file meta information cannot be read: {fault}") from None
    if not found:
        raise NotDicom("no file meta information follows the DICM prefix")
    syntax = found.get(_SYNTAX) or _guessed_syntax(head, position)
    return FileMeta(found.get(_SOP_CLASS, ""), found.get(_SOP_INSTANCE, ""), syntax, position)


def _guessed_syntax(head: Buffer, position: int) -> str:
    """For files whose meta information forgets it: explicit if two capital letters stand where the VR would."""
    vr = bytes(head[position + 4 : position + 6])
    return EXPLICIT_LE.uid if vr.isalpha() and vr.isupper() else IMPLICIT_LE.uid


def _begins_dataset(head: Buffer, layout: Layout) -> bool:
    try:
        tag, vr, value, length = read_header(head, 0, len(head), layout)
    except MalformedDataset:
        return False
    if tag >> 16 != 0x0008:
        return False
    return vr == IMPLICIT.vr_of(bytes(head[:4])) or (layout.implicit and length <= 1024 and value + length <= len(head))


def _uid(tag: int, uid: str) -> bytes:
    raw = uid.encode("ascii", "replace")
    raw += b"\0" * (len(raw) % 2)
    return EXPLICIT.header(tag, "UI", len(raw)) + raw


def _text(tag: int, vr: str, text: str) -> bytes:
    raw = text.encode("ascii", "replace")
    raw += b" " * (len(raw) % 2)
    return EXPLICIT.header(tag, vr, len(raw)) + raw

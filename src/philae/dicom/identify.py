"""The identifiers of an instance, read from the head of its dataset."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from philae.dicom.headers import Buffer, MalformedDataset
from philae.dicom.layout import layout_of
from philae.dicom.pick import Picker
from philae.dicom.syntax import EXPLICIT_LE
from philae.dicom.values import codecs_of, first_text

if TYPE_CHECKING:
    from philae.dicom.syntax import TransferSyntax

_CHARACTER_SET: Final = 0x00080005
_NAMES: Final = {
    0x00080016: "sop_class_uid",
    0x00080018: "sop_instance_uid",
    0x00080050: "accession_number",
    0x00080060: "modality",
    0x00100020: "patient_id",
    0x00100021: "issuer_of_patient_id",
    0x0020000D: "study_instance_uid",
    0x0020000E: "series_instance_uid",
}
_PICKER: Final = Picker((*_NAMES, _CHARACTER_SET))
_HEAD_LIMIT: Final = 1 << 20
_RAW_DEFLATE: Final = -15


@dataclass(frozen=True, slots=True)
class Identifiers:
    """First values as text, empty where absent."""

    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    patient_id: str = ""
    issuer_of_patient_id: str = ""
    modality: str = ""
    accession_number: str = ""


def identify(head: Buffer, start: int, end: int, syntax: TransferSyntax, *, complete: bool) -> Identifiers:
    """What the top level says up to Series Instance UID. ``head`` may be cut off anywhere unless it is ``complete``.

    Raises ``MalformedDataset`` for a complete one that cannot be read that far.
    """
    if syntax.deflated:
        head = _inflated(head, start, end)
        start, end, syntax, complete = 0, len(head), EXPLICIT_LE, False
    found: dict[int, bytes] = {}
    try:
        _PICKER.pick(head, start, end, layout_of(syntax), found)
    except MalformedDataset:
        if complete:
            raise
    character_set = found.pop(_CHARACTER_SET, b"")
    codecs = codecs_of(character_set.decode("latin-1"))
    return Identifiers(**{_NAMES[tag]: first_text(raw, codecs) for tag, raw in found.items()})


def _inflated(head: Buffer, start: int, end: int) -> bytes:
    with memoryview(head) as view:
        try:
            return zlib.decompressobj(_RAW_DEFLATE).decompress(view[start:end], _HEAD_LIMIT)
        except zlib.error:
            raise MalformedDataset("the deflated stream is damaged", start) from None

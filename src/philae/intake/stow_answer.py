"""The answer to a STOW-RS request, as JSON or XML (PS3.18 10.5.3)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

from philae.intake.part10_stream import OUT_OF_RESOURCES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.intake.part10_stream import Stored

JSON: Final = "application/dicom+json"
XML: Final = "application/dicom+xml"

_KEYWORDS: Final = {
    "00081150": ("UI", "ReferencedSOPClassUID"),
    "00081155": ("UI", "ReferencedSOPInstanceUID"),
    "00081190": ("UR", "RetrieveURL"),
    "00081197": ("US", "FailureReason"),
    "00081198": ("SQ", "FailedSOPSequence"),
    "00081199": ("SQ", "ReferencedSOPSequence"),
}
_NAMESPACE: Final = "http://dicom.nema.org/PS3.19/models/NativeDICOM"

Attributes = dict[str, list[Any]]
"""Values by tag; those of a sequence are `Attributes` again."""


def status_of(results: Sequence[Stored]) -> int:
    """200 if all were stored, 202 if some, 409 if none, 503 if none for want of room."""
    failed = [each.status for each in results if each.status]
    if not failed:
        return 200
    if len(failed) < len(results):
        return 202
    return 503 if all(status == OUT_OF_RESOURCES for status in failed) else 409


def answer_of(results: Sequence[Stored], accept: str) -> tuple[bytes, str]:
    """The body and its media type: XML if only that is accepted."""
    attributes = _attributes(results)
    if "xml" in accept and "json" not in accept:
        return _xml(attributes), XML
    return json.dumps(_model(attributes)).encode(), JSON


def _attributes(results: Sequence[Stored]) -> Attributes:
    attributes: Attributes = {}
    failed = [_reference(each) | {"00081197": [each.status]} for each in results if each.status]
    stored = [_reference(each) for each in results if not each.status]
    if failed:
        attributes["00081198"] = list(failed)
    if stored:
        attributes["00081199"] = list(stored)
    return attributes


def _reference(stored: Stored) -> Attributes:
    found = {"00081150": stored.sop_class_uid, "00081155": stored.sop_instance_uid}
    return {tag: [uid] for tag, uid in found.items() if uid}


def _model(attributes: Attributes) -> dict[str, Any]:
    """PS3.18 F.2."""
    return {
        tag: {
            "vr": _KEYWORDS[tag][0],
            "Value": [_model(value) if isinstance(value, dict) else value for value in values],
        }
        for tag, values in attributes.items()
    }


def _xml(attributes: Attributes) -> bytes:
    """PS3.19 A.1."""
    root = ET.Element("NativeDicomModel", {"xmlns": _NAMESPACE})
    _append(root, attributes)
    document: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return document


def _append(parent: ET.Element, attributes: Attributes) -> None:
    for tag, values in attributes.items():
        vr, keyword = _KEYWORDS[tag]
        attribute = ET.SubElement(parent, "DicomAttribute", {"tag": tag, "vr": vr, "keyword": keyword})
        for number, value in enumerate(values, start=1):
            if isinstance(value, dict):
                _append(ET.SubElement(attribute, "Item", {"number": str(number)}), value)
            else:
                ET.SubElement(attribute, "Value", {"number": str(number)}).text = str(value)

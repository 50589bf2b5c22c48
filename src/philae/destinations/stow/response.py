"""Reads a Store Instances Response (PS3.18 I.2), in JSON or XML."""

from __future__ import annotations

import json
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING, Any, Final
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.destinations.stow.connection import Answer

_STORED: Final = "00081199"
_FAILED: Final = "00081198"
_INSTANCE: Final = "00081155"
_WARNING: Final = "00081196"
_REASON: Final = "00081197"


class Unreadable(Exception):
    """A body is no Store Instances Response."""


@dataclass(frozen=True, slots=True)
class Response:
    """Warning or failure reason, if there is one, by SOP Instance UID."""

    stored: Mapping[str, int | None]
    failed: Mapping[str, int | None]


_Attributes = dict[str, list[Any]]
"""Values by tag; items of a sequence are such mappings again."""


def read_response(answer: Answer) -> Response:
    """What the body says; nothing when there is none. Raises `Unreadable`."""
    if not answer.body.strip():
        return Response({}, {})
    dataset = _dataset(answer)
    return Response(_codes(dataset, _STORED, _WARNING), _codes(dataset, _FAILED, _REASON))


def _codes(dataset: _Attributes, sequence: str, code: str) -> dict[str, int | None]:
    items = (item for item in dataset.get(sequence, ()) if isinstance(item, dict))
    codes = {_text(item, _INSTANCE): _number(item, code) for item in items}
    codes.pop("", None)
    return codes


def _dataset(answer: Answer) -> _Attributes:
    header = Message()
    header["Content-Type"] = answer.headers.get("content-type", "")
    media_type = header.get_content_type()
    try:
        text = answer.body.decode("utf-8-sig")
        if media_type.endswith("json"):
            return _from_json(text)
        if media_type.endswith("xml"):
            return _from_xml(text)
    except (ValueError, TypeError, AttributeError, RecursionError, ET.ParseError) as error:
        raise Unreadable(f"its {media_type} cannot be read") from error
    raise Unreadable(f"the answer is {media_type if answer.headers.get('content-type') else 'of no type'}")


def _from_json(text: str) -> _Attributes:
    """PS3.18 F.2; a list with the one dataset is taken too."""
    content = json.loads(text)
    if isinstance(content, list):
        (content,) = content
    return _json_attributes(content)


def _json_attributes(content: dict[str, Any]) -> _Attributes:
    return {
        tag.upper(): [_json_attributes(value) if isinstance(value, dict) else value for value in each.get("Value", ())]
        for tag, each in content.items()
    }


def _from_xml(text: str) -> _Attributes:
    """PS3.19 A.1 (Native DICOM Model)."""
    if "<!DOCTYPE" in text:
        raise ValueError("a document type")
    return _xml_attributes(ET.fromstring(text))  # noqa: S314 - without document type there are no entities to expand


def _xml_attributes(parent: ET.Element) -> _Attributes:
    return {
        child.get("tag", "").upper(): [
            _xml_attributes(value) if _local_name(value) == "Item" else (value.text or "").strip()
            for value in child
            if _local_name(value) in {"Item", "Value"}
        ]
        for child in parent
        if _local_name(child) == "DicomAttribute"
    }


def _local_name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _text(item: _Attributes, tag: str) -> str:
    return str(next(iter(item.get(tag, ())), ""))


def _number(item: _Attributes, tag: str) -> int | None:
    text = _text(item, tag)
    return int(text) if text.isdecimal() else None

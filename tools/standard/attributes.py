"""Attributes of Table E.1-1 that pydicom's dictionary is too old to know."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydicom._dicom_dict import DicomDictionary

from tools.standard.layout import JsonValue
from tools.standard.sources import SourceFault

# PS3.6, attributes newer than the edition of the tag list.
_NEWER_VRS = {"0040E012": "UR", "3004007F": "LO"}
# PS3.6, additions that may have several values.
_SEVERAL_VALUES = {"00100047": "1-n", "00102162": "1-n"}


def keyword_of(tag: int, name: str) -> str:
    """The dictionary's keyword of ``tag``; for a newer attribute its name in upper camel case (PS3.6 section 5)."""
    known = DicomDictionary.get(tag)
    return known[4] if known else "".join(word[:1].upper() + word[1:] for word in name.replace("-", " ").split())


def additions(rules: Iterable[Mapping[str, Any]], tags: Iterable[Mapping[str, str]]) -> dict[str, JsonValue]:
    """VR, VM, name and keyword by tag for every attribute of ``rules`` that pydicom lacks."""
    vrs = {f"{row['Group']}{row['Element']}".upper(): row["VR"] for row in tags} | _NEWER_VRS
    table: dict[str, JsonValue] = {}
    for rule in rules:
        tag = rule["tag"].upper()
        if rule["tag"] == "PRIVATE" or "X" in tag or int(tag, 16) in DicomDictionary:
            continue
        if tag not in vrs:
            raise SourceFault(f"no source tells the VR of {tag} {rule['name']}: add it to _NEWER_VRS")
        name = rule["name"]
        table[tag] = {
            "vr": vrs[tag],
            "vm": _SEVERAL_VALUES.get(tag, "1"),
            "name": name,
            "keyword": keyword_of(int(tag, 16), name),
        }
    return table

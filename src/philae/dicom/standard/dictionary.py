"""PS3.6: VR and keyword of every attribute. Importing this module teaches pydicom the attributes it is too old for."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from pydicom._dicom_dict import DicomDictionary, RepeatersDictionary
from pydicom.datadict import add_dict_entries, keyword_dict, mask_match

from philae.dicom.standard.source import table

# What implicit VR data is read as where PS3.6 offers a choice: the wider or unsigned one; bytes stay the same.
_CHOICES: Final = {"US or SS": "US", "OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW"}
_NO_VR: Final = "NONE"


def _teach_pydicom() -> None:
    rows = table("attributes")["rows"]
    missing = {
        int(tag, 16): (cells["vr"], cells["vm"], cells["name"], "", cells["keyword"])
        for tag, cells in rows.items()
        if int(tag, 16) not in DicomDictionary
    }
    if missing:
        add_dict_entries(missing)


_teach_pydicom()


@cache
def vrs() -> Mapping[int, str]:
    """VR by tag of every attribute with a tag of its own, for loops; ``vr_of`` knows families and private ones too."""
    return MappingProxyType(
        {tag: _CHOICES.get(entry[0], entry[0]) for tag, entry in DicomDictionary.items() if entry[0] != _NO_VR}
    )


def vr_of(tag: int) -> str | None:
    """The VR to read ``tag`` with in implicit VR data; None if only a private dictionary or nobody knows (read as UN).

    Group lengths are UL, private creators LO (PS3.5 7.2, 7.8.1). US or SS is US, OB or OW is OW.
    """
    if (vr := vrs().get(tag)) is not None:
        return vr
    element = tag & 0xFFFF
    if element == 0:
        return "UL"
    if tag & 0x10000:
        return "LO" if 0x10 <= element <= 0xFF else None
    family = mask_match(tag)
    return _choice(RepeatersDictionary[family][0]) if family is not None else None


def _choice(vr: str) -> str:
    return _CHOICES.get(vr, vr)


def keyword_of(tag: int) -> str | None:
    """The keyword of ``tag``; attributes of a repeating group share one."""
    if (entry := DicomDictionary.get(tag)) is not None:
        return entry[4] or None
    family = None if tag & 0x10000 else mask_match(tag)
    return RepeatersDictionary[family][4] or None if family is not None else None


def tag_of(keyword: str) -> int | None:
    """The tag with this keyword; None for unknown ones and for repeating groups, which have no single tag."""
    return keyword_dict.get(keyword)

"""PS3.6: VR and keyword of every attribute, those included that pydicom is too old for."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, NamedTuple, TypeAlias

from philae.dicom.standard.pydicom_tables import pydicom_table
from philae.dicom.standard.source import table

_Entry: TypeAlias = tuple[str, str, str, str, str]  # VR, VM, name, "Retired" or empty, keyword

# What implicit VR data is read as where PS3.6 offers a choice: the wider or unsigned one; bytes stay the same.
_CHOICES: Final = {"US or SS": "US", "OB or OW": "OW", "US or OW": "OW", "US or SS or OW": "OW"}
_NO_VR: Final = "NONE"
_FIRST_DATASET_GROUP: Final = 0x0008

_newer: Final[dict[int, _Entry]] = {
    int(tag, 16): (cells["vr"], cells["vm"], cells["name"], "", cells["keyword"])
    for tag, cells in table("attributes")["rows"].items()
}
_entries: Final[Mapping[int, _Entry]] = {**_newer, **pydicom_table("_dicom_dict", "DicomDictionary")}
_families: Final[Mapping[str, _Entry]] = pydicom_table("_dicom_dict", "RepeatersDictionary")


class Attribute(NamedTuple):
    """What PS3.6 says of an attribute. ``tag`` is None for those of repeating groups; then ``pattern`` has an X."""

    tag: int | None
    pattern: str
    vr: str
    vm: str
    name: str
    keyword: str
    is_retired: bool


def attributes() -> Iterator[Attribute]:
    """Every attribute of a dataset, without order."""
    for tag, entry in _entries.items():
        if tag >> 16 >= _FIRST_DATASET_GROUP and entry[4]:
            yield _attribute(tag, f"{tag:08X}", entry)
    for digits, entry in _families.items():
        yield _attribute(None, digits.upper(), entry)


def _attribute(tag: int | None, digits: str, entry: _Entry) -> Attribute:
    vr, vm, name, retired, keyword = entry
    return Attribute(tag, f"({digits[:4]},{digits[4:]})", vr, vm, name, keyword, bool(retired))


def teach_pydicom() -> None:
    """Let pydicom know the attributes that it is too old for; do so before it reads or writes a dataset."""
    from pydicom._dicom_dict import DicomDictionary  # noqa: PLC0415 - most commands do without pydicom
    from pydicom.datadict import add_dict_entries  # noqa: PLC0415

    missing = {tag: entry for tag, entry in _newer.items() if tag not in DicomDictionary}
    if missing:
        add_dict_entries(missing)


if "pydicom" in sys.modules:
    teach_pydicom()


@cache
def vrs() -> Mapping[int, str]:
    """VR by tag of every attribute with a tag of its own, for loops; ``vr_of`` knows families and private ones too."""
    return MappingProxyType(
        {tag: _CHOICES.get(entry[0], entry[0]) for tag, entry in _entries.items() if entry[0] != _NO_VR}
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
    family = _family(tag)
    return _choice(family[0]) if family is not None else None


def _choice(vr: str) -> str:
    return _CHOICES.get(vr, vr)


def keyword_of(tag: int) -> str | None:
    """The keyword of ``tag``; attributes of a repeating group share one."""
    entry = _entries.get(tag) or (None if tag & 0x10000 else _family(tag))
    return entry[4] or None if entry is not None else None


def written_vr(tag: int) -> str | None:
    """The VR of a tag as PS3.6 writes it, which may be a choice such as ``US or SS``; None for what is not in it."""
    entry = _entries.get(tag) or _family(tag)
    return entry[0] if entry is not None else None


@cache
def keywords() -> Mapping[str, int]:
    """Tag by keyword; repeating groups, which have no single tag, are not in it."""
    return MappingProxyType({entry[4]: tag for tag, entry in _entries.items() if entry[4]})


def tag_of(keyword: str) -> int | None:
    """The tag with this keyword; None for unknown ones and for repeating groups."""
    return keywords().get(keyword)


@cache
def _masks() -> tuple[tuple[int, int, _Entry], ...]:
    """Value, mask and entry of each family of tags such as ``60xx3000``."""
    return tuple(
        (
            int(digits.replace("x", "0"), 16),
            int("".join("0" if digit == "x" else "F" for digit in digits), 16),
            entry,
        )
        for digits, entry in _families.items()
    )


def _family(tag: int) -> _Entry | None:
    return next((entry for value, mask, entry in _masks() if tag & mask == value), None)

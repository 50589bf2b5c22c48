"""PS3.15 Table E.1-1: what the Basic Profile and its options do with each attribute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from philae.dicom.standard.source import table

_EXACT: Final = 0xFFFFFFFF
# (mask, value) of the rows that name a family; odd groups are private, so 50XX and 60XX mean even ones (PS3.5 7.6, 7.8).
_FAMILIES: Final = {
    "50XXXXXX": (0xFF010000, 0x50000000),
    "60XX3000": (0xFF01FFFF, 0x60003000),
    "60XX4000": (0xFF01FFFF, 0x60004000),
    "private": (0x00010000, 0x00010000),
}


class Option(StrEnum):
    """The options of the Basic Profile (PS3.15 E.3)."""

    RETAIN_SAFE_PRIVATE = "retain-safe-private"
    RETAIN_UIDS = "retain-uids"
    RETAIN_DEVICE_IDENTITY = "retain-device-identity"
    RETAIN_INSTITUTION_IDENTITY = "retain-institution-identity"
    RETAIN_PATIENT_CHARACTERISTICS = "retain-patient-characteristics"
    RETAIN_LONGITUDINAL_FULL_DATES = "retain-longitudinal-full-dates"
    RETAIN_LONGITUDINAL_MODIFIED_DATES = "retain-longitudinal-modified-dates"
    CLEAN_DESCRIPTORS = "clean-descriptors"
    CLEAN_STRUCTURED_CONTENT = "clean-structured-content"
    CLEAN_GRAPHICS = "clean-graphics"


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``basic`` is an action code such as ``X`` or ``Z/D``; ``options`` holds ``K`` or ``C`` where filled."""

    tag: int
    mask: int
    name: str
    keyword: str
    retired: bool
    basic: str
    options: Mapping[Option, str]

    def matches(self, tag: int) -> bool:
        """Whether this row speaks of ``tag``."""
        return tag & self.mask == self.tag


@dataclass(frozen=True, slots=True)
class ConfidentialityTable:
    """Rows of single attributes by tag, rows of families in the order to try them (private attributes last)."""

    edition: str
    exact: Mapping[int, Row]
    patterns: tuple[Row, ...]

    def row_of(self, tag: int) -> Row | None:
        """The row that decides about ``tag``, if any."""
        row = self.exact.get(tag)
        return row if row is not None else next((row for row in self.patterns if row.matches(tag)), None)


@cache
def basic_profile(edition: str = "2026d") -> ConfidentialityTable:
    """Table E.1-1 of ``edition``. Raises FileNotFoundError if that edition is not bundled."""
    sections = table(f"confidentiality-{edition}")
    rows = sections["rows"]
    exact = {int(key, 16): _row(int(key, 16), _EXACT, cells) for key, cells in rows.items() if key not in _FAMILIES}
    patterns = tuple(_row(value, mask, rows[key]) for key, (mask, value) in _FAMILIES.items())
    return ConfidentialityTable(sections["header"]["edition"], MappingProxyType(exact), patterns)


def _row(tag: int, mask: int, cells: Mapping[str, Any]) -> Row:
    options = {Option(name): action for name, action in cells.get("options", {}).items()}
    return Row(
        tag=tag,
        mask=mask,
        name=cells["name"],
        keyword=cells["keyword"],
        retired=cells.get("retired", False),
        basic=cells["basic"],
        options=MappingProxyType(options),
    )

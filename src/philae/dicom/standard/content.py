"""PS3.15 Table E.3.4-1: what the Basic Profile and its options do with content items of structured documents."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from philae.dicom.standard.confidentiality import Option
from philae.dicom.standard.source import table


@dataclass(frozen=True, slots=True)
class ContentItem:
    """One row: a concept name code, the value type it is used with, the basic action, ``K`` or ``C`` per option."""

    scheme: str
    code: str
    meaning: str
    value_type: str
    retired: bool
    basic: str
    options: Mapping[Option, str]


@cache
def content_items(edition: str = "2026d") -> tuple[ContentItem, ...]:
    """Table E.3.4-1 of ``edition``, sorted by scheme and code. A code may have a row per value type."""
    return tuple(
        ContentItem(
            scheme=cells["scheme"],
            code=cells["code"],
            meaning=cells["meaning"],
            value_type=cells["value_type"],
            retired=cells.get("retired", False),
            basic=cells["basic"],
            options=MappingProxyType({Option(name): action for name, action in cells.get("options", {}).items()}),
        )
        for cells in table(f"content-items-{edition}")["items"]
    )


def is_known_concept(scheme: str, code: str) -> bool:
    """Whether any row speaks of the concept."""
    return (scheme, code) in _concepts()


def content_item(scheme: str, code: str, value_type: str) -> ContentItem | None:
    """The row of a concept used with a value type."""
    return _rows().get((scheme, code, value_type))


@cache
def _rows() -> Mapping[tuple[str, str, str], ContentItem]:
    return {(item.scheme, item.code, item.value_type): item for item in content_items()}


@cache
def _concepts() -> frozenset[tuple[str, str]]:
    return frozenset((item.scheme, item.code) for item in content_items())

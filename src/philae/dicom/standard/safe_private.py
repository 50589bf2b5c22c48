"""PS3.15 Table E.3.10-1: private attributes known to be safe."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from philae.dicom.standard.source import table


@dataclass(frozen=True, slots=True)
class SafePrivate:
    """One row; ``element`` is the low byte, the block comes from where the creator reserved it (PS3.5 7.8.1)."""

    creator: str
    group: int
    element: int
    vr: str
    vm: str


@cache
def safe_private_attributes() -> tuple[SafePrivate, ...]:
    """All rows, sorted by creator, group and element."""
    return tuple(
        SafePrivate(row["creator"], int(row["group"], 16), int(row["element"], 16), row["vr"], row["vm"])
        for row in table("safe-private")["rows"]
    )


def is_safe_private(creator: str, tag: int) -> bool:
    """Whether the private ``tag`` of ``creator`` has a row, whichever block the creator reserved."""
    return (creator.strip(), tag >> 16, tag & 0xFF) in _keys()


@cache
def _keys() -> frozenset[tuple[str, int, int]]:
    return frozenset((row.creator, row.group, row.element) for row in safe_private_attributes())

"""What an expression on an element can answer, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Kept:
    """Leave the element as it is: ``Keep()``."""


@dataclass(frozen=True, slots=True)
class Removed:
    """Delete the element: ``Remove()``."""


@dataclass(frozen=True, slots=True)
class Emptied:
    """Zero length: ``ReplaceNull()``."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """Write the keyed hash of the value as a UID: ``UID()``."""


@dataclass(frozen=True, slots=True)
class Replaced:
    """Write ``text``, None or empty for zero length: ``Replace(text)``, ``ComputePatientAge()``."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Excluded:
    """Send nothing of this instance: ``ExcludeInstance()``."""


@dataclass(frozen=True, slots=True)
class Added:
    """Add an attribute at the root unless it is there; no answer for the element itself: ``Add(tag, vr, text)``."""

    tag: int
    vr: str
    text: str


Decision: TypeAlias = Kept | Removed | Emptied | Hashed | Replaced | Excluded | Added | None
"""None is no answer: the next profile element is asked (spec Q9)."""

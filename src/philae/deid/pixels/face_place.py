"""Where faces may be, and what is said of those that stay."""

from __future__ import annotations

from typing import NamedTuple, TypeAlias

Place: TypeAlias = tuple[bytes, int]
"""The SOP Instance UID of an instance as it came, and one of its frames."""


class Skipped(NamedTuple):
    """Why a frame keeps what it shows."""

    reason: str

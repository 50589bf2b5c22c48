"""Subject patterns of notification mails: text with ``%s`` and ``%.30s`` for values, ``%%`` for a percent sign."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

_PLACE: Final = re.compile(r"%(?:\.(\d{1,4}))?(?:(s)|(.?))", re.DOTALL)


def count_places(pattern: str) -> int:
    """How many values ``pattern`` takes. Raises `ValueError` for what is no pattern."""
    count = 0
    for place in _PLACE.finditer(pattern):
        if place[2]:
            count += 1
        elif place[0] != "%%":
            raise ValueError(f"{place[0]!r} is not understood; use %s, %.30s for at most 30 characters, or %%")
    return count


def fill(pattern: str, values: Sequence[str]) -> str:
    """``pattern`` with ``values`` in its places, on one line."""
    remaining = iter(values)

    def value(place: re.Match[str]) -> str:
        if not place[2]:
            return "%"
        text = next(remaining)
        return text[: int(place[1])] if place[1] else text

    return " ".join(_PLACE.sub(value, pattern).split())

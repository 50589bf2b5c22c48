"""Numbers as shapes: what templates draw as SVG, without script."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from philae.admin.activity import Ended

KINDS: Final = ("delivered", "excluded", "stopped")
"""From the ground up."""
_GAP: Final = 0.2


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; ``kind`` says what of."""

    kind: str
    x: float
    y: float
    width: float
    height: float


def highest(series: Sequence[Ended], kinds: Sequence[str] = KINDS) -> int:
    """The most that any entry has of these kinds together, at least 1."""
    return max((sum(getattr(each, kind) for kind in kinds) for each in series), default=0) or 1


def bars(
    series: Sequence[Ended], width: float, height: float, kinds: Sequence[str] = KINDS, most: int | None = None
) -> Iterator[Bar]:
    """An entry each, its kinds on top of each other; ``most`` is as high as it gets."""
    most = most or highest(series, kinds)
    slot = width / max(1, len(series))
    for number, each in enumerate(series):
        y = height
        for kind in kinds:
            count = getattr(each, kind)
            if count:
                tall = max(1.0, height * count / most)
                y = max(0.0, y - tall)
                yield Bar(kind, round(number * slot, 2), round(y, 2), round(slot * (1 - _GAP), 2), round(tall, 2))


def scale(most: int) -> int:
    """A round number that is not below ``most``: where an axis ends."""
    step = 1
    while step * 10 < most:
        step *= 10
    return next(step * factor for factor in (1, 2, 5, 10) if step * factor >= most)


def rounded(rate: float) -> float:
    """As exact as anybody reads it: one decimal below ten."""
    return round(rate, 1) if rate < 10 else round(rate)

"""Masks learnt from the images of a device: where text stood in any of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.pixels.masks import Area
from philae.deid.pixels.text_finder import text_areas
from philae.deid.pixels.views import views
from philae.deid.profile import Mask, Rectangle

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from philae.deid.pixels.module import Image

_NEAR: Final = 8
"""Pixels between two texts that are covered together: lines of one block, words of one line."""


class Kind(NamedTuple):
    """Images of one station and size."""

    station_name: str
    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mask for ``images`` that were looked at, and in how many of them there was text under each rectangle."""

    mask: Mask
    seen: tuple[int, ...]
    images: int


@dataclass(slots=True)
class Learning:
    """What was found so far, by kind of image."""

    _found: dict[Kind, list[tuple[Area, ...]]] = field(default_factory=dict)

    def count(self, kind: Kind) -> int:
        """How many images of a kind were looked at."""
        return len(self._found.get(kind, ()))

    def look(self, kind: Kind, image: Image) -> None:
        """Look for text in all views of an image. Raises `PixelFault`."""
        areas: set[Area] = set()
        for look in views(image):
            areas.update(text_areas(look.view, areas if look.is_composed else None))
        self._found.setdefault(kind, []).append(tuple(sorted(areas)))

    def proposals(self) -> Iterator[Proposal]:
        """One for each kind, by station and size; without rectangles where no text was found."""
        for kind, found in sorted(self._found.items()):
            blocks = together(area for areas in found for area in areas)
            seen = tuple(sum(any(_meet(block, area, 0) for area in areas) for areas in found) for block in blocks)
            yield Proposal(
                Mask(kind.station_name, kind.columns, kind.rows, rectangles=tuple(map(_rectangle, blocks))),
                seen,
                len(found),
            )


def together(areas: Iterable[Area]) -> list[Area]:
    """The fewest upright blocks, apart from each other, that cover all areas."""
    blocks: list[Area] = []
    for area in areas:
        grown = area
        while near := [block for block in blocks if _meet(block, grown, _NEAR)]:
            blocks = [block for block in blocks if block not in near]
            tops, bottoms, lefts, rights = zip(grown, *near, strict=True)
            grown = Area(min(tops), max(bottoms), min(lefts), max(rights))
        blocks.append(grown)
    return sorted(blocks)


def _meet(one: Area, other: Area, distance: int) -> bool:
    return (
        one.top < other.bottom + distance
        and other.top < one.bottom + distance
        and one.left < other.right + distance
        and other.left < one.right + distance
    )


def _rectangle(area: Area) -> Rectangle:
    return Rectangle(area.left, area.top, area.right - area.left - 1, area.bottom - area.top - 1)

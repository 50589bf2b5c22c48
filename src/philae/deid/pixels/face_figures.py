"""How well a face was hidden, and what else was touched: counts that add up over the slices of a series."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class FaceFigures(NamedTuple):
    """Of the face: points of the skin, how many of them moved by a millimetre or more, and by how many in all.

    Of what lies behind it, brain included: pixels, and how many of them changed.
    """

    slices: int = 0
    points: int = 0
    moved: int = 0
    millimetres: float = 0.0
    behind: int = 0
    touched: int = 0

    @property
    def words(self) -> str:
        """For the record."""
        points, behind = max(1, self.points), max(1, self.behind)
        return (
            f"{100 * self.moved / points:.1f} % of the face moved, by {self.millimetres / points:.1f} mm on average; "
            f"{100 * self.touched / behind:.2f} % of what lies behind it changed"
        )


NO_FACE = FaceFigures()


def total(figures: Iterable[FaceFigures]) -> FaceFigures:
    """The figures of all together."""
    sums = [sum(column) for column in zip(NO_FACE, *figures, strict=True)]
    return FaceFigures(*sums)

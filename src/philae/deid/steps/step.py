"""What all steps of the walk share: where they stand, what they return, how they write edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from philae.deid.entries import STRUCTURE
from philae.dicom.splice import Cause, Edit

if TYPE_CHECKING:
    from philae.deid.entries import Entry
    from philae.deid.levels import Level
    from philae.deid.walk import Walk

HOLE: Final = Edit(0, 0, b"", Cause(0, "", (), "", STRUCTURE))
"""Keeps a place among the edits for one that depends on what follows; left out in the end."""

# Edit's own constructor costs twice as much, a hundred times an instance.
new_edit: Final = cast("Callable[[type[Edit], tuple[int, int, bytes, Cause]], Edit]", tuple.__new__)


class Frame:
    """The top level or an item being walked: from ``begin`` up to ``end``, inside ``depth`` sequences."""

    __slots__ = ("begin", "blocks", "depth", "end")

    def __init__(self, begin: int, end: int, depth: int) -> None:
        self.begin = begin
        self.end = end
        self.depth = depth
        self.blocks: dict[int, int] = {}
        """By private creator: the position of the edit that takes it away, or that its block survives."""


Next: TypeAlias = "tuple[int, int, Level]"
"""Where the walk goes on, how much longer the output became, and the level that holds from there."""

Step: TypeAlias = "Callable[[Walk, Entry, Level, int, int, Frame], Next]"
"""Deals with one element: the decision, the level, where the element begins, the length in its first eight bytes."""

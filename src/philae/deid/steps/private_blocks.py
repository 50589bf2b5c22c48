"""Steps at private elements: a creator stays exactly as long as an element of its block does (spec Q12)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from philae.deid.steps.step import HOLE, Frame, Next
from philae.dicom.tags import creator_of

if TYPE_CHECKING:
    from philae.deid.entries import Entry
    from philae.deid.levels import Level
    from philae.deid.walk import Walk

SURVIVES: Final = -1
"""Stands for the edit of a creator that stays."""


def await_block(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    """A private creator that goes unless an element of its block survives."""
    if frame.blocks.get(entry.cause.tag) == SURVIVES:
        return walk.extent(entry, level, position, frame.end)[1], 0, level
    mark = len(walk.edits)
    step = walk.perform(entry.inner, level, position, length, frame)
    if len(walk.edits) > mark:
        frame.blocks[entry.cause.tag] = mark
    return step


def bring_creator_back(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    """A private element that may survive: then its creator stays, too."""
    mark = len(walk.edits)
    behind, change, level = walk.perform(entry.inner, level, position, length, frame)
    edit = walk.edits[mark] if len(walk.edits) > mark else HOLE
    if edit is not HOLE and not edit.data and (edit.start, edit.end) == (position, behind):
        return behind, change, level
    creator = cast("int", creator_of(entry.cause.tag))
    at = frame.blocks.get(creator, SURVIVES)
    frame.blocks[creator] = SURVIVES
    if at != SURVIVES:
        gone = walk.edits[at]
        change -= len(gone.data) - gone.end + gone.start
        walk.edits[at] = HOLE
        walk.has_holes = True
    return behind, change, level

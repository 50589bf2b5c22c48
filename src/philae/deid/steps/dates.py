"""The step at dates that have a time: both stay one moment, also where the time crosses midnight."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from philae.deid.context import Value
from philae.deid.dates import midnights_between
from philae.deid.question import answer_to
from philae.deid.steps.values import rewrite
from philae.dicom.pick import Picker

if TYPE_CHECKING:
    from philae.deid.entries import Entry
    from philae.deid.levels import Level
    from philae.deid.steps.step import Frame, Next
    from philae.deid.walk import Walk


def rewrite_date(walk: Walk, entry: Entry, level: Level, position: int, length: int, frame: Frame) -> Next:
    is_moved = entry.action.moves_by(walk.context) is not None
    return rewrite(
        walk, entry, level, position, length, frame, _midnights(walk, entry, level, frame) if is_moved else 0
    )


def _midnights(walk: Walk, entry: Entry, level: Level, frame: Frame) -> int:
    """How many midnights the time that goes with a date crosses; none if it is absent or does not move."""
    time, chain = entry.time
    found: dict[int, bytes] = {}
    _picker(time).pick(walk.source, frame.begin, frame.end, level.layout, found)
    if not found:
        return 0
    value = Value(found[time], "TM")
    _, action = answer_to(chain, value, walk.instance)
    shift = None if action is None else action.moves_by(walk.context)
    return midnights_between(value.text, shift.seconds) if shift is not None and shift.seconds else 0


@cache
def _picker(tag: int) -> Picker:
    return Picker((tag,))

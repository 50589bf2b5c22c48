"""What the walk does at an element: the decisions that levels compile, one for each header at each place."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from philae.deid.actions import Action, Keep

if TYPE_CHECKING:
    from philae.deid.levels import Level
    from philae.dicom.splice import Cause

STRUCTURE: Final = -2
"""The rule of edits that keep lengths true and drop group lengths."""
DEFAULT_ATTRIBUTES: Final = -1
"""The rule of the attributes that every de-identified instance gets."""

Chain: TypeAlias = tuple[tuple[int, Action], ...]
"""Answers to try in turn, each with the position of its profile element."""


class Kind(IntEnum):
    """What the walk does at an element. Up to ``EMPTY`` the header has eight bytes and the loop does it itself."""

    KEEP = 0
    CONSTANT = 1
    EMPTY = 2
    VALUE = 3
    LONG_KEEP = 4
    LONG_CONSTANT = 5
    LONG_EMPTY = 6
    LONG_VALUE = 7
    SEQUENCE = 8
    UNKNOWN = 9
    ITEM_END = 10
    INSERT = 11
    SET = 12
    WATCH = 13
    CREATOR = 14
    PRIVATE = 15
    QUESTION = 16
    REMOVE_GROUP = 17
    RESERVE = 18
    CONCEPT = 19
    DATE = 20


LONG: Final = {
    Kind.KEEP: Kind.LONG_KEEP,
    Kind.CONSTANT: Kind.LONG_CONSTANT,
    Kind.EMPTY: Kind.LONG_EMPTY,
    Kind.VALUE: Kind.LONG_VALUE,
}


class Entry:
    """The decision on one header at one place. Equal only to itself, so that it can key what values became."""

    __slots__ = (
        "action",
        "answered",
        "cause",
        "chain",
        "data",
        "inner",
        "inside",
        "kind",
        "length_at",
        "level",
        "span",
        "time",
        "vr",
    )

    def __init__(self, kind: Kind, cause: Cause, data: bytes = b"", *, vr: str = "") -> None:
        self.kind = int(kind)
        self.cause = cause
        self.data = data
        self.vr = vr
        """The VR to read the value with."""
        self.length_at = 0
        """Where in the header the length has 32 bits; 0 if it has 16 or another kind of entry does not need it."""
        self.action: Action = Keep()
        self.inner: Entry | None = None
        """What the element itself comes down to, where ``kind`` only adds to it."""
        self.inside: Entry | None = None
        """The decision if a UN element turns out to hold items."""
        self.level: Level | None = None
        """Of the items of a sequence, or the one that the walk goes on with."""
        self.span = range(0)
        """The default attributes to insert."""
        self.chain: Chain = ()
        """Questions to ask in turn, then what is sure."""
        self.time: tuple[int, Chain] = (0, ())
        """The time that goes with a date, and the answers for it."""
        self.answered: dict[tuple[int, Action | None], Entry | None] = {}
        """What answers to the questions came down to."""


def removes(entry: Entry | None) -> bool:
    """Whether the element goes, whatever its value."""
    return entry is not None and entry.kind in (Kind.CONSTANT, Kind.LONG_CONSTANT) and not entry.data

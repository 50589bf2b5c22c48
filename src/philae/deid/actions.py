"""What can happen to an element: the actions that profile elements answer with."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple, TypeAlias

from typing_extensions import override

from philae.deid.dummies import FIXED_DUMMIES, dummy_of
from philae.dicom.standard.iod import attribute_type, resolve
from philae.dicom.standard.uids import is_well_known
from philae.dicom.values import STRING_VRS, UNSPLIT_VRS, decode_text, encode_value, stripped

if TYPE_CHECKING:
    from philae.deid.context import Context, Place, Value
    from philae.deid.shifts import Shift


class Rewritten(NamedTuple):
    """A new value, without padding."""

    vr: str
    raw: bytes


class Outcome(Enum):
    """What becomes of an element that gets no new value."""

    KEPT = "kept"
    REMOVED = "removed"
    IMPOSSIBLE = "impossible"
    """The action cannot be done on this value: the engine empties the element (spec Q2)."""


Result: TypeAlias = Rewritten | Outcome


class Action(ABC):
    """One action. On a sequence that it neither removes nor empties, its items inherit it."""

    letter: ClassVar[str]

    def at(self, place: Place) -> Action:
        """The action that this one comes down to at ``place``, as an own answer or an inherited one."""
        return self

    def fixed(self, vr: str) -> Result | None:
        """The result for every value of ``vr``; None if it depends on the value."""
        return None

    def moves_by(self, context: Context) -> Shift | None:
        """How far dates and times go back; None where they do not move."""
        return None

    @abstractmethod
    def apply(self, value: Value, context: Context) -> Result:
        """The result for one value."""


class _Fixed(Action):
    """An action whose result never depends on the value."""

    @abstractmethod
    @override
    def fixed(self, vr: str) -> Result: ...

    @override
    def apply(self, value: Value, context: Context) -> Result:
        return self.fixed(value.vr)


@dataclass(frozen=True, slots=True)
class Keep(_Fixed):
    """Leave the element as it is; later profile elements are not asked."""

    letter: ClassVar[str] = "K"

    @override
    def fixed(self, vr: str) -> Result:
        return Outcome.KEPT


@dataclass(frozen=True, slots=True)
class Remove(_Fixed):
    """Delete the element, a sequence with all its content."""

    letter: ClassVar[str] = "X"

    @override
    def fixed(self, vr: str) -> Result:
        return Outcome.REMOVED


@dataclass(frozen=True, slots=True)
class Empty(_Fixed):
    """Zero length; a sequence without items."""

    letter: ClassVar[str] = "Z"

    @override
    def fixed(self, vr: str) -> Result:
        return Rewritten(vr, b"")


@dataclass(frozen=True, slots=True)
class Replace(Action):
    """Write ``text``, which may hold several values; empty text is zero length."""

    letter: ClassVar[str] = "D"
    text: str

    @override
    def apply(self, value: Value, context: Context) -> Result:
        raw = encode_value(self.text, value.vr, context.output_codecs, big_endian=value.big_endian)
        return Outcome.IMPOSSIBLE if raw is None else Rewritten(value.vr, raw)


@dataclass(frozen=True, slots=True)
class Dummy(Action):
    """Write the default dummy of the VR."""

    letter: ClassVar[str] = "DDum"

    @override
    def fixed(self, vr: str) -> Result | None:
        raw = FIXED_DUMMIES.get(vr)
        return None if raw is None else Rewritten(vr, raw)

    @override
    def moves_by(self, context: Context) -> Shift | None:
        return context.dummy_shift

    @override
    def apply(self, value: Value, context: Context) -> Result:
        raw = dummy_of(value, context)
        return Outcome.IMPOSSIBLE if raw is None else Rewritten(value.vr, raw)


@dataclass(frozen=True, slots=True)
class RemapUid(Action):
    """Write the keyed hash of each value as a UID, whatever VR it had; an element without a value stays."""

    letter: ClassVar[str] = "U"

    @override
    def apply(self, value: Value, context: Context) -> Result:
        new = context.uids.new
        if value.vr in STRING_VRS and value.vr not in UNSPLIT_VRS and not context.compat_karnak:
            texts = [stripped(part) for part in decode_text(value.raw, value.codecs).split("\\")]
            hashed = "\\".join(new(text) if text else "" for text in texts) if any(texts) else ""
        else:
            text = value.text
            hashed = new(text) if text else ""
        return Rewritten("UI", hashed.encode("ascii")) if hashed else Outcome.KEPT


@dataclass(frozen=True, slots=True)
class Combined(Action):
    """A code of Table E.1-1 such as X/Z/D: decided by the attribute's type at its place (PS3.15 E.3.1)."""

    letter: ClassVar[str] = "X/Z/D"
    symbol: str

    @override
    def at(self, place: Place) -> Action:
        return self if place.vr == "SQ" else self.resolved(place)

    def resolved(self, place: Place) -> Action:
        """The single action for the type at ``place``."""
        kind = attribute_type(place.sop_class_uid, (*place.path, place.tag))
        return SINGLE[resolve(self.symbol, kind)]

    @override
    def apply(self, value: Value, context: Context) -> Result:
        return Outcome.IMPOSSIBLE


_CODES: Final = range(0x00080100, 0x00080125)  # the attributes of the Code Sequence Macro, PS3.3 table 8.8-1
_CLASS_UIDS: Final = frozenset({0x00080016, 0x0008001A, 0x0008001B, 0x00081150, 0x0008115A, 0x00041510, 0x0004151A})
_POINTERS: Final = frozenset({0x00081160, 0x00081161, 0x00081162, 0x0040A0B0, 0x0040DB73})
"""Frames, channels and content items that a reference points to: without them a document no longer holds together."""
_NUMBERS: Final = frozenset("FD FL SL SS SV UL US UV".split())  # noqa: SIM905 - as PS3.5 lists them


@dataclass(frozen=True, slots=True)
class DummyContent(Action):
    """Action D on the sequence ``owner``: its content says nothing any more but keeps its structure (spec Q4).

    Text, names, numbers, dates and instance UIDs below it get dummies; codes, CS values, class UIDs and pointers into
    what is referenced stay. Codes directly in the items of ``owner`` go too: there they are what the row protects.
    """

    letter: ClassVar[str] = "D"
    owner: int

    @override
    def at(self, place: Place) -> Action:
        if place.vr == "SQ":
            return self
        if place.tag in _CLASS_UIDS or place.tag in _POINTERS or place.vr in ("CS", "AT"):
            return Keep()
        if place.tag in _CODES and place.path[-1] != self.owner:
            return Keep()
        return ContentDummy()

    @override
    def apply(self, value: Value, context: Context) -> Result:
        return Outcome.IMPOSSIBLE


@dataclass(frozen=True, slots=True)
class ContentDummy(Action):
    """A dummy that fits in place: as many zeros as there were numbers, no UIDs of the standard changed."""

    letter: ClassVar[str] = "D"

    @override
    def moves_by(self, context: Context) -> Shift | None:
        return context.dummy_shift

    @override
    def apply(self, value: Value, context: Context) -> Result:
        if not value.raw:
            return Outcome.KEPT
        if value.vr in _NUMBERS:
            return Rewritten(value.vr, bytes(len(value.raw)))
        if value.vr == "UI":
            texts = [stripped(part) for part in decode_text(value.raw).split("\\")]
            hashed = (uid if not uid or is_well_known(uid) else context.uids.new(uid) for uid in texts)
            return Rewritten("UI", "\\".join(hashed).encode("ascii", "replace"))
        raw = dummy_of(value, context)
        return Outcome.IMPOSSIBLE if raw is None else Rewritten(value.vr, raw)


SINGLE: Final[dict[str, Action]] = {
    "K": Keep(),
    "X": Remove(),
    "Z": Empty(),
    "D": Dummy(),
    "U": RemapUid(),
}
"""Actions of Table E.1-1 by their letter; its D is the default dummy."""

"""What the Basic Profile with its options answers for an attribute at its place (PS3.15 E.1 to E.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from philae.deid.actions import (
    SINGLE,
    Action,
    Combined,
    Dummy,
    DummyContent,
    Empty,
    Keep,
    Outcome,
    RemapUid,
    Remove,
    Result,
)
from philae.deid.confidentiality.cleaning import (
    CLASS_UIDS,
    CleanText,
    MoveInTime,
    RemapInstanceUid,
)
from philae.deid.confidentiality.options import code_of
from philae.deid.confidentiality.structured import CONTENT_SEQUENCE, action_on_content
from philae.dicom.standard.confidentiality import ConfidentialityTable, Option, Row
from philae.dicom.standard.safe_private import is_safe_private
from philae.dicom.tags import is_private

if TYPE_CHECKING:
    from philae.deid.context import Context, Place, Value

_STRUCTURED: Final = frozenset({0x00400555, 0x00400610, CONTENT_SEQUENCE, 0x0040B020})
_GRAPHICS: Final = 0x00700001
_CURVES: Final = 0x5000
_AUDIO: Final = range(0x2000, 0x200F)
_TEMPORAL: Final = frozenset({"DA", "DT", "TM"})
_WORDS: Final = frozenset({"LO", "LT", "SH", "ST", "UC", "UR", "UT"})
_TERMS: Final = frozenset({"AE", "CS"})
_CODES: Final = frozenset({0x00080100, 0x00080102, 0x00080103, 0x00080119, 0x00080120})  # their meaning is text


@dataclass(frozen=True, slots=True)
class Content(Action):
    """The items of a sequence that stays: what has no row in them is cleaned as the options say."""

    letter: ClassVar[str] = "C"
    answers: Answers

    @override
    def at(self, place: Place) -> Action:
        return self if place.vr == "SQ" else self.answers.inside(place)

    @override
    def apply(self, value: Value, context: Context) -> Result:
        return Outcome.IMPOSSIBLE


@dataclass(frozen=True, slots=True)
class Answers:
    """The rows of a table under the options chosen; equal ones answer alike."""

    table: ConfidentialityTable
    chosen: frozenset[Option]

    def of(self, place: Place) -> Action | None:
        """The answer for an attribute that has a row, or a value whose content item has one; None for others."""
        if place.concept[0] and self._is_within_content(place):
            action = action_on_content(place, self.chosen)
            if action is not None:
                return action
        row = self.table.row_of(place.tag)
        if row is None:
            return None
        if is_private(place.tag):
            return self._on_private(place)
        return self._by_code(row, place)

    def inside(self, place: Place) -> Action:
        """What happens to an attribute without a row in a sequence that stays."""
        action = self.unspoken(place)
        if action is not None:
            return action
        is_told = place.vr in _TEMPORAL and Option.RETAIN_LONGITUDINAL_FULL_DATES not in self.chosen
        return Dummy() if is_told or place.vr == "PN" else Keep()

    def unspoken(self, place: Place) -> Action | None:
        """What happens to an attribute that no profile element decides about; None leaves it."""
        if (
            place.vr in _WORDS | {"PN"}
            and place.tag not in _CODES
            and Option.CLEAN_DESCRIPTORS in self._in_force(place)
        ):
            return CleanText()
        if place.vr == "UI":
            return self.replaced(place)
        if place.vr in _TEMPORAL and Option.RETAIN_LONGITUDINAL_MODIFIED_DATES in self.chosen:
            return MoveInTime(Dummy())
        return None

    def replaced(self, place: Place) -> Action | None:
        """What happens to UIDs that are kept for no reason of their own; private UN values may be UIDs, too."""
        if Option.RETAIN_UIDS in self.chosen or place.tag in CLASS_UIDS:
            return None
        return RemapInstanceUid() if place.vr == "UI" or (place.vr == "UN" and is_private(place.tag)) else None

    def _by_code(self, row: Row, place: Place) -> Action:
        code = code_of(row.basic, row.options, self._in_force(place))
        if code == "K":
            return self._kept(place)
        if code == "C":
            return self._cleaned(row, place)
        return self._basic(row, place)

    def _basic(self, row: Row, place: Place) -> Action:
        action = SINGLE.get(row.basic) or Combined(row.basic).resolved(place)
        if place.vr == "SQ":
            return self._on_sequence(action, row.basic, place)
        return RemapInstanceUid() if isinstance(action, RemapUid) and place.vr == "UI" else action

    def _on_sequence(self, action: Action, code: str, place: Place) -> Action:
        match action:
            case Dummy():
                return DummyContent(place.tag)
            case RemapUid():
                return self._kept_content()
            case Empty() if code == "X/Z/U*":
                return self._kept_content()
            case _:
                return action

    def _kept_content(self) -> Action:
        return Content(self) if self.chosen else Keep()

    def _on_private(self, place: Place) -> Action:
        if Option.RETAIN_SAFE_PRIVATE not in self.chosen or not is_safe_private(place.creator, place.tag):
            return Remove()
        return self._kept(place)

    def _kept(self, place: Place) -> Action:
        """K: sequences and, where descriptors are cleaned, text are cleaned."""
        if place.vr == "SQ":
            return Content(self)
        return CleanText() if place.vr in _WORDS and Option.CLEAN_DESCRIPTORS in self.chosen else Keep()

    def _cleaned(self, row: Row, place: Place) -> Action:
        basic = self._basic(row, place)
        if place.vr == "SQ":
            return Content(self)
        if Option.RETAIN_LONGITUDINAL_MODIFIED_DATES in row.options.keys() & self.chosen:
            if place.vr in _TEMPORAL:
                return MoveInTime(basic)
            return (
                self._kept(place) if place.vr == "SH" else basic
            )  # Timezone Offset From UTC holds for moved times, too
        if place.vr in _WORDS | _TERMS:
            return CleanText()
        if place.tag >> 24 == _CURVES >> 8:
            return basic if place.tag & 0xFFFF in _AUDIO else Keep()
        return basic

    def _in_force(self, place: Place) -> frozenset[Option]:
        """The options that hold at a place: cleaned graphics and structured content have their text cleaned, too."""
        if self._is_within_content(place) or (
            Option.CLEAN_GRAPHICS in self.chosen and (_GRAPHICS in place.path or place.tag >> 24 == _CURVES >> 8)
        ):
            return self.chosen | {Option.CLEAN_DESCRIPTORS}
        return self.chosen

    def _is_within_content(self, place: Place) -> bool:
        return Option.CLEAN_STRUCTURED_CONTENT in self.chosen and not _STRUCTURED.isdisjoint(place.path)

"""What happens to dates, times and ages that a profile keeps: moved in time, or made coarser."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Final

from typing_extensions import override

from philae.deid.actions import Action, Combined, Result, Rewritten
from philae.deid.dates import coarsen, shift_text
from philae.deid.errors import UnreadableDate
from philae.deid.question import Question
from philae.deid.shifts import Shift, ShiftRange, shift_by_tag
from philae.dicom.standard.dictionary import keyword_of, tag_of, vr_of

if TYPE_CHECKING:
    from philae.deid.context import Context, Place, Value
    from philae.deid.datetimes import Removal
    from philae.deid.instance import Instance

TEMPORAL_VRS: Final = frozenset({"AS", "DA", "DT", "TM"})
COARSE_VRS: Final = frozenset({"DA", "DT"})
_UNREADABLE: Final = Combined("X/Z/D")


def where_unreadable(place: Place) -> Action:
    """What happens to a value at ``place`` that is no date of its VR: X/Z/D by the attribute's type."""
    return _UNREADABLE.resolved(place)


@cache
def time_of(date: int) -> int | None:
    """The attribute with the time of a date, as StudyTime is of StudyDate; None for dates without one."""
    keyword = keyword_of(date) or ""
    time = tag_of(keyword.replace("Date", "Time")) if "Date" in keyword else None
    return time if time is not None and vr_of(time) == "TM" else None


@dataclass(frozen=True, slots=True)
class _Temporal(Action):
    """A new value for the first value; ``otherwise`` where that cannot be read."""

    otherwise: Action

    @abstractmethod
    def changed(self, value: Value, context: Context) -> str:
        """The new value. Raises `UnreadableDate`."""

    @override
    def apply(self, value: Value, context: Context) -> Result:
        try:
            return Rewritten(value.vr, self.changed(value, context).encode("ascii"))
        except UnreadableDate:
            return self.otherwise.apply(value, context)


@dataclass(frozen=True, slots=True)
class Move(_Temporal):
    """Go back by ``shift``, ages forward."""

    letter: ClassVar[str] = "shift"
    shift: Shift

    @override
    def moves_by(self, context: Context) -> Shift | None:
        return self.shift

    @override
    def changed(self, value: Value, context: Context) -> str:
        return shift_text(value.vr, value.text, self.shift.past(value.midnights), context.clock)


@dataclass(frozen=True, slots=True)
class Coarsen(_Temporal):
    """Set the day, or month and day, of dates and date times to 01."""

    letter: ClassVar[str] = "format"
    remove: Removal

    @override
    def changed(self, value: Value, context: Context) -> str:
        return coarsen(value.vr, value.text, self.remove) or ""


@dataclass(frozen=True, slots=True)
class _OfOther(Action):
    """Do ``action`` as if the value were ``raw``."""

    letter: ClassVar[str] = "shift"
    action: Action
    raw: bytes

    @override
    def apply(self, value: Value, context: Context) -> Result:
        return self.action.apply(value._replace(raw=self.raw), context)


@dataclass(frozen=True, slots=True)
class AmountTags:
    """The attributes that say how far an instance moves; None is not at all."""

    days: int | None
    seconds: int | None

    def shift(self, instance: Instance) -> Shift:
        texts = (None if tag is None else instance.first(tag) for tag in (self.days, self.seconds))
        return shift_by_tag(*texts)


class MoveQuestion(Question):
    """How far an element moves. An empty one is left to the next profile element."""

    letter: ClassVar[str] = "shift"

    def __init__(self, amounts: Shift | ShiftRange | AmountTags, otherwise: Action) -> None:
        self._amounts = amounts
        self._otherwise = otherwise
        self.is_about_instance = isinstance(amounts, AmountTags)

    @override
    def answer(self, value: Value, instance: Instance) -> Action | None:
        return Move(self._otherwise, self._shift(instance)) if value.text else None

    def _shift(self, instance: Instance) -> Shift:
        match self._amounts:
            case ShiftRange():
                return self._amounts.at(instance.context.fraction)
            case AmountTags():
                return self._amounts.shift(instance)
        return self._amounts


class CoarsenQuestion(Question):
    """How coarse an element becomes. An empty one is left to the next profile element."""

    letter: ClassVar[str] = "format"
    is_about_instance = False

    def __init__(self, remove: Removal, otherwise: Action) -> None:
        self._action = Coarsen(otherwise, remove)

    @override
    def answer(self, value: Value, instance: Instance) -> Action | None:
        return self._action if value.text else None


@dataclass(frozen=True, slots=True)
class OfTopLevel(Question):
    """The answer for the attribute of the same tag at the top level, as Karnak gives it in items (spec Q6)."""

    letter: ClassVar[str] = "shift"
    question: Question
    tag: int

    @override
    def answer(self, value: Value, instance: Instance) -> Action | None:
        raw = instance.first(self.tag).encode("ascii", "replace")
        action = self.question.answer(value._replace(raw=raw), instance)
        return None if action is None else _OfOther(action, raw)

"""``action.on.dates``: dates, times and ages that stay useful, moved in time or made coarser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self, TypeAlias

from typing_extensions import override

from philae.deid.elements.element import ProfileElement
from philae.deid.errors import DeidError
from philae.deid.methods import MODIFIED_DATES, MethodCode
from philae.deid.shifts import Shift, ShiftRange, integer
from philae.deid.temporal import (
    COARSE_VRS,
    TEMPORAL_VRS,
    AmountTags,
    CoarsenQuestion,
    MoveQuestion,
    OfTopLevel,
    where_unreadable,
)
from philae.dicom.tags import TagSet, format_tag, parse_tag_pattern

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.datetimes import Removal
    from philae.deid.profile import ElementSpec, Project
    from philae.deid.question import Question

_REMOVALS: Final[dict[str, Removal]] = {"day": "day", "month_day": "month_day"}

_Change: TypeAlias = "Shift | ShiftRange | AmountTags | Removal"


@dataclass(frozen=True, slots=True)
class ActionOnDates(ProfileElement):
    """Apply ``change`` to the AS, DA, DT and TM elements in ``tags`` (no tags: all), minus ``excluded``.

    ``reads_top_level`` reproduces Karnak, which gives a nested element the value of the top level (spec Q6).
    """

    codename: ClassVar[str] = "action.on.dates"
    method: ClassVar[MethodCode | None] = MODIFIED_DATES

    change: _Change
    tags: TagSet
    excluded: TagSet
    reads_top_level: bool

    @classmethod
    @override
    def build(cls, spec: ElementSpec, project: Project) -> Self:
        return cls(
            spec.name,
            _change(spec),
            TagSet(spec.tags),
            TagSet(spec.excluded_tags),
            project.compat_karnak,
        )

    @override
    def decide(self, place: Place) -> Action | None:
        if not self._concerns(place.tag) or place.vr not in TEMPORAL_VRS:
            return None
        question = self._question(place)
        return OfTopLevel(question, place.tag) if question and self.reads_top_level and place.path else question

    @override
    def describe(self) -> str:
        which = f"{self.tags}" if self.tags else "all dates and times"
        return f"{_described(self.change)} on {which}" + (f" except {self.excluded}" if self.excluded else "")

    def _concerns(self, tag: int) -> bool:
        return tag not in self.excluded and (not self.tags or tag in self.tags)

    def _question(self, place: Place) -> Question | None:
        otherwise = where_unreadable(place)
        if isinstance(self.change, str):
            return CoarsenQuestion(self.change, otherwise) if place.vr in COARSE_VRS else None
        return MoveQuestion(self.change, otherwise)


def _described(change: _Change) -> str:
    match change:
        case Shift(days, seconds):
            return f"minus {days} days and {seconds} seconds"
        case ShiftRange():
            return (
                f"minus {change.min_days} to {change.max_days} days "
                f"and {change.min_seconds} to {change.max_seconds} seconds by patient"
            )
        case AmountTags():
            tags = [format_tag(tag) for tag in (change.days, change.seconds) if tag is not None]
            return f"minus what {' and '.join(tags) or 'nothing'} says"
        case "day":
            return "day set to 01"
    return "month and day set to 01"


def _change(spec: ElementSpec) -> _Change:
    match spec.option:
        case "shift":
            return Shift(_amount(spec, "days"), _amount(spec, "seconds"))
        case "shift_range":
            return ShiftRange(
                _amount(spec, "min_days", "0"),
                _amount(spec, "max_days"),
                _amount(spec, "min_seconds", "0"),
                _amount(spec, "max_seconds"),
            )
        case "shift_by_tag":
            return AmountTags(_tag(spec, "days_tag"), _tag(spec, "seconds_tag"))
        case "date_format" if (removal := _REMOVALS.get(spec.argument("remove") or "")) is not None:
            return removal
        case "date_format":
            raise DeidError(f"{spec.codename} {spec.name!r}: remove is none of {', '.join(_REMOVALS)}")
    raise DeidError(
        f"{spec.codename} {spec.name!r}: option {spec.option!r} is none of shift, shift_range, shift_by_tag, date_format"
    )


def _amount(spec: ElementSpec, name: str, default: str = "") -> int:
    amount = integer(spec.argument(name) or default)
    if amount is None:
        raise DeidError(f"{spec.codename} {spec.name!r}: argument {name} is no integer; write digits")
    return amount


def _tag(spec: ElementSpec, name: str) -> int | None:
    text = spec.argument(name)
    try:
        pattern = parse_tag_pattern(text) if text else None
    except ValueError as error:
        raise DeidError(f"{spec.codename} {spec.name!r}: argument {name}: {error}") from error
    if pattern is not None and not pattern.is_exact:
        raise DeidError(f"{spec.codename} {spec.name!r}: argument {name} stands for several tags; name one")
    return None if pattern is None else pattern.value

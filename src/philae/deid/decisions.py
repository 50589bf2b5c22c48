"""What a profile says about attributes by their place alone, without an instance, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.attributes import ATTRIBUTES, DROPPED
from philae.deid.confidentiality.options import code_of
from philae.deid.elements.basic_dicom_profile import BasicDicomProfile
from philae.deid.entries import DEFAULT_ATTRIBUTES, STRUCTURE
from philae.deid.question import Question
from philae.dicom.layout import EXPLICIT
from philae.dicom.standard.iod import attribute_type

if TYPE_CHECKING:
    from philae.deid.actions import Action
    from philae.deid.context import Place
    from philae.deid.elements.element import ProfileElement
    from philae.deid.engine import CompiledProfile
    from philae.deid.levels import Level

IN_EVERY_INSTANCE: Final = "set in every de-identified instance"
ASKED: Final = "?"
"""The action of a decision that depends on the instance."""
_SET: Final = frozenset(attribute.tag for attribute in ATTRIBUTES)


class Decision(NamedTuple):
    """What happens to an attribute at its place. ``action`` is a letter, `ASKED` if it depends on the instance.

    ``rule`` is as in `Cause`. ``is_explicit`` is whether that rule speaks of this very attribute, or a user's rule of the
    sequence around it; what the Basic Profile leaves as it is below a sequence that it keeps is not decided so.
    ``answer`` is the action with all it says, None where there is none.
    """

    action: str
    rule: int
    reason: str
    is_explicit: bool = True
    answer: Action | None = None

    @property
    def is_spoken(self) -> bool:
        """Whether the profile decides here at all: what it is silent about is kept, but by nobody's decision."""
        return self.rule != STRUCTURE


SILENT: Final = Decision("K", STRUCTURE, "no rule speaks of it")


class Decisions:
    """The decisions of one profile for the instances of one SOP class. Not shared by threads."""

    def __init__(self, compiled: CompiledProfile, sop_class_uid: str) -> None:
        self._compiled = compiled
        self._levels: dict[tuple[int, ...], Level] = {(): compiled.root(sop_class_uid)}

    def of(self, path: tuple[int, ...], tag: int, vr: str) -> Decision:
        """What happens to attribute ``tag`` in the sequences ``path``."""
        if not path and tag in _SET | DROPPED:
            return Decision("D" if tag in _SET else "X", DEFAULT_ATTRIBUTES, IN_EVERY_INSTANCE)
        level = self._level(path)
        chain = level.chain(tag, vr)
        if not chain:
            return SILENT
        place = level.place(tag, vr)
        elements = self._compiled.elements
        reasons = [_reason(elements[rule], place) for rule, _ in chain]
        if isinstance(chain[-1][1], Question):
            reasons.append("kept")
        rule, action = chain[0]
        element = elements[rule]
        return Decision(
            action=ASKED if isinstance(action, Question) else action.letter,
            rule=rule,
            reason="; else ".join(reasons),
            is_explicit=not isinstance(element, BasicDicomProfile) or element.decide(place) is not None,
            answer=action,
        )

    def _level(self, path: tuple[int, ...]) -> Level:
        level = self._levels.get(path)
        if level is None:
            parent = self._level(path[:-1])
            chain = parent.chain(path[-1], "SQ")
            answer = next((each for each in chain if not isinstance(each[1], Question)), None)
            level = self._levels[path] = parent.items(path[-1], EXPLICIT, answer)
        return level


def _reason(element: ProfileElement, place: Place) -> str:
    """Why an element answers as it does: its row of Table E.1-1 and the type of the attribute, or what it says."""
    if element.decide(place) is None:
        is_afterthought = not place.path or element.afterthought(place, is_kept=False) is not None
        return element.describe() if is_afterthought else "as the sequence around it"
    if isinstance(element, BasicDicomProfile):
        return _row(element, place)
    condition = "" if element.condition is None else ", on its condition"
    return element.describe() + condition


def _row(element: BasicDicomProfile, place: Place) -> str:
    row = element.table.row_of(place.tag)
    if row is None:
        return element.describe()
    said = f"PS3.15 E.1-1: {row.basic}"
    code = code_of(row.basic, row.options, element.options)
    if code != row.basic:
        options = (option for option, each in row.options.items() if option in element.options and each == code)
        said = f"{said}, {code} with {', '.join(options)}"
    kind = attribute_type(place.sop_class_uid, (*place.path, place.tag))
    return said if kind is None else f"{said}; type {kind.value}"

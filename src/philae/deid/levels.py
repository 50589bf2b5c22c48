"""Places in a dataset: the top level and the items of each sequence path, with the decisions taken there so far."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.actions import Action, Keep, Remove
from philae.deid.context import Knowledge, Place
from philae.deid.question import Question, WhenNeededGoes
from philae.dicom.layout import Layout, implied_vr
from philae.dicom.splice import Cause
from philae.dicom.tags import creator_of, is_private

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.elements.element import ProfileElement
    from philae.deid.entries import Chain, Entry

_VARIANTS_LIMIT: Final = 1 << 12
_ENTRIES_LIMIT: Final = 1 << 17
_LIMIT: Final = 15

NO_CONCEPT: Final = ("", "")


@dataclass(frozen=True, slots=True)
class Rules:
    """A profile compiled for a project. ``attributes`` are set at the top level, ascending; those ``dropped`` go."""

    elements: tuple[ProfileElement, ...]
    compat_karnak: bool
    pairs_times: bool
    """Whether a time that crosses midnight takes its date along."""
    attributes: tuple[Cause, ...] = ()
    dropped: frozenset[int] = frozenset()
    set_or_dropped: frozenset[int] = field(init=False)
    knowledge: Knowledge = field(init=False)

    def __post_init__(self) -> None:
        knowledge = reduce(or_, (element.needs_to_know for element in self.elements), Knowledge.NOTHING)
        object.__setattr__(self, "knowledge", knowledge)
        object.__setattr__(self, "set_or_dropped", self.dropped | {attribute.tag for attribute in self.attributes})


@dataclass(slots=True)
class Census:
    """How many entries all levels of a profile hold together; past a limit the roots are dropped and grow again."""

    entries: int = 0

    @property
    def is_full(self) -> bool:
        return self.entries > _ENTRIES_LIMIT


class State(NamedTuple):
    """What a level has learnt from the elements passed so far."""

    sop_class_uid: str
    awaited: int = 0
    """The default attribute that the top level waits for."""
    gone: tuple[tuple[int, int], ...] = ()
    """Groups whose elements go if nobody else speaks of them, each with the position of the profile element."""
    creators: tuple[tuple[int, str], ...] = ()
    """Private creators, as far as a profile element needs to know."""
    concept: tuple[str, str] = NO_CONCEPT
    """What a content item is about, as far as a profile element needs to know."""


@dataclass(eq=False, slots=True)
class Level:
    """The items of one sequence path, or the top level (``at_root``), in one state."""

    rules: Rules
    census: Census
    layout: Layout
    state: State
    path: tuple[int, ...] = ()
    inherited: tuple[int, Action] | None = None
    at_root: bool = False
    table: dict[bytes, Entry | None] = field(default_factory=dict, repr=False)
    """What headers lead to, by their raw bytes; None keeps a short element."""
    _variants: dict[State, Level] = field(default_factory=dict, repr=False)

    @property
    def sop_class_uid(self) -> str:
        return self.state.sop_class_uid

    def with_sop_class(self, uid: str) -> Level:
        """The same level while SOP Class UID is ``uid``."""
        return self._variant(self.state._replace(sop_class_uid=uid))

    def awaiting(self, index: int) -> Level:
        """The same level once the default attributes before ``index`` are behind."""
        return self._variant(self.state._replace(awaited=index))

    def without_group(self, group: int, rule: int) -> Level:
        """The same level once ``group`` has begun that ``rule`` removes."""
        return self._variant(self.state._replace(gone=(*self.state.gone[-_LIMIT:], (group, rule))))

    def with_creator(self, tag: int, creator: str) -> Level:
        """The same level once ``tag`` has reserved its block for ``creator``."""
        return self._variant(self.state._replace(creators=(*self.state.creators[-_LIMIT:], (tag, creator))))

    def about(self, concept: tuple[str, str]) -> Level:
        """The same level in a content item about ``concept``."""
        return self._variant(self.state._replace(concept=concept))

    def _variant(self, state: State) -> Level:
        self._variants.setdefault(self.state, self)
        variant = self._variants.get(state)
        if variant is None:
            variant = replace(self, state=state, table={}, _variants=self._variants)
            if len(self._variants) < _VARIANTS_LIMIT:
                self._variants[state] = variant
                self.census.entries += 1
        return variant

    def items(self, tag: int, layout: Layout, inherited: tuple[int, Action] | None) -> Level:
        """The level of the items of sequence ``tag`` here."""
        self.census.entries += 1
        state = State(self.state.sop_class_uid)
        return Level(self.rules, self.census, layout, state, (*self.path, tag), inherited)

    def cause(self, tag: int, vr: str, action: str, rule: int) -> Cause:
        """Why something happens to ``tag`` here."""
        return Cause(tag, vr, self.path, action, rule)

    def place(self, tag: int, vr: str) -> Place:
        """An element here, with what is known about it."""
        creators, block = self.state.creators, creator_of(tag)
        creator = next((name for owner, name in reversed(creators) if owner == block), "") if creators else ""
        return Place(tag, vr, self.path, self.state.sop_class_uid, creator, self.state.concept)

    def chain(self, tag: int, vr: str) -> Chain:
        """What the profile answers for an element here: questions, then what is sure."""
        place = self.place(tag, vr)
        answers = list(self._answers(place))
        sure = answers[-1][1] if answers else None
        if sure is None or isinstance(sure, Question):
            answers += self._afterthoughts(place, range(len(self.rules.elements)), is_kept=False)
        elif isinstance(sure, Keep):
            answers = answers[:-1] + (self._despite_keep(place, answers[-1][0]) or answers[-1:])
        return tuple(answers)

    def _answers(self, place: Place) -> Iterator[tuple[int, Action]]:
        for rule, element in enumerate(self.rules.elements):
            action = element.answer(place) or self._in_group(rule, place.tag) or self._consequence(rule, place.tag)
            if action is not None:
                yield rule, action
                if not isinstance(action, Question):
                    return
            if self.inherited is not None and self.inherited[0] == rule:
                yield rule, self.inherited[1].at(place)
                return

    def _despite_keep(self, place: Place, rule: int) -> list[tuple[int, Action]]:
        """What becomes of private data that is kept, and of content that ``rule`` keeps without speaking of it."""
        if any(map(is_private, (place.tag, *place.path))):
            return self._afterthoughts(place, range(len(self.rules.elements)), is_kept=True)
        if self.rules.elements[rule].answer(place) is None:
            return self._afterthoughts(place, range(rule, rule + 1), is_kept=True)
        return []

    def _afterthoughts(self, place: Place, rules: range, *, is_kept: bool) -> list[tuple[int, Action]]:
        """What profile elements still want where an element would stay as it is."""
        wanted = ((rule, self.rules.elements[rule].afterthought(place, is_kept=is_kept)) for rule in rules)
        return [(rule, action) for rule, action in wanted if action is not None]

    def _in_group(self, rule: int, tag: int) -> Action | None:
        return Remove() if (tag >> 16, rule) in self.state.gone else None

    def begins_group(self, tag: int, vr: str) -> bool:
        """Whether ``tag`` may go, and its group with it, because an attribute goes that they need."""
        rules = {rule for rule, element in enumerate(self.rules.elements) if element.needs(tag) is not None}
        return bool(rules) and not rules.isdisjoint(rule for rule, _ in self.chain(tag, vr))

    def _consequence(self, rule: int, tag: int) -> Action | None:
        """What happens to ``tag``, which begins a group, because of what ``rule`` does to the attribute it needs."""
        needed = self.rules.elements[rule].needs(tag)
        if needed is None:
            return None
        chain = self.chain(needed, implied_vr(needed))
        if chain == ((rule, Remove()),):
            return Remove()
        return WhenNeededGoes(chain, rule) if rule in (each for each, _ in chain) else None

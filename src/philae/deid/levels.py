"""Decisions compiled for one place in a dataset: what an element header leads to, looked up by its raw bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, TypeAlias

from philae.deid.actions import Action, Empty, Keep, Outcome, Remove, Result
from philae.deid.context import Place
from philae.deid.elements.element import ProfileElement, Question
from philae.dicom.headers import MalformedDataset
from philae.dicom.layout import IMPLICIT, ITEM_END, SHORT_LIMIT, SHORT_VRS, Layout, implied_vr
from philae.dicom.splice import Cause
from philae.dicom.tags import creator_of, is_private, is_private_creator
from philae.dicom.values import padded

STRUCTURE: Final = -2
"""The rule of edits that keep lengths true and drop group lengths."""
DEFAULT_ATTRIBUTES: Final = -1
"""The rule of the attributes that every de-identified instance gets."""

SOP_CLASS_UID: Final = 0x00080016
WATCHED: Final = frozenset({SOP_CLASS_UID, 0x00080018, 0x0020000D})
_TABLE_LIMIT: Final = 1 << 12
_ENTRIES_LIMIT: Final = 1 << 17
_ANSWERS_LIMIT: Final = 64
_GROUPS_LIMIT: Final = 15


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


_LONG: Final = {
    Kind.KEEP: Kind.LONG_KEEP,
    Kind.CONSTANT: Kind.LONG_CONSTANT,
    Kind.EMPTY: Kind.LONG_EMPTY,
    Kind.VALUE: Kind.LONG_VALUE,
}


Chain: TypeAlias = tuple[tuple[int, Action], ...]
"""Answers to try in turn, each with the position of its profile element."""


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
        self.answered: dict[tuple[int, Action | None], Entry | None] = {}
        """What answers to the questions came down to."""


@dataclass(frozen=True, slots=True)
class Rules:
    """A profile compiled for a project. ``attributes`` are set at the top level, ascending; those ``dropped`` go."""

    elements: tuple[ProfileElement, ...]
    compat_karnak: bool
    attributes: tuple[Cause, ...] = ()
    dropped: frozenset[int] = frozenset()


@dataclass(slots=True)
class Census:
    """How many entries all levels of a profile hold together; past a limit the roots are dropped and grow again."""

    entries: int = 0

    @property
    def is_full(self) -> bool:
        return self.entries > _ENTRIES_LIMIT


@dataclass(eq=False, slots=True)
class Level:
    """The items of one sequence path, or the top level (``at_root``) while it waits for attribute ``awaited``."""

    rules: Rules
    census: Census
    layout: Layout
    sop_class_uid: str
    path: tuple[int, ...] = ()
    inherited: tuple[int, Action] | None = None
    at_root: bool = False
    awaited: int = 0
    gone: tuple[tuple[int, int], ...] = ()
    """Groups whose elements go if nobody else speaks of them, each with the position of the profile element."""
    table: dict[bytes, Entry | None] = field(default_factory=dict, repr=False)
    _variants: dict[tuple[str, int, tuple[tuple[int, int], ...]], Level] = field(default_factory=dict, repr=False)

    def decide(self, key: bytes, position: int) -> Entry | None:
        """The entry of a header; None keeps a short element. ``position`` is for the message if it cannot be one."""
        entry = self._decided(key, position)
        if len(self.table) < _TABLE_LIMIT:
            self.table[key] = entry
            self.census.entries += 1
        return entry

    def with_sop_class(self, uid: str) -> Level:
        """The same level while SOP Class UID is ``uid``."""
        return self._variant(uid, self.awaited, self.gone)

    def awaiting(self, index: int) -> Level:
        """The same level once the default attributes before ``index`` are behind."""
        return self._variant(self.sop_class_uid, index, self.gone)

    def without_group(self, group: int, rule: int) -> Level:
        """The same level once ``group`` has begun that ``rule`` removes."""
        return self._variant(self.sop_class_uid, self.awaited, (*self.gone[-_GROUPS_LIMIT:], (group, rule)))

    def _variant(self, sop_class_uid: str, awaited: int, gone: tuple[tuple[int, int], ...]) -> Level:
        key = (sop_class_uid, awaited, gone)
        self._variants.setdefault((self.sop_class_uid, self.awaited, self.gone), self)
        variant = self._variants.get(key)
        if variant is None:
            variant = Level(
                self.rules,
                self.census,
                self.layout,
                sop_class_uid,
                self.path,
                self.inherited,
                self.at_root,
                awaited,
                gone,
                _variants=self._variants,
            )
            if len(self._variants) < _TABLE_LIMIT:
                self._variants[key] = variant
                self.census.entries += 1
        return variant

    def _decided(self, key: bytes, position: int) -> Entry | None:
        tag = self.layout.tag_of(key)
        if tag == ITEM_END:
            return Entry(Kind.ITEM_END, self._cause(tag, "", "", STRUCTURE))
        vr = self.layout.vr_of(key)
        if not vr or tag >> 16 == 0xFFFE:
            problem = "a delimiter without its sequence" if vr else "its VR is not two capital letters"
            raise MalformedDataset(problem, position, tag)
        if tag & 0xFFFF == 0 or tag >> 16 in (0x0000, 0x0002):
            return self._entry(Kind.CONSTANT, self._cause(tag, vr, "X", STRUCTURE), b"", vr)
        return (self._attribute_entry(tag, vr) if self.at_root else None) or self._profile_entry(tag, vr)

    def _attribute_entry(self, tag: int, vr: str) -> Entry | None:
        """What the default attributes ask for at the top level; None where they leave the element to the profile."""
        attributes = self.rules.attributes
        passed = sum(1 for attribute in attributes if attribute.tag < tag)
        if passed > self.awaited:
            entry = Entry(Kind.INSERT, self._cause(tag, vr, "", DEFAULT_ATTRIBUTES))
            entry.span = range(self.awaited, passed)
            entry.level = self.awaiting(passed)
            return entry
        if passed < self.awaited and any(attribute.tag == tag for attribute in attributes):
            return self._entry(Kind.CONSTANT, self._cause(tag, vr, "X", DEFAULT_ATTRIBUTES), b"", vr)
        if passed < len(attributes) and attributes[passed].tag == tag:
            entry = Entry(Kind.SET, attributes[passed])
            entry.span = range(passed, passed + 1)
            entry.level = self.awaiting(passed + 1)
            return entry
        if tag in self.rules.dropped:
            return self._entry(Kind.CONSTANT, self._cause(tag, vr, "X", DEFAULT_ATTRIBUTES), b"", vr)
        return None

    def _profile_entry(self, tag: int, vr: str) -> Entry | None:
        entry = self._wrapped(tag, vr, self._answered(tag, vr))
        if entry is not None and entry.cause.rule >= 0:
            entry = self._beginning_group(tag, vr, entry)
        if tag == SOP_CLASS_UID or (self.at_root and tag in WATCHED):
            watch = Entry(Kind.WATCH, self._cause(tag, vr, "", STRUCTURE), vr=vr)
            watch.inner = entry
            return watch
        return entry

    def _answered(self, tag: int, vr: str) -> Entry | None:
        """The entry for the profile's answer, with what a UN element may turn out to be."""
        if vr != "UN":
            return self._chained(tag, vr, vr, self.chain(tag, vr))
        known = "UN" if self.rules.compat_karnak or is_private(tag) else implied_vr(tag)
        opaque = Entry(Kind.UNKNOWN, self._cause(tag, vr, "", STRUCTURE), vr=known)
        read_as = "UN" if known == "SQ" else known
        opaque.inner = self._chained(tag, vr, read_as, self.chain(tag, read_as))
        opaque.inside = self._chained(tag, "SQ", "SQ", self.chain(tag, "SQ"), layout=IMPLICIT, written="UN")
        return opaque.inner if _removes(opaque.inner) and _removes(opaque.inside) else opaque

    def chain(self, tag: int, vr: str) -> Chain:
        """What the profile answers for an element here: questions, then what is sure."""
        place = Place(tag, vr, self.path, self.sop_class_uid)
        answers: list[tuple[int, Action]] = []
        for rule, element in enumerate(self.rules.elements):
            action = element.decide(place)
            if action is not None:
                answers.append((rule, action.at(place)))
                if not isinstance(action, Question):
                    break
            elif (tag >> 16, rule) in self.gone or self._removes_what_it_needs(rule, element, tag):
                answers.append((rule, Remove()))
                break
            if self.inherited is not None and self.inherited[0] == rule:
                answers.append((rule, self.inherited[1].at(place)))
                break
        return tuple(answers)

    def _beginning_group(self, tag: int, vr: str, entry: Entry) -> Entry:
        rule = entry.cause.rule
        if not self._removes_what_it_needs(rule, self.rules.elements[rule], tag):
            return entry
        begins = Entry(Kind.REMOVE_GROUP, self._cause(tag, vr, "X", rule), vr=vr)
        begins.inner = entry
        return begins

    def _removes_what_it_needs(self, rule: int, element: ProfileElement, tag: int) -> bool:
        needed = element.needs(tag)
        return needed is not None and self.chain(needed, implied_vr(needed)) == ((rule, Remove()),)

    def answered(self, entry: Entry, rule: int, action: Action | None, *, is_sequence: bool) -> Entry | None:
        """What the answer to a question comes down to; ``action`` None is no answer from anyone."""
        known = entry.answered
        if (rule, action) not in known:
            if len(known) >= _ANSWERS_LIMIT:
                known.clear()
            answer = None if action is None else (rule, action)
            tag, vr = entry.cause.tag, entry.cause.vr
            known[rule, action] = (
                self.sequence(tag, answer, IMPLICIT if vr == "UN" else self.layout, vr)
                if is_sequence
                else self.element(tag, vr, entry.vr, answer)
            )
        return known[rule, action]

    def _chained(
        self,
        tag: int,
        vr: str,
        read_as: str,
        chain: Chain,
        layout: Layout | None = None,
        written: str = "",
    ) -> Entry | None:
        if chain and isinstance(chain[0][1], Question):
            entry = Entry(Kind.QUESTION, self._cause(tag, written or vr, "", chain[0][0]), vr=read_as)
            entry.chain = chain
            return entry
        answer = chain[0] if chain else None
        if vr == "SQ":
            return self.sequence(tag, answer, layout or self.layout, written or vr)
        return self.element(tag, vr, read_as, answer)

    def sequence(self, tag: int, answer: tuple[int, Action] | None, layout: Layout, written: str = "SQ") -> Entry:
        """The entry of a sequence: gone, without items, or its items walked with what they inherit."""
        rule, action = answer or (STRUCTURE, Keep())
        cause = self._cause(tag, written, action.letter, rule)
        if isinstance(action, Remove):
            return self._long(Kind.LONG_CONSTANT, cause, b"")
        if isinstance(action, Empty):
            return self._long(Kind.LONG_EMPTY, cause, self.layout.header(tag, written, 0))
        entry = self._long(Kind.SEQUENCE, self._cause(tag, written, "", STRUCTURE), b"")
        entry.level = Level(self.rules, self.census, layout, self.sop_class_uid, (*self.path, tag), answer)
        self.census.entries += 1
        return entry

    def element(self, tag: int, vr: str, read_as: str, answer: tuple[int, Action] | None) -> Entry | None:
        """The entry of an element that is no sequence, for an answer that is sure."""
        if answer is None:
            return self._entry(Kind.KEEP, self._cause(tag, vr, "K", STRUCTURE), b"", vr)
        rule, action = answer
        cause = self._cause(tag, vr, action.letter, rule)
        result = action.fixed(read_as)
        if result is None or result is Outcome.IMPOSSIBLE:
            entry = self._entry(Kind.VALUE, cause, b"", vr) or Entry(Kind.VALUE, cause)
            entry.action = action
            entry.vr = read_as
            return entry
        if result is Outcome.KEPT:
            return self._entry(Kind.KEEP, cause, b"", vr)
        data = self.encoded(tag, vr, result)
        kind = Kind.EMPTY if isinstance(action, Empty) else Kind.CONSTANT
        return self._entry(kind, cause, data if data is not None else b"", vr)

    def encoded(self, tag: int, vr: str, result: Result) -> bytes | None:
        """The element with its new value; None if the value is too long for the VR. Removed is no bytes."""
        if isinstance(result, Outcome):
            return b""
        written = vr if vr == "UN" and result.vr != "UI" else result.vr
        raw = padded(result.raw, result.vr)
        if len(raw) > SHORT_LIMIT and not self.layout.implicit and written in SHORT_VRS:
            return None
        return self.layout.header(tag, written, len(raw)) + raw

    def _entry(self, kind: Kind, cause: Cause, data: bytes, vr: str) -> Entry | None:
        if vr in SHORT_VRS:
            return None if kind == Kind.KEEP else Entry(kind, cause, data, vr=vr)
        return self._long(_LONG[kind], cause, data)

    def _long(self, kind: Kind, cause: Cause, data: bytes) -> Entry:
        entry = Entry(kind, cause, data, vr=cause.vr)
        entry.length_at = 4 if self.layout.implicit else 8
        return entry

    def _wrapped(self, tag: int, vr: str, entry: Entry | None) -> Entry | None:
        """Private elements keep their creator: note those that survive, and let creators wait for them (spec Q12)."""
        if not is_private(tag) or self.rules.compat_karnak:
            return entry
        if is_private_creator(tag):
            if entry is None or entry.kind in (Kind.LONG_KEEP, Kind.QUESTION) or self._is_named(tag, vr):
                return entry
            kind = Kind.CREATOR
        elif creator_of(tag) is None or _removes(entry):
            return entry
        else:
            kind = Kind.PRIVATE
        wrapped = Entry(kind, self._cause(tag, vr, "", STRUCTURE), vr=vr)
        wrapped.inner = entry
        return wrapped

    def _is_named(self, tag: int, vr: str) -> bool:
        chain = self.chain(tag, vr)
        return bool(chain) and self.rules.elements[chain[0][0]].names_creator(tag)

    def _cause(self, tag: int, vr: str, action: str, rule: int) -> Cause:
        return Cause(tag, vr, self.path, action, rule)


def _removes(entry: Entry | None) -> bool:
    return entry is not None and entry.kind in (Kind.CONSTANT, Kind.LONG_CONSTANT) and not entry.data

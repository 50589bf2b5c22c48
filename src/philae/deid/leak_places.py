"""Where in what leaves an original identifier stands, and whether somebody decided that it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.entries import DEFAULT_ATTRIBUTES
from philae.deid.identifiers import Sort
from philae.deid.leaving import kept_ranges, windows
from philae.dicom.scan import MalformedDataset, elements
from philae.dicom.tags import format_tag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from philae.deid.decisions import Decisions
    from philae.deid.identifiers import Identifier
    from philae.deid.plan import Plan
    from philae.dicom.scan import ElementHeader, Encoded

_OTHER_MEANING: Final = frozenset("AS DA DS DT FD FL IS SL SS SV TM UI UL US UV AT".split())  # noqa: SIM905 - as PS3.5
"""VRs in which the characters of a name or an ID are numbers, dates or parts of a UID."""
_TERMS: Final = frozenset({0x00080070, 0x00080100, 0x00080102, 0x00080104, 0x00081090})
"""Makers, models and codes: a patient may be called like one of them."""
_OF_UIDS: Final = frozenset(b"0123456789.")
_OF_WORDS: Final = frozenset(b"0123456789abcdefghijklmnopqrstuvwxyz")


class Place(NamedTuple):
    """One leak: path for people, the attribute, the identifier's own tag, and the rule, None if no rule speaks of it."""

    path: str
    tag: int
    identifier: int
    rule: int | None


class LeakPlaces:
    """Finds the attributes that hold identifiers in one instance; runs only when there are any."""

    def __init__(self, encoded: Encoded, plan: Plan, decisions: Decisions, *, all_bytes: bool) -> None:
        self._encoded = encoded
        self._plan = plan
        self._decisions = decisions
        self._all_bytes = all_bytes

    def of(self, suspects: Iterable[Identifier]) -> list[Place]:
        """The places of identifiers that occur somewhere; those that mean something else there left out."""
        suspects = sorted(suspects, key=lambda each: (each.tag, each.needle))
        return list(dict.fromkeys((*self._kept(suspects), *self._written(suspects))))

    def _written(self, suspects: Iterable[Identifier]) -> Iterator[Place]:
        """In values that a rule wrote."""
        for _, _, data, cause in self._plan.edits:
            if not data or cause.rule == DEFAULT_ATTRIBUTES:
                continue
            vr = "UI" if data[4:6] == b"UI" else cause.vr
            lowered = data.lower()
            for each in suspects:
                if _counts(each, cause.tag, vr) and _has_word(lowered, each, 8, len(data)):
                    path = ".".join(map(format_tag, (*cause.path, cause.tag)))
                    yield Place(path, cause.tag, each.tag, cause.rule)

    def _kept(self, suspects: Iterable[Identifier]) -> Iterator[Place]:
        """In elements that nobody changed."""
        hits = self._hits(suspects)
        if not hits:
            return
        try:
            for header in elements(self._encoded):
                while hits and hits[-1][0] < header.value:
                    hits.pop()
                if header.vr != "SQ":
                    yield from self._in_element(header, hits)
        except MalformedDataset:
            return

    def _hits(self, suspects: Iterable[Identifier]) -> list[tuple[int, Identifier]]:
        """Offsets in the source where the bytes of an identifier stay, the last first."""
        hits: set[tuple[int, Identifier]] = set()
        for kept in kept_ranges(self._encoded, self._plan):
            for offset, window in windows(self._encoded, self._plan, kept, all_bytes=self._all_bytes):
                lowered = window.lower()
                for each in suspects:
                    at = lowered.find(each.needle)
                    while at >= 0:
                        hits.add((offset + at, each))
                        at = lowered.find(each.needle, at + 1)
        return sorted(hits, key=lambda hit: hit[0], reverse=True)

    def _in_element(self, header: ElementHeader, hits: list[tuple[int, Identifier]]) -> Iterator[Place]:
        while hits and hits[-1][0] < header.end:
            at, each = hits.pop()
            if at >= header.value and self._is_leak(header, at, each):
                path = "".join(f"{format_tag(tag)}[{item + 1}]." for tag, item in header.path) + format_tag(header.tag)
                yield Place(path, header.tag, each.tag, self._rule(header))

    def _is_leak(self, header: ElementHeader, at: int, each: Identifier) -> bool:
        if not _counts(each, header.tag, header.vr):
            return False
        around = bytes(self._encoded.source[max(at - 1, header.value) : min(at + len(each.needle) + 1, header.end)])
        if not _has_word(around.lower(), each, 0, len(around)):
            return False
        decision = self._decisions.of(tuple(tag for tag, _ in header.path), header.tag, header.vr)
        return not (decision.is_spoken and decision.is_explicit)

    def _rule(self, header: ElementHeader) -> int | None:
        decision = self._decisions.of(tuple(tag for tag, _ in header.path), header.tag, header.vr)
        return decision.rule if decision.is_spoken else None


def _counts(each: Identifier, tag: int, vr: str) -> bool:
    """Whether these characters can be the identifier in a value of this attribute."""
    if each.sort is Sort.UID:
        return True
    if vr in _OTHER_MEANING:
        return False
    return each.sort is Sort.ID or (vr != "CS" and tag not in _TERMS)


def _has_word(lowered: bytes, each: Identifier, start: int, end: int) -> bool:
    """Whether the identifier stands there as a word of its own."""
    joins = _OF_UIDS if each.sort is Sort.UID else _OF_WORDS
    at = lowered.find(each.needle, start, end)
    while at >= 0:
        behind = at + len(each.needle)
        if (at == start or lowered[at - 1] not in joins) and (behind == end or lowered[behind] not in joins):
            return True
        at = lowered.find(each.needle, at + 1, end)
    return False

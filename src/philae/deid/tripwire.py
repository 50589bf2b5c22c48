"""The leak tripwire: searches what is about to leave for the identifiers that the instance came with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from typing_extensions import override

from philae.deid.decisions import Decisions
from philae.deid.entries import STRUCTURE
from philae.deid.errors import DeidError
from philae.deid.identifiers import IDENTIFYING, Identifier, identifiers_in, sort_of
from philae.deid.leak_places import LeakPlaces
from philae.deid.leaving import Leaving, leaving, windows
from philae.dicom.layout import layout_of
from philae.dicom.pick import Picker
from philae.dicom.scan import Encoded, MalformedDataset, elements, inflate
from philae.dicom.standard.dictionary import keyword_of, vr_of
from philae.dicom.tags import format_tag
from philae.dicom.values import Codecs, codecs_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.deid.engine import CompiledProfile
    from philae.deid.plan import Plan
    from philae.dicom.splice import Edit
    from philae.dicom.syntax import TransferSyntax

_CHARACTER_SET: Final = 0x00080005
_LONG_HEADERS: Final = (b"UN", b"UT", b"UC", b"UR")
_KNOWN_LIMIT: Final = 1 << 12
_CODECS_LIMIT: Final = 16
_ELEMENT_LIMIT: Final = 1 << 16
_LONGEST_TAKEN: Final = 1 << 20
"""Larger elements that go, such as images in sequences, are not looked through for identifiers."""


class Leak(NamedTuple):
    """An original identifier in what would leave: where, which one it is (a tag), who let it pass. No value."""

    path: str
    keyword: str
    identifier: int
    rule: str

    @override
    def __str__(self) -> str:
        what = f"{keyword_of(self.identifier) or 'UID'} {format_tag(self.identifier)}"
        return f"{self.path} {self.keyword}".rstrip() + f" would go out with the original {what} in it ({self.rule})"


class IdentifierLeft(DeidError):
    """The output of the profile still holds an original identifier; ``leaks`` says where."""

    def __init__(self, leaks: tuple[Leak, ...]) -> None:
        more = f", and {len(leaks) - 1} more" if len(leaks) > 1 else ""
        super().__init__(f"leak tripwire: {leaks[0]}{more}; write a rule for it, K keeps it on purpose")
        self.leaks = leaks


class Tripwire:
    """Checks the output of one compiled profile. Safe for many threads; what it remembers is bounded.

    Large binary values such as pixel data are searched only with ``all_bytes``.
    """

    def __init__(self, compiled: CompiledProfile, *, all_bytes: bool = False) -> None:
        self._compiled = compiled
        self._all_bytes = all_bytes
        self._pickers: dict[str, Picker] = {}
        self._known: dict[Codecs, dict[bytes, tuple[Identifier, ...]]] = {}

    def check(self, encoded: Encoded, plan: Plan) -> None:
        """Raises `IdentifierLeft` if what leaves under ``plan`` holds an original identifier."""
        leaks = self.leaks(encoded, plan)
        if leaks:
            raise IdentifierLeft(leaks)

    def leaks(self, encoded: Encoded, plan: Plan) -> tuple[Leak, ...]:
        """Every place where an original identifier would leave although nobody decided that it may."""
        encoded = inflate(encoded)
        outgoing = leaving(encoded, plan)
        wanted = self._wanted(encoded, plan, outgoing.taken)
        suspects = self._present(encoded, plan, outgoing, wanted)
        if not suspects:
            return ()
        decisions = Decisions(self._compiled, plan.sop_class_uid)
        places = LeakPlaces(encoded, plan, decisions, all_bytes=self._all_bytes)
        return tuple(
            Leak(path, keyword_of(tag) or "", identifier, self._said(rule))
            for path, tag, identifier, rule in places.of(suspects)
        )

    def _wanted(self, encoded: Encoded, plan: Plan, taken: Iterable[Edit]) -> list[Identifier]:
        """The identifiers that the plan takes away somewhere, and those of the top level that no rule speaks of."""
        picked: dict[int, bytes] = {}
        picker = self._picker(plan.sop_class_uid)
        picker.pick(encoded.source, encoded.start, encoded.end, layout_of(encoded.syntax), picked)
        codecs = codecs_of(picked.pop(_CHARACTER_SET, b"").decode("latin-1"))
        wanted: list[Identifier] = []
        known, source = self._known_in(codecs), encoded.source
        for edit in taken:
            start, end, _, cause = edit
            if end - start > _LONGEST_TAKEN:
                continue
            element = bytes(source[start:end])
            found = known.get(element)
            if found is None:
                if cause[4] == STRUCTURE:
                    continue
                found = _identifiers_of(element, edit, encoded.syntax, codecs)
                if len(element) <= _ELEMENT_LIMIT:
                    known[element] = found
            wanted += found
        for tag, raw in picked.items():
            sort = sort_of(tag, "")
            if sort is not None:
                wanted += identifiers_in(tag, sort, raw, codecs)
        return wanted

    def _picker(self, sop_class_uid: str) -> Picker:
        picker = self._pickers.get(sop_class_uid)
        if picker is None:
            decisions = Decisions(self._compiled, sop_class_uid)
            silent = [tag for tag in IDENTIFYING if not decisions.of((), tag, vr_of(tag) or "UN").is_spoken]
            if len(self._pickers) >= _KNOWN_LIMIT:
                self._pickers.clear()
            picker = self._pickers[sop_class_uid] = Picker((_CHARACTER_SET, *silent))
        return picker

    def _known_in(self, codecs: Codecs) -> dict[bytes, tuple[Identifier, ...]]:
        """The identifiers in elements that were taken away before, as these codecs read them."""
        known = self._known.get(codecs)
        if known is None or len(known) >= _KNOWN_LIMIT:
            if len(self._known) >= _CODECS_LIMIT:
                self._known.clear()
            known = self._known[codecs] = {}
        return known

    def _present(self, encoded: Encoded, plan: Plan, outgoing: Leaving, wanted: list[Identifier]) -> set[Identifier]:
        """Those whose bytes are anywhere in what leaves."""
        pieces = outgoing.pieces
        apart: list[bytes] = []
        for kept in outgoing.large:
            for _, window in windows(encoded, plan, kept, all_bytes=self._all_bytes):
                (apart if len(window) > _ELEMENT_LIMIT else pieces).append(window)
        present: set[Identifier] = set()
        for haystack in (b"".join(pieces), *apart):
            lowered = haystack.lower()
            probed: dict[bytes, bool] = {}
            for identifier in wanted:
                _, _, needle, probe = identifier
                is_there = probed.get(probe)
                if is_there is None:
                    is_there = probed[probe] = probe in lowered
                if is_there and needle in lowered:
                    present.add(identifier)
        return present

    def _said(self, rule: int | None) -> str:
        return "no rule speaks of it" if rule is None else f"rule {self._compiled.rule_name(rule)!r}"


def _identifiers_of(element: bytes, edit: Edit, syntax: TransferSyntax, codecs: Codecs) -> tuple[Identifier, ...]:
    """The identifiers in an element that is taken away, or below it."""
    tag, vr = edit.cause.tag, edit.cause.vr
    sort = sort_of(tag, vr)
    if sort is not None:
        is_long = element[4:6] in _LONG_HEADERS and not syntax.implicit
        return identifiers_in(tag, sort, element[12 if is_long else 8 :], codecs)
    found: list[Identifier] = []
    try:
        for header in elements(Encoded(element, 0, len(element), syntax)):
            sort = sort_of(header.tag, header.vr)
            if sort is not None:
                found += identifiers_in(header.tag, sort, element[header.value : header.end], codecs)
    except MalformedDataset:
        return tuple(found)
    return tuple(found)

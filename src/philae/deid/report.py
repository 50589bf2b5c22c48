"""A plan as rows for people: which attribute, what was there, what will be there, which rule says so and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.decisions import IN_EVERY_INSTANCE, Decisions
from philae.deid.entries import DEFAULT_ATTRIBUTES, STRUCTURE
from philae.dicom.headers import read_header
from philae.dicom.layout import layout_of
from philae.dicom.scan import ElementHeader, Encoded, elements, inflate
from philae.dicom.standard.dictionary import keyword_of
from philae.dicom.tags import format_tag
from philae.dicom.values import ASCII, STRING_VRS, TEXT_VRS, Codecs, codecs_of, first_value, whole_value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.engine import CompiledProfile
    from philae.deid.plan import Plan
    from philae.dicom.splice import Edit

_CHARACTER_SET: Final = 0x00080005
LONGEST: Final = 64


class Row(NamedTuple):
    """One attribute, for people to read: long values are cut, binary ones told by size.

    ``path`` is like ``(0008,1140)[1].(0008,1155)`` with items counted from 1. ``before`` is None for an attribute that
    is added, ``after`` None for one that goes. ``rule`` is empty where nobody says anything.
    """

    path: str
    keyword: str
    vr: str
    before: str | None
    after: str | None
    action: str
    rule: str
    reason: str

    @property
    def change(self) -> str:
        """``added``, ``removed``, ``emptied``, ``changed`` or ``kept``."""
        if self.before is None:
            return "added"
        if self.after is None:
            return "removed"
        if self.action == "K":
            return "kept"
        return "changed" if self.after else "emptied"


def rows(
    plan: Plan, encoded: Encoded, compiled: CompiledProfile, *, kept: bool = False, longest: int = LONGEST
) -> Iterator[Row]:
    """Every change that ``plan`` makes to ``encoded``, in the order of the dataset; with ``kept`` also what stays.

    Holds patients' values. Raises `MalformedDataset`.
    """
    return _Rows(plan, inflate(encoded), compiled, longest).all(kept=kept)


class _Rows:
    """The rows of one instance."""

    def __init__(self, plan: Plan, encoded: Encoded, compiled: CompiledProfile, longest: int) -> None:
        self._longest = longest
        edits = [edit for edit in plan.edits if edit.cause.rule != STRUCTURE]
        self._changes = {edit.start: edit for edit in edits if edit.end > edit.start}
        self._added = [edit for edit in edits if edit.end == edit.start]
        self._encoded = encoded
        self._compiled = compiled
        self._decisions = Decisions(compiled, plan.sop_class_uid)
        self._codecs: Codecs = ASCII

    def all(self, *, kept: bool) -> Iterator[Row]:
        source, added = self._encoded.source, self._added
        gone: Edit | None = None
        for header in elements(self._encoded):
            if header.tag == _CHARACTER_SET and not header.path:
                self._codecs = codecs_of(bytes(source[header.value : header.end]).decode("latin-1"))
            while added and added[0].start <= header.start:
                yield self._addition(added.pop(0))
            edit = self._changes.get(header.start)
            if edit is not None and edit.end == header.end:
                gone = edit
                yield self._change(edit, header)
            elif kept and gone is not None and header.start < gone.end:
                yield self._below(gone, header)
            elif kept and header.tag & 0xFFFF:
                yield self._untouched(header)
        for edit in added:
            yield self._addition(edit)

    def _addition(self, edit: Edit) -> Row:
        cause = edit.cause
        path = "".join(f"{format_tag(parent)}." for parent in cause.path)
        return self._row(path + format_tag(cause.tag), edit, None, self._after(edit, None))

    def _change(self, edit: Edit, header: ElementHeader) -> Row:
        return self._row(_path(header), edit, self._before(header), self._after(edit, header) if edit.data else None)

    def _below(self, edit: Edit, header: ElementHeader) -> Row:
        """Content of a sequence that goes as a whole."""
        rule = self._compiled.rule_name(edit.cause.rule)
        return Row(
            path=_path(header),
            keyword=keyword_of(header.tag) or "",
            vr=header.vr,
            before=self._before(header),
            after=None,
            action=edit.cause.action,
            rule=rule,
            reason="goes with the sequence around it",
        )

    def _untouched(self, header: ElementHeader) -> Row:
        decision = self._decisions.of(tuple(tag for tag, _ in header.path), header.tag, header.vr)
        value = self._before(header)
        is_spoken = decision.is_spoken and decision.rule != DEFAULT_ATTRIBUTES
        return Row(
            path=_path(header),
            keyword=keyword_of(header.tag) or "",
            vr=header.vr,
            before=value,
            after=value,
            action="K",
            rule=self._compiled.rule_name(decision.rule) if is_spoken else "",
            reason=decision.reason,
        )

    def _row(self, path: str, edit: Edit, before: str | None, after: str | None) -> Row:
        tag, vr, parents, action, rule = edit.cause
        decision = self._decisions.of(parents, tag, vr)
        if rule < 0:
            reason = IN_EVERY_INSTANCE
        elif decision.rule == rule:
            reason = decision.reason
        else:
            reason = self._compiled.elements[rule].describe()
        return Row(path, keyword_of(tag) or "", vr, before, after, action, self._compiled.rule_name(rule), reason)

    def _before(self, header: ElementHeader) -> str:
        raw = bytes(self._encoded.source[header.value : min(header.end, header.value + 4 * self._longest)])
        size = header.end - header.value
        return self._text(raw, header.vr, size, big_endian=header.layout.big_endian)

    def _after(self, edit: Edit, header: ElementHeader | None) -> str | None:
        if not edit.data:
            return None
        layout = header.layout if header is not None else layout_of(self._encoded.syntax)
        _, vr, value, length = read_header(edit.data, 0, len(edit.data), layout)
        return self._text(edit.data[value:], vr, length, big_endian=layout.big_endian)

    def _text(self, raw: bytes, vr: str, length: int, *, big_endian: bool) -> str:
        if not length:
            return ""
        if vr == "SQ":
            return "sequence"
        if vr not in STRING_VRS:
            number = first_value(raw, vr, big_endian=big_endian)
            return number if length <= 8 and vr not in ("OB", "OW", "UN") else f"{length} bytes"
        text = whole_value(raw, vr, self._codecs if vr in TEXT_VRS else ASCII)
        return text if len(text) <= self._longest else f"{text[: self._longest - 1]}…"


def _path(header: ElementHeader) -> str:
    parents = "".join(f"{format_tag(parent)}[{item + 1}]." for parent, item in header.path)
    return parents + format_tag(header.tag)

"""A plan as rows for people: which attribute, what was there, what will be there, which rule says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.levels import STRUCTURE
from philae.dicom.headers import read_header
from philae.dicom.layout import layout_of
from philae.dicom.scan import ElementHeader, Encoded, elements, inflate
from philae.dicom.standard.dictionary import keyword_of
from philae.dicom.tags import format_tag
from philae.dicom.values import ASCII, STRING_VRS, TEXT_VRS, Codecs, codecs_of, first_value, whole_value

if TYPE_CHECKING:
    from philae.deid.engine import CompiledProfile
    from philae.deid.plan import Plan
    from philae.dicom.splice import Edit

_CHARACTER_SET: Final = 0x00080005
_LONGEST: Final = 64


class Row(NamedTuple):
    """One change, for people to read: long values are cut, binary ones told by size.

    ``path`` is like ``(0008,1140)[1].(0008,1155)`` with items counted from 1. ``before`` is None for an attribute that
    is added, ``after`` None for one that goes.
    """

    path: str
    keyword: str
    vr: str
    before: str | None
    after: str | None
    action: str
    rule: str


def rows(plan: Plan, encoded: Encoded, compiled: CompiledProfile) -> Iterator[Row]:
    """Every change that ``plan`` makes to ``encoded``, in the order of the dataset. Holds patients' values."""
    plain = inflate(encoded)
    changes = {edit.start: edit for edit in plan.edits if edit.cause.rule != STRUCTURE and edit.end > edit.start}
    added = [edit for edit in plan.edits if edit.end == edit.start]
    codecs = ASCII
    for header in elements(plain):
        if header.tag == _CHARACTER_SET and not header.path:
            codecs = codecs_of(bytes(plain.source[header.value : header.end]).decode("latin-1"))
        while added and added[0].start <= header.start:
            yield _row(added.pop(0), None, plain, codecs, compiled)
        edit = changes.get(header.start)
        if edit is not None and edit.end == header.end:
            yield _row(edit, header, plain, codecs, compiled)
    for edit in added:
        yield _row(edit, None, plain, codecs, compiled)


def _row(edit: Edit, header: ElementHeader | None, encoded: Encoded, codecs: Codecs, compiled: CompiledProfile) -> Row:
    tag, layout = edit.cause.tag, header.layout if header else layout_of(encoded.syntax)
    before = after = None
    if header is not None:
        raw = bytes(encoded.source[header.value : min(header.end, header.value + 4 * _LONGEST)])
        before = _text(raw, header.vr, header.end - header.value, codecs, big_endian=layout.big_endian)
    if edit.data:
        _, vr, value, length = read_header(edit.data, 0, len(edit.data), layout)
        after = _text(edit.data[value:], vr, length, codecs, big_endian=layout.big_endian)
    parents = "".join(f"{format_tag(parent)}[{item + 1}]." for parent, item in (header.path if header else ()))
    return Row(
        path=parents + format_tag(tag),
        keyword=keyword_of(tag) or "",
        vr=edit.cause.vr,
        before=before,
        after=after,
        action=edit.cause.action,
        rule=compiled.rule_name(edit.cause.rule),
    )


def _text(raw: bytes, vr: str, length: int, codecs: Codecs, *, big_endian: bool) -> str:
    if not length:
        return ""
    if vr == "SQ":
        return "sequence"
    if vr not in STRING_VRS:
        number = first_value(raw, vr, big_endian=big_endian)
        return number if length <= 8 and vr not in ("OB", "OW", "UN") else f"{length} bytes"
    text = whole_value(raw, vr, codecs if vr in TEXT_VRS else ASCII)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"

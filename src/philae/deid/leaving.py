"""What of an instance leaves, as bytes to search: kept ranges of the source and new values, large binary ones left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from philae.deid.entries import DEFAULT_ATTRIBUTES, STRUCTURE
from philae.deid.identifiers import IDENTIFYING
from philae.dicom.headers import end_of_undefined, read_header
from philae.dicom.layout import UNDEFINED, layout_of
from philae.dicom.splice import Span, splice

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.plan import Plan
    from philae.dicom.scan import Encoded
    from philae.dicom.splice import Edit

LARGE: Final = 1 << 14
"""Binary values of more bytes are bulk data, which is searched only when asked for."""
_HEAD: Final = 1 << 15
_WINDOW: Final = 1 << 20
_OVERLAP: Final = 1 << 10
_HOLDERS: Final = frozenset({"UI", "SQ", "UN"})
_BINARY: Final = "O"
"""The VRs of bulk data begin so: OB, OD, OF, OL, OV, OW."""


class Leaving(NamedTuple):
    """``pieces`` are new values and early kept ranges, ``large`` the other kept ranges, ``taken`` what goes instead."""

    pieces: list[bytes]
    large: list[Span]
    taken: list[Edit]


def leaving(encoded: Encoded, plan: Plan) -> Leaving:
    """What leaves under ``plan``. The default attributes are not in it: they hold the new identity, not the old one."""
    position = encoded.start
    limit = min(position + _HEAD, plan.edits[-1].start if plan.edits else position)
    head = bytes(encoded.source[:limit])  # slices of it cost least
    pieces: list[bytes] = []
    large: list[Span] = []
    for start, end, data, cause in plan.edits:
        if start > position:
            if start <= limit:
                pieces.append(head[position:start])
            else:
                large.append(Span(position, start))
        if data and cause[4] != DEFAULT_ATTRIBUTES:
            pieces.append(data)
        position = end
    if encoded.end > position:
        large.append(Span(position, encoded.end))
    taken = [edit for edit in plan.edits if edit[3][1] in _HOLDERS or edit[3][0] in IDENTIFYING]
    return Leaving(pieces, large, taken)


def kept_ranges(encoded: Encoded, plan: Plan) -> Iterator[Span]:
    """Every range of the source that leaves as it is."""
    return (segment for segment in splice(encoded, plan.edits) if isinstance(segment, Span))


def windows(encoded: Encoded, plan: Plan, kept: Span, *, all_bytes: bool) -> Iterator[tuple[int, bytes]]:
    """The bytes of a range with their offset, in pieces that overlap and keep memory bounded."""
    small = all_bytes or kept.end - kept.start <= LARGE
    for start, end in (kept,) if small else _without_bulk(encoded, kept, _boundary(encoded, plan, kept.start)):
        for position in range(start, end, _WINDOW):
            yield position, bytes(encoded.source[position : min(position + _WINDOW + _OVERLAP, end)])


def _boundary(encoded: Encoded, plan: Plan, position: int) -> int:
    """Where an element of the top level begins, at ``position`` or as short before it as the plan tells."""
    for edit in reversed(plan.edits):
        if edit.end <= position and not edit.cause.path and edit.cause.rule != STRUCTURE:
            return edit.end
    return encoded.start


def _without_bulk(encoded: Encoded, kept: Span, position: int) -> Iterator[tuple[int, int]]:
    """The range without large binary values of the top level, whose headers are passed over."""
    source, limit, layout = encoded.source, encoded.end, layout_of(encoded.syntax)
    start, end = kept
    while position < end and end - start > LARGE:
        tag, vr, value, length = read_header(source, position, limit, layout)
        is_undefined = length == UNDEFINED
        behind = end_of_undefined(source, value, limit, layout, tag, vr) if is_undefined else value + length
        if vr.startswith(_BINARY) and behind - value > LARGE and value >= start:
            yield start, value
            start = behind
        position = behind
    if start < end:
        yield start, end

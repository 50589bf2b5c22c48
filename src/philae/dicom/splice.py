"""Edits on an encoded dataset, and the segments that a dataset consists of once they are made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from philae.dicom.scan import Buffer, Encoded


class Cause(NamedTuple):
    """Why bytes change: the attribute, what happens to it, and which rule says so.

    ``path`` holds the tags of the enclosing sequences, outermost first. ``rule`` is the position of a profile
    element, or negative for what no profile element asked for.
    """

    tag: int
    vr: str
    path: tuple[int, ...]
    action: str
    rule: int


class Edit(NamedTuple):
    """Replace the source bytes from ``start`` to ``end`` by ``data``; an insertion has ``start`` equal to ``end``."""

    start: int
    end: int
    data: bytes
    cause: Cause


class Span(NamedTuple):
    """Bytes of the source that go out as they are."""

    start: int
    end: int


Segment: TypeAlias = bytes | Span


def splice(encoded: Encoded, edits: Iterable[Edit]) -> list[Segment]:
    """The dataset with ``edits`` made, which must ascend and not overlap; what no edit covers stays a span."""
    segments: list[Segment] = []
    append = segments.append
    position = encoded.start
    for start, end, data, _ in edits:
        if start > position:
            append(Span(position, start))
        if data:
            append(data)
        position = end
    if encoded.end > position:
        append(Span(position, encoded.end))
    return segments


def length(segments: Iterable[Segment]) -> int:
    """How many bytes the segments are."""
    return sum(len(segment) if isinstance(segment, bytes) else segment[1] - segment[0] for segment in segments)


def joined(source: Buffer, segments: Sequence[Segment]) -> bytes:
    """The segments as one piece; for small datasets, tests and people."""
    view = memoryview(source)
    return b"".join(
        segment if isinstance(segment, bytes) else bytes(view[segment.start : segment.end]) for segment in segments
    )

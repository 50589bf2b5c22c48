"""Elements of an encoded dataset, found by their headers: values are passed by, never copied."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from philae.dicom.headers import Buffer, MalformedDataset, end_of_undefined, read_header
from philae.dicom.identify import Identifiers, identify
from philae.dicom.layout import IMPLICIT, ITEM, ITEM_END, SEQUENCE_END, UNDEFINED, Layout, layout_of
from philae.dicom.syntax import EXPLICIT_LE, TransferSyntax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.dicom.splice import Segment

__all__ = [
    "MAX_DEPTH",
    "Buffer",
    "ElementHeader",
    "Encoded",
    "Identifiers",
    "MalformedDataset",
    "deflate",
    "elements",
    "end_of_undefined",
    "identify",
    "inflate",
    "read_header",
]

MAX_DEPTH: Final = 220  # sequences in sequences; real ones stay below ten
INFLATED_LIMIT: Final = 1 << 31
_RAW_DEFLATE: Final = -15


@dataclass(frozen=True, slots=True)
class Encoded:
    """One encoded dataset: the bytes from ``start`` to ``end`` of ``source``."""

    source: Buffer
    start: int
    end: int
    syntax: TransferSyntax


class ElementHeader(NamedTuple):
    """Where an element lies. ``path`` holds (tag, item number from 0) of the enclosing sequences, outermost first.

    ``end`` is behind the value and its delimiter; ``length`` is None where it is undefined. ``vr`` is SQ for a UN
    element that holds items.
    """

    path: tuple[tuple[int, int], ...]
    tag: int
    vr: str
    start: int
    value: int
    end: int
    length: int | None
    layout: Layout


def elements(encoded: Encoded, *, nested: bool = True) -> Iterator[ElementHeader]:
    """Every element in file order, each sequence before its content. Raises ``MalformedDataset`` where reading ends.

    ``end`` of a sequence with undefined length costs a look through it; without ``nested`` its content is not yielded.
    """
    if encoded.syntax.deflated:
        encoded = inflate(encoded)
    yield from _Walk(encoded.source, nested=nested).dataset((), encoded.start, encoded.end, layout_of(encoded.syntax))


def inflate(encoded: Encoded, limit: int = INFLATED_LIMIT) -> Encoded:
    """The dataset of a deflated syntax in plain Explicit VR Little Endian; others as they are.

    Raises ``MalformedDataset`` if the stream is damaged or would exceed ``limit`` bytes.
    """
    if not encoded.syntax.deflated:
        return encoded
    stream = zlib.decompressobj(_RAW_DEFLATE)
    try:
        with memoryview(encoded.source) as view:
            plain = stream.decompress(view[encoded.start : encoded.end], limit)
    except zlib.error:
        raise MalformedDataset("the deflated stream is damaged", encoded.start) from None
    if not stream.eof:
        problem = f"it inflates to more than {limit} bytes" if len(plain) >= limit else "the deflated stream is cut off"
        raise MalformedDataset(problem, encoded.start)
    return Encoded(plain, 0, len(plain), EXPLICIT_LE)


def deflate(plain: Encoded, segments: Sequence[Segment]) -> bytes:
    """The segments of an inflated dataset as one deflated stream, padded to even length (PS3.5 A.5)."""
    stream = zlib.compressobj(wbits=_RAW_DEFLATE)
    with memoryview(plain.source) as view:
        parts = [
            stream.compress(segment if isinstance(segment, bytes) else view[segment.start : segment.end])
            for segment in segments
        ]
    packed = b"".join((*parts, stream.flush()))
    return packed + b"\0" * (len(packed) % 2)


class _Walk:
    """Yields headers depth first; bounded by ``MAX_DEPTH``."""

    __slots__ = ("_ends", "_nested", "_source")

    def __init__(self, source: Buffer, *, nested: bool) -> None:
        self._ends: dict[int, int] = {}
        self._source = source
        self._nested = nested

    def dataset(
        self, path: tuple[tuple[int, int], ...], position: int, end: int, layout: Layout
    ) -> Iterator[ElementHeader]:
        """The elements from ``position`` to ``end``; an explicit stack holds the sequences and items that are open."""
        stack = [_Open(path, position, end, layout, is_item=True)]
        while stack:
            here = stack[-1]
            if here.position >= here.end:
                stack.pop()
            elif here.is_item:
                header = self._element(here)
                if header is not None:
                    yield header
                    here.position = header.end
                    if self._nested and header.vr == "SQ":
                        stack.append(_opened(header))
                        if len(stack) > 2 * MAX_DEPTH:
                            raise MalformedDataset("sequences are nested too deep", header.start, header.tag)
            else:
                item = self._item(here)
                if item is not None:
                    stack.append(item)

    def _element(self, here: _Open) -> ElementHeader | None:
        start = here.position
        tag, vr, value, length = read_header(self._source, start, here.end, here.layout)
        if tag == ITEM_END:
            here.position = here.end
            return None
        if not vr:
            raise MalformedDataset("a delimiter without its sequence", start, tag)
        layout = here.layout
        if length == UNDEFINED:
            end = self._ends.get(value) or end_of_undefined(self._source, value, here.end, layout, tag, vr, self._ends)
            if vr == "UN":
                vr, layout = "SQ", IMPLICIT
            return ElementHeader(here.path, tag, vr, start, value, end, None, layout)
        return ElementHeader(here.path, tag, vr, start, value, value + length, length, layout)

    def _item(self, here: _Open) -> _Open | None:
        start = here.position
        tag, _, value, length = read_header(self._source, start, here.end, here.layout)
        if tag == SEQUENCE_END:
            here.position = here.end
            return None
        if tag != ITEM:
            raise MalformedDataset("an item of the sequence was expected", start, here.tag)
        end = value + length
        if length == UNDEFINED:
            end = self._ends.get(value) or self._end_of_item(value, here)
        elif end > here.end:
            raise MalformedDataset("an item leads beyond the end of its sequence", start, here.tag)
        here.position = end
        here.item_number += 1
        return _Open((*here.path, (here.tag, here.item_number - 1)), value, end, here.layout, is_item=True)

    def _end_of_item(self, position: int, here: _Open) -> int:
        """Where an item of undefined length in a sequence of known length ends."""
        start = position
        while position + 8 <= here.end:
            tag, vr, value, length = read_header(self._source, position, here.end, here.layout)
            if tag == ITEM_END:
                self._ends[start] = value
                return value
            if not vr:
                raise MalformedDataset("a delimiter without its sequence", position, tag)
            position = value + length
            if length == UNDEFINED:
                position = end_of_undefined(self._source, value, here.end, here.layout, tag, vr, self._ends)
        raise MalformedDataset("the delimiter of an item is missing", start, here.tag)


class _Open:
    """A sequence or an item (or the dataset itself) that is being read."""

    __slots__ = ("end", "is_item", "item_number", "layout", "path", "position", "tag")

    def __init__(
        self,
        path: tuple[tuple[int, int], ...],
        position: int,
        end: int,
        layout: Layout,
        *,
        is_item: bool,
        tag: int = 0,
    ) -> None:
        self.path = path
        self.position = position
        self.end = end
        self.layout = layout
        self.is_item = is_item
        self.tag = tag
        self.item_number = 0


def _opened(header: ElementHeader) -> _Open:
    return _Open(header.path, header.value, header.end, header.layout, is_item=False, tag=header.tag)

"""What happens to an instance whose pixels change, and the segments that it then consists of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, TypeAlias

from philae.deid.pixels.content import Content
from philae.deid.pixels.face_figures import NO_FACE, FaceFigures
from philae.deid.pixels.relayout import relaid
from philae.dicom.layout import UNDEFINED, layout_of
from philae.dicom.scan import Encoded, deflate
from philae.dicom.splice import Cause, Edit, Segment, Span, joined, splice
from philae.dicom.values import padded

if TYPE_CHECKING:
    from philae.deid.methods import MethodCode
    from philae.deid.pixels.module import Image
    from philae.dicom.layout import Layout
    from philae.dicom.syntax import TransferSyntax

_DIGEST_SHOWN: Final = 16

Piece: TypeAlias = Segment | Content
Attribute: TypeAlias = tuple[str, "str | int"]


@dataclass(frozen=True, slots=True)
class PixelChange:
    """New pixels, and the attributes that go with them.

    ``content`` is the new Pixel Data element, None if it stays. ``attributes`` of the top level get a VR and a value,
    or None to be removed. ``blanked`` are ranges of pixels in sequences that become zeros. For the record there are
    ``mask_digest``, empty without a mask, ``painted``, how many frames each painter changed, what that comes to, what
    was ``found`` on the way, and how well a ``face`` was hidden.
    """

    image: Image
    syntax: TransferSyntax
    content: Content | None = None
    attributes: Mapping[int, Attribute | None] = field(default_factory=dict)
    blanked: tuple[tuple[int, int], ...] = ()
    mask_digest: str = ""
    painted: tuple[int, ...] = ()
    methods: tuple[MethodCode, ...] = ()
    found: str = ""
    face: FaceFigures = NO_FACE

    @property
    def remark(self) -> str:
        """What was done, for the record; empty for a change of the transfer syntax alone."""
        told = (
            self.mask_digest and f"mask sha256:{self.mask_digest[:_DIGEST_SHOWN]}",
            self.found,
            f"defaced: {self.face.words}" if self.face.slices else "",
        )
        return ", ".join(filter(None, told))

    def edits(self, rule: int) -> tuple[Edit, ...]:
        """The changed attributes as edits of the instance in the order of the file, caused by ``rule``."""
        found = [edit for tag in self.attributes for edit in self._edit(tag, rule)]
        for start, end in self.blanked:
            found.append(Edit(start, end, bytes(end - start), Cause(0x7FE00010, "OW", (), "Z", rule)))
        return tuple(sorted(found, key=_place))

    def _edit(self, tag: int, rule: int) -> Iterator[Edit]:
        image, attribute = self.image, self.attributes[tag]
        header = image.elements.get(tag)
        if attribute is None:
            if header is not None:
                yield Edit(header.start, header.end, b"", Cause(tag, header.vr, (), "X", rule))
            return
        vr, value = attribute
        element = _element(image.layout, tag, vr, value)
        if header is None:
            at = next((other.start for other in image.elements.values() if other.tag > tag), image.encoded.end)
            yield Edit(at, at, element, Cause(tag, vr, (), "D", rule))
        else:
            yield Edit(header.start, header.end, element, Cause(tag, vr, (), "D", rule))


def assembled(change: PixelChange, edits: Iterable[Edit] = (), *, rule: int = -1) -> list[Piece]:
    """The instance in ``change.syntax`` with ``edits``, those of a plan, and the change made.

    Where both speak of an element of the top level, the change wins, except for Pixel Data: a plan that takes them
    away has its way. Ranges are of the source of ``change.image``. Raises `MalformedDataset`.
    """
    image = change.image
    planned = tuple(edits)
    if any(edit.start <= image.pixel_data.start < edit.end for edit in planned):
        return [*splice(image.encoded, planned)]
    merged = _merged(change, planned, rule)
    pixels = image.pixel_data
    before = Encoded(image.encoded.source, image.encoded.start, pixels.start, image.encoded.syntax)
    behind = Encoded(image.encoded.source, pixels.end, image.encoded.end, image.encoded.syntax)
    head = splice(before, (edit for edit in merged if edit.end <= pixels.start))
    tail = splice(behind, (edit for edit in merged if edit.start >= pixels.end))
    if layout_of(change.syntax) is image.layout:
        whole: list[Piece] = [*head, *_pixels(change), *tail]
    else:
        whole = [_relaid(before, head, change.syntax), *_pixels(change), _relaid(behind, tail, change.syntax)]
    return _deflated(change, whole) if change.syntax.deflated else whole


def flattened(pieces: Sequence[Piece]) -> Iterator[Segment]:
    """The pieces with content taken apart."""
    for piece in pieces:
        if isinstance(piece, bytes | Span):
            yield piece
        else:
            yield from piece.segments()


def length(pieces: Iterable[Piece]) -> int:
    """How many bytes the pieces are."""
    return sum(_length(piece) for piece in pieces)


def _length(piece: Piece) -> int:
    if isinstance(piece, bytes):
        return len(piece)
    return piece.end - piece.start if isinstance(piece, Span) else piece.length


def _pixels(change: PixelChange) -> tuple[Piece, ...]:
    pixels, image = change.image.pixel_data, change.image
    if change.content is not None:
        return (change.content,)
    layout = layout_of(change.syntax)
    if layout is image.layout:
        return (Span(pixels.start, pixels.end),)
    vr = "OW" if layout.implicit or image.module.bits_allocated > 8 else "OB"
    number = UNDEFINED if pixels.length is None else pixels.length
    return (layout.header(pixels.tag, vr, number), Span(pixels.value, pixels.end))


def _merged(change: PixelChange, planned: tuple[Edit, ...], rule: int) -> list[Edit]:
    """All edits in file order, without what the plan does to what we change, and the other way round in sequences."""
    kept = [
        edit
        for edit in planned
        if (edit.cause.path or (edit.cause.tag,))[0] not in change.attributes
        and not any(start <= edit.start < edit.end <= end for start, end in change.blanked)
    ]
    removed = [(edit.start, edit.end) for edit in kept if edit.end > edit.start]
    ours = change.edits(rule)
    added = [edit for edit in ours if not any(start <= edit.start < edit.end <= end for start, end in removed)]
    return sorted((*kept, *added), key=_place)


def _place(edit: Edit) -> tuple[int, bool, int]:
    """Insertions into a sequence that ends here come before those of the next element of the top level."""
    at_top = not edit.cause.path
    return edit.start, at_top, edit.cause.tag if at_top else 0


def _relaid(part: Encoded, segments: Sequence[Segment], syntax: TransferSyntax) -> bytes:
    whole = joined(part.source, segments)
    return relaid(Encoded(whole, 0, len(whole), part.syntax), syntax)


def _deflated(change: PixelChange, pieces: Sequence[Piece]) -> list[Piece]:
    return [deflate(change.image.encoded, list(flattened(pieces)))]


def _element(layout: Layout, tag: int, vr: str, value: str | int) -> bytes:
    raw = layout.u16.pack(value) if isinstance(value, int) else padded(value.encode("ascii"), vr)
    return layout.header(tag, vr, len(raw)) + raw

"""What leaves of one instance: its edited header, and around it what its pixels become."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from philae.deid.attributes import METHODS, with_methods
from philae.deid.errors import Unreadable
from philae.deid.pixels.codec import AS_IT_CAME
from philae.deid.pixels.face_figures import NO_FACE, FaceFigures
from philae.dicom.headers import MalformedDataset
from philae.dicom.scan import deflate
from philae.dicom.splice import Span, joined, splice

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from philae.deid.pixels.change import Piece, PixelChange
    from philae.deid.pixels.codec import Transcoding
    from philae.deid.pixels.face_survey import Fronts
    from philae.deid.pixels.order import PixelOrder
    from philae.deid.plan import Plan
    from philae.dicom.scan import Encoded
    from philae.dicom.splice import Edit, Segment
    from philae.dicom.syntax import TransferSyntax


@dataclass(frozen=True, slots=True)
class Output:
    """A dataset in ``syntax``, in pieces; none of an instance that the plan excludes.

    ``remark`` says for the record what was done to the pixels, ``face`` how well one was hidden.
    """

    plan: Plan
    syntax: TransferSyntax
    pieces: Sequence[Piece]
    remark: str = ""
    face: FaceFigures = NO_FACE

    def segments(self) -> Iterator[Segment]:
        """The pieces with new pixels taken apart: made or read as they are asked for."""
        for piece in self.pieces:
            if isinstance(piece, bytes | Span):
                yield piece
            else:
                yield from piece.segments()


def planned_output(
    plain: Encoded,
    plan: Plan,
    came: TransferSyntax,
    transcoding: Transcoding = AS_IT_CAME,
    fronts: Fronts | None = None,
) -> Output:
    """The ``plan`` for ``plain``, which came in ``came``, carried out. Raises `PixelFault` or `Unreadable`."""
    if plan.excluded is not None:
        return Output(plan, came, ())
    order = plan.pixels if plan.pixels is not None and plan.pixels.asks else None
    note = plan.pixels.note if plan.pixels is not None else ""
    change = None
    if order is not None or transcoding.syntax_uid is not None:
        change = _pixel_change(plain, plan, order, came, transcoding, fronts)
    if change is None:
        segments = splice(plain, plan.edits)
        return Output(plan, came, [deflate(plain, segments)] if came.deflated else segments, note)
    from philae.deid.pixels.change import assembled  # noqa: PLC0415 - numpy costs start-up time

    pieces = assembled(change, _with_methods(plan, change))
    output = Output(plan, change.syntax, pieces, ", ".join(filter(None, (change.remark, note))), change.face)
    if came.deflated and not change.syntax.deflated:  # what spans speak of is nowhere but in memory
        return replace(output, pieces=[joined(plain.source, [*output.segments()])])
    return output


def _pixel_change(
    plain: Encoded,
    plan: Plan,
    order: PixelOrder | None,
    came: TransferSyntax,
    transcoding: Transcoding,
    fronts: Fronts | None,
) -> PixelChange | None:
    from philae.deid.pixels.fulfil import fulfilled  # noqa: PLC0415 - numpy costs start-up time

    try:
        return fulfilled(plain, plan.edits, order, came, transcoding, fronts or {})
    except MalformedDataset as fault:
        raise Unreadable(f"the dataset cannot be read: {fault}") from fault


def _with_methods(plan: Plan, change: PixelChange) -> Sequence[Edit]:
    """The edits, telling what was done to the pixels; Karnak's have told it in advance."""
    if not change.methods or plan.pixels is None or plan.pixels.compat_karnak:
        return plan.edits
    layout = change.image.layout
    return [
        edit._replace(data=with_methods(edit.data, change.methods, layout)) if edit.cause == METHODS else edit
        for edit in plan.edits
    ]

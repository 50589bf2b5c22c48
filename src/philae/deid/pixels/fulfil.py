"""An order for the pixels of one instance carried out, and its destination's transfer syntax with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from philae.deid.pixels.change import PixelChange
from philae.deid.pixels.cleaning import chosen_syntax, clean, deface, transcoded
from philae.deid.pixels.defacing import FacePainter, face_painter, zone_painter
from philae.deid.pixels.detection import with_text
from philae.deid.pixels.errors import UnhiddenFace, UnsupportedPixels
from philae.deid.pixels.face_survey import NO_FRONTS
from philae.deid.pixels.geometry import is_mr
from philae.deid.pixels.masks import choose_mask
from philae.deid.pixels.module import PIXEL_DATA, Image, read_image
from philae.deid.pixels.order import not_defaced
from philae.deid.pixels.regions import with_regions
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.deid.pixels.codec import Quality, Transcoding
    from philae.deid.pixels.face_survey import Fronts
    from philae.deid.pixels.mr_face import ZonePainter
    from philae.deid.pixels.order import PixelOrder
    from philae.deid.profile import Mask
    from philae.dicom.scan import Encoded
    from philae.dicom.splice import Edit
    from philae.dicom.syntax import TransferSyntax

_NO_HEAD: Final = "it shows no head"
_NO_FACE: Final = "the face is in other slices of its series"
_SOP_CLASS_UID: Final = 0x00080016


def fulfilled(
    plain: Encoded,
    edits: Sequence[Edit],
    order: PixelOrder | None,
    came: TransferSyntax,
    transcoding: Transcoding,
    fronts: Fronts = NO_FRONTS,
) -> PixelChange | None:
    """What becomes of the pixels of an instance that came in ``came``; None if they stay, or ``edits`` remove them.

    Raises `PixelFault` or `MalformedDataset`; the instance must not leave then.
    """
    if any(edit.cause.tag == PIXEL_DATA and not edit.cause.path for edit in edits):
        return None
    try:
        image = read_image(plain)
    except UnsupportedPixels:
        if order is not None:
            raise
        return None
    if image is None:
        return None
    uid = chosen_syntax(came.uid, transcoding.syntax_uid, only_uncompressed=transcoding.only_uncompressed)
    target = transfer_syntax(uid)
    change, told = (None, "") if order is None else _ordered(image, order, target, transcoding.quality, fronts)
    if change is None and target != came:
        change = transcoded(image, target, quality=transcoding.quality)
    if change is None:
        return PixelChange(image, target, found=told) if told else None
    return replace(change, syntax=target, found=told)


def _ordered(
    image: Image, order: PixelOrder, target: TransferSyntax, quality: Quality, fronts: Fronts
) -> tuple[PixelChange | None, str]:
    """The change, if any, and what was looked for and found or not, for the record."""
    target = EXPLICIT_LE if target.deflated else target  # the whole is deflated in the end
    face, stays = _face(image, order, fronts) if order.defaces else (None, "")
    change, told = None, ""
    if order.cleans:
        mask, told = _mask(image, order)
        change = clean(image, mask, face=face, target=target, quality=quality, compat_karnak=order.compat_karnak)
    if change is None and face is not None:
        change = deface(image, face, target=target, quality=quality)
    is_defaced = change is not None and change.face.slices > 0
    if face is not None and not is_defaced:
        stays = stays or (_NO_HEAD if isinstance(face, FacePainter) else _NO_FACE)
    return change, ", ".join(filter(None, (told, stays and not_defaced(stays))))


def _face(image: Image, order: PixelOrder, fronts: Fronts) -> tuple[FacePainter | ZonePainter | None, str]:
    """What hides the face, if anything can, and why a frame keeps it. Raises `UnhiddenFace`."""
    if not is_mr(first_text(image.value(_SOP_CLASS_UID))):
        return face_painter(image, order.seeds, always=order.is_sure, fronts=fronts), ""
    painter = zone_painter(image, fronts)
    stays = painter.skipped(image.module.frames)
    if stays and order.holds_mr:
        raise UnhiddenFace(stays)
    return (painter if painter.hides else None), stays


def _mask(image: Image, order: PixelOrder) -> tuple[Mask | None, str]:
    """The mask for the image, with the text that is found, and what is to be told of that."""
    mask = choose_mask(order.masks, order.device, image.module.columns, image.module.rows)
    if mask is not None and mask.keeps_regions:
        mask = with_regions(image, mask)
    if order.detection is None:
        return mask, ""
    mask, text = with_text(image, mask, order.detection)
    return mask, text.remark

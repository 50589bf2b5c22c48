"""An order for the pixels of one instance carried out, and its destination's transfer syntax with it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from philae.deid.pixels.cleaning import chosen_syntax, clean, deface, transcoded
from philae.deid.pixels.defacing import face_painter
from philae.deid.pixels.detection import with_text
from philae.deid.pixels.errors import UnsupportedPixels
from philae.deid.pixels.masks import choose_mask
from philae.deid.pixels.module import PIXEL_DATA, Image, read_image
from philae.dicom.syntax import EXPLICIT_LE, transfer_syntax

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.deid.pixels.change import PixelChange
    from philae.deid.pixels.codec import Quality, Transcoding
    from philae.deid.pixels.order import PixelOrder
    from philae.dicom.scan import Encoded
    from philae.dicom.splice import Edit
    from philae.dicom.syntax import TransferSyntax


def fulfilled(
    plain: Encoded,
    edits: Sequence[Edit],
    order: PixelOrder | None,
    came: TransferSyntax,
    transcoding: Transcoding,
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
    change = None if order is None else _ordered(image, order, target, transcoding.quality)
    if change is None:
        return None if target == came else transcoded(image, target, quality=transcoding.quality)
    return replace(change, syntax=target)


def _ordered(image: Image, order: PixelOrder, target: TransferSyntax, quality: Quality) -> PixelChange | None:
    target = EXPLICIT_LE if target.deflated else target  # the whole is deflated in the end
    if order.cleans:
        module = image.module
        mask = choose_mask(order.masks, order.device, module.columns, module.rows)
        found = ""
        if order.detection is not None:
            mask, text = with_text(image, mask, order.detection)
            found = text.remark
        face = face_painter(image, order.seed) if order.defaces else None
        change = clean(image, mask, face=face, target=target, quality=quality, compat_karnak=order.compat_karnak)
        if change is not None:
            return replace(change, found=found)
    return deface(image, order.seed, target=target, quality=quality) if order.defaces else None

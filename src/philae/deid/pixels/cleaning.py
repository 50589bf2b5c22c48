"""Masks and other painters applied to an image, and images brought into another transfer syntax."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from philae.deid.methods import CLEAN_PIXEL_DATA, CLEAN_RECOGNIZABLE_FEATURES
from philae.deid.pixels.change import Attribute, PixelChange
from philae.deid.pixels.codec import Quality
from philae.deid.pixels.codecs import CODINGS, NATIVE, NATIVE_TARGETS
from philae.deid.pixels.companions import nested_pixels, shows_the_image
from philae.deid.pixels.face_figures import NO_FACE, FaceFigures, total
from philae.deid.pixels.masked_native import MaskedNative
from philae.deid.pixels.masks import mask_digest, mask_painter
from philae.deid.pixels.module import (
    EXTENDED_LENGTHS,
    EXTENDED_OFFSETS,
    PHOTOMETRIC_INTERPRETATION,
    PLANAR_CONFIGURATION,
)
from philae.deid.pixels.rewrite import Painter, Rewriting
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from philae.deid.methods import MethodCode
    from philae.deid.pixels.module import Image
    from philae.deid.profile import Mask
    from philae.dicom.syntax import TransferSyntax

_FLAGS: Final = {CLEAN_PIXEL_DATA: 0x00280301, CLEAN_RECOGNIZABLE_FEATURES: 0x00280302}
"""Burned In Annotation and Recognizable Visual Features (PS3.15 E.3.1, E.3.2)."""
_LOSSY: Final = 0x00282110
_RATIO: Final = 0x00282112
_METHOD: Final = 0x00282114


class FaceHider(Painter, Protocol):
    """A painter of faces, and the figures of each frame that it changed."""

    @property
    def figures(self) -> list[FaceFigures]:
        """What it did to the faces so far."""


def clean(
    image: Image,
    mask: Mask | None,
    *,
    face: FaceHider | None = None,
    target: TransferSyntax | None = None,
    quality: Quality | None = None,
    compat_karnak: bool = False,
) -> PixelChange | None:
    """The image with ``mask`` drawn on every frame, in its own transfer syntax or in ``target``; None if it is empty.

    A ``face`` is painted before. Overlays and the icon go, images in sequences are blanked. Raises `UnusableMask` for
    no mask or one outside the image, `BadPixels` or `UnsupportedPixels` if a frame cannot be decoded or encoded.
    """
    painter = mask_painter(image, mask, compat_karnak=compat_karnak)
    if not painter.areas:
        return None
    if face is None and image.encoded.syntax.uid in NATIVE and target in (None, image.encoded.syntax):
        content = MaskedNative(image, painter)
        change = PixelChange(image, image.encoded.syntax, content, painted=(image.module.frames,))
    else:
        painters = (painter,) if face is None else (face, painter)
        change = rewritten(image, painters, target=target, quality=quality)
    is_defaced = face is not None and change.painted[0] > 0
    methods = (CLEAN_PIXEL_DATA, CLEAN_RECOGNIZABLE_FEATURES) if is_defaced else (CLEAN_PIXEL_DATA,)
    figures = total(face.figures) if face is not None and is_defaced else NO_FACE
    return replace(_alone(change, methods), mask_digest=mask_digest(painter.mask), face=figures)


def deface(
    image: Image, face: FaceHider, *, target: TransferSyntax | None = None, quality: Quality | None = None
) -> PixelChange | None:
    """The image with a new face where it shows one in axial slices; None if it shows none.

    Raises `BadPixels` or `UnsupportedPixels`.
    """
    change = rewritten(image, (face,), target=target, quality=quality)
    if not any(change.painted):
        return None
    return replace(_alone(change, (CLEAN_RECOGNIZABLE_FEATURES,)), face=total(face.figures))


def transcoded(image: Image, target: TransferSyntax, *, quality: Quality | None = None) -> PixelChange:
    """The image in ``target``; SOP Instance UID stays. Raises `BadPixels` or `UnsupportedPixels`."""
    source = image.encoded.syntax
    if source.uid == target.uid or (source.uid in NATIVE_TARGETS and target.uid in NATIVE_TARGETS):
        return PixelChange(image, target)
    return rewritten(image, (), target=target, quality=quality)


def chosen_syntax(source_uid: str, wanted_uid: str | None, *, only_uncompressed: bool = False) -> str:
    """The transfer syntax in which an image goes out that came in ``source_uid``; None keeps what came.

    With ``only_uncompressed`` what is compressed stays as it is; RLE does not count as compressed (spec C.6).
    """
    is_compressed = source_uid not in NATIVE and source_uid != "1.2.840.10008.1.2.5"
    is_decodable = source_uid in NATIVE or source_uid in CODINGS
    if wanted_uid is None or not is_decodable or (only_uncompressed and is_compressed):
        return source_uid
    return wanted_uid


def rewritten(
    image: Image,
    painters: Sequence[Painter],
    *,
    target: TransferSyntax | None = None,
    quality: Quality | None = None,
) -> PixelChange:
    """All frames painted, in the transfer syntax of the image or in ``target``. Raises as `clean` does."""
    syntax = target or image.encoded.syntax
    rewriting = Rewriting(image, syntax, quality or Quality())
    rewriting.run(painters)
    if rewriting.is_same and not any(rewriting.painted):
        return PixelChange(image, syntax)
    attributes: dict[int, Attribute | None] = {EXTENDED_OFFSETS: None, EXTENDED_LENGTHS: None}
    if rewriting.photometric != image.module.photometric:
        attributes[PHOTOMETRIC_INTERPRETATION] = ("CS", rewriting.photometric)
    if image.module.samples == 3 and not rewriting.is_same:
        attributes[PLANAR_CONFIGURATION] = ("US", 0)
    attributes |= _loss(image, rewriting, syntax.uid)
    return PixelChange(image, syntax, rewriting.content, attributes, painted=rewriting.painted)


def _alone(change: PixelChange, methods: tuple[MethodCode, ...]) -> PixelChange:
    """The change, saying that it was made, and nothing left in the dataset that shows the image as it was."""
    removed = shows_the_image(change.image)
    flags = dict.fromkeys((_FLAGS[method] for method in methods), ("CS", "NO"))
    attributes = dict.fromkeys(removed) | flags | dict(change.attributes)
    blanked = tuple(nested_pixels(change.image, removed))
    return replace(change, attributes=attributes, blanked=blanked, methods=methods)


def _loss(image: Image, rewriting: Rewriting, target_uid: str) -> dict[int, Attribute | None]:
    """The attributes of PS3.3 C.7.6.1.1.5 after a step that lost something, or of what had lost something before."""
    coding = CODINGS.get(target_uid)
    if coding is not None and coding.lossy is not None and (coding.again is not None or not rewriting.is_same):
        ratios = [*_texts(image, _RATIO), f"{rewriting.ratio:.2f}"]
        methods = [*_texts(image, _METHOD), coding.method]
        return {_LOSSY: ("CS", "01"), _RATIO: ("DS", "\\".join(ratios)), _METHOD: ("CS", "\\".join(methods))}
    came = CODINGS.get(image.encoded.syntax.uid)
    if came is not None and came.method and not first_text(image.value(_LOSSY)):
        return {_LOSSY: ("CS", "01")}
    return {}


def _texts(image: Image, tag: int) -> list[str]:
    raw = image.value(tag).decode("ascii", "replace").strip(" \0")
    return [part.strip() for part in raw.split("\\")] if raw else []

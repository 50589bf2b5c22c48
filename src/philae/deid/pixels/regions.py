"""Regions that an ultrasound image names itself, kept while everything around them is masked (PS3.3 C.8.5.5)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from philae.deid.pixels.errors import UnusableMask
from philae.deid.profile import Rectangle
from philae.dicom.scan import elements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.pixels.module import Image
    from philae.deid.profile import Mask

_REGIONS: Final = 0x00186011
_CORNERS: Final = (0x00186018, 0x0018601A, 0x0018601C, 0x0018601E)
"""Region Location Min X0, Min Y0, Max X1 and Max Y1, of type UL; the last column and row are part of it."""
_UL_LENGTH: Final = 4


def with_regions(image: Image, mask: Mask) -> Mask:
    """The mask with the image's regions among what it keeps.

    Raises `UnusableMask` if the image names none, or one of them cannot be.
    """
    regions = tuple(_regions(image))
    if not regions:
        raise UnusableMask("the image has no Sequence of Ultrasound Regions (0018,6011) to keep; give it another mask")
    return replace(mask, keep=(*mask.keep, *regions), keeps_regions=False)


def _regions(image: Image) -> Iterator[Rectangle]:
    corners: dict[int, dict[int, int]] = {}
    for header in elements(image.encoded):
        if len(header.path) != 1 or header.path[0][0] != _REGIONS:
            continue
        found = corners.setdefault(header.path[0][1], {})
        if header.tag in _CORNERS and header.end - header.value == _UL_LENGTH:
            found[header.tag] = image.layout.u32.unpack_from(image.encoded.source, header.value)[0]
    for found in corners.values():
        yield _region(found, image)


def _region(found: dict[int, int], image: Image) -> Rectangle:
    left, top, right, bottom = (found.get(tag, -1) for tag in _CORNERS)
    if not (0 <= left < right and 0 <= top < bottom and left < image.module.columns and top < image.module.rows):
        raise UnusableMask("an ultrasound region (0018,6011) lies outside the image or has no size; give another mask")
    return Rectangle(left, top, right - left, bottom - top)

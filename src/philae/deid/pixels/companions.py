"""What else in a dataset shows the image: overlays, icon images and images inside sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from philae.deid.pixels.errors import UnsupportedPixels
from philae.dicom.headers import read_header
from philae.dicom.layout import ITEM

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.deid.pixels.module import Image
    from philae.dicom.scan import ElementHeader

_ICON_IMAGE_SEQUENCE: Final = 0x00880200
_LARGEST_ICON: Final = 1 << 24
_STATISTICS: Final = (0x00280106, 0x00280107)  # Smallest and Largest Image Pixel Value


def shows_the_image(image: Image) -> tuple[int, ...]:
    """Tags of the top level that go with a mask: overlays, which may hold text, the icon, and what no longer holds."""
    return tuple(
        tag
        for tag in image.elements
        if tag == _ICON_IMAGE_SEQUENCE or tag in _STATISTICS or (0x6000 <= tag >> 16 <= 0x60FF and tag >> 16 & 1 == 0)
    )


def nested_pixels(image: Image, removed: tuple[int, ...]) -> Iterator[tuple[int, int]]:
    """Ranges of the pixels of images inside sequences that are not ``removed``; to be blanked where they are.

    Raises `UnsupportedPixels` for images too large to be icons.
    """
    for header in image.nested_pixel_data:
        if header.path[0][0] in removed:
            continue
        if header.end - header.value > _LARGEST_ICON:
            raise UnsupportedPixels("an image inside a sequence is too large to be blanked; exclude such instances")
        if header.length is None:
            yield from _fragments(image, header)
        elif header.length:
            yield header.value, header.end


def _fragments(image: Image, header: ElementHeader) -> Iterator[tuple[int, int]]:
    """All but the Basic Offset Table."""
    position, end = header.value, header.end - 8
    while position < end:
        tag, _, value, length = read_header(image.encoded.source, position, end, header.layout)
        if tag == ITEM and length and position > header.value:
            yield value, value + length
        position = value + length

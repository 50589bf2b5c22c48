"""What can keep the pixels of an instance from being changed as asked; each holds the instance."""

from philae.deid.errors import DeidError


class PixelFault(DeidError):
    """The pixels cannot be changed as asked, so the instance must not leave."""


class BadPixels(PixelFault):
    """Pixel data and the attributes that describe it do not fit together, or a frame cannot be decoded."""


class UnsupportedPixels(PixelFault):
    """The pixels may be sound, but nothing here decodes or encodes images of this kind in this transfer syntax."""


class MissingCodec(UnsupportedPixels):
    """The codec is not installed."""

    def __init__(self, package: str, extra: str) -> None:
        super().__init__(f"{package} is not installed; pip install philae[{extra}]")


class TextFound(PixelFault):
    """There is text in the pixels, and the profile has such instances looked at."""

    def __init__(self, count: int) -> None:
        super().__init__(f"text was found in {count} places of the image; look at it, and add a mask for the station")


class UnhiddenFace(PixelFault):
    """The face cannot be hidden, and the profile has such instances held."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the face that it may show cannot be taken away: {reason}")


class UnusableMask(PixelFault):
    """Cleaning is wanted, but no mask fits the image."""

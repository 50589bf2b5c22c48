"""What a codec is: how frames of one transfer syntax are decoded and encoded, and for which images."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from philae.deid.pixels.errors import MissingCodec

if TYPE_CHECKING:
    from philae.deid.pixels.frame import Frame
    from philae.deid.pixels.module import PixelModule


@dataclass(frozen=True, slots=True)
class Quality:
    """How much a lossy transfer syntax may lose: JPEG quality, JPEG 2000 compression ratio, JPEG-LS error."""

    jpeg: int = 90
    ratio: float = 10.0
    near: int = 2


@dataclass(frozen=True, slots=True)
class Transcoding:
    """The transfer syntax that a destination wants; None for the one that an instance came in."""

    syntax_uid: str | None = None
    only_uncompressed: bool = False
    """Leave alone what comes compressed."""
    quality: Quality = Quality()


AS_IT_CAME: Final = Transcoding()


@dataclass(frozen=True, slots=True)
class EncodedFrame:
    """One encoded frame and the Photometric Interpretation that goes with it."""

    data: bytes
    photometric: str


Decoder: TypeAlias = "Callable[[bytes, PixelModule], Frame]"
LosslessEncoder: TypeAlias = "Callable[[Frame], EncodedFrame]"
LossyEncoder: TypeAlias = "Callable[[Frame, Quality], EncodedFrame]"
Reencoder: TypeAlias = "Callable[[Frame, bytes], EncodedFrame]"
"""Encodes a changed frame as the second argument, the frame as it came, was encoded."""


def library(module: str, package: str, extra: str = "pixels") -> Any:
    """A module of ``extra``, imported when it is needed first. Raises `MissingCodec`."""
    try:
        return import_module(module)
    except ImportError:
        raise MissingCodec(package, extra) from None

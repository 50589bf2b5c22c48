"""The one table from transfer syntax and kind of image to a decoder, an encoder or a refusal."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from philae.deid.pixels.errors import BadPixels, UnsupportedPixels
from philae.deid.pixels.jpeg import (
    decode_jpeg,
    decode_to_change,
    encode_8bit,
    encode_extended,
    encode_lossless,
    reencode_8bit,
    reencode_extended,
)
from philae.deid.pixels.jpeg2000 import (
    decode_jpeg2000,
    encode_high_throughput,
    encode_irreversible,
    encode_reversible,
)
from philae.deid.pixels.jpegls import decode_jpegls, encode_jpegls, encode_near
from philae.deid.pixels.rle import decode_rle, encode_rle
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, transfer_syntax

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.deid.pixels.codec import Decoder, EncodedFrame, LosslessEncoder, LossyEncoder, Quality, Reencoder
    from philae.deid.pixels.frame import Frame
    from philae.deid.pixels.module import PixelModule

NATIVE: Final = frozenset({IMPLICIT_LE.uid, EXPLICIT_LE.uid, DEFLATED_LE.uid, EXPLICIT_BE.uid})
NATIVE_TARGETS: Final = NATIVE - {EXPLICIT_BE.uid}


@dataclass(frozen=True, slots=True)
class Coding:
    """What may be done with frames in one encapsulated transfer syntax, and with which images.

    A frame that changes is decoded by ``to_change`` and encoded by ``again`` where there are such, else by ``decode``
    and ``lossless``: what was lost is enough.
    ``method`` is the term for Lossy Image Compression Method (0028,2114).
    """

    decode: Decoder
    lossless: LosslessEncoder | None = None
    lossy: LossyEncoder | None = None
    again: Reencoder | None = None
    to_change: Decoder | None = None
    most_bits: int = 16
    most_bits_colour: int = 16
    decodes_signed: bool = True
    method: str = ""
    is_target: bool = True


_JPEG = "ISO_10918_1"
_JPEG_LOSSLESS: Final = Coding(decode_jpeg, encode_lossless)
_HIGH_THROUGHPUT: Final = Coding(decode_jpeg2000, encode_high_throughput)

CODINGS: Final = {
    "1.2.840.10008.1.2.5": Coding(decode_rle, encode_rle, most_bits=32, most_bits_colour=32),
    "1.2.840.10008.1.2.4.50": Coding(
        decode_jpeg,
        lossy=encode_8bit,
        again=reencode_8bit,
        to_change=decode_to_change,
        most_bits=8,
        most_bits_colour=8,
        decodes_signed=False,
        method=_JPEG,
    ),
    "1.2.840.10008.1.2.4.51": Coding(
        decode_jpeg,
        lossy=encode_extended,
        again=reencode_extended,
        to_change=decode_to_change,
        most_bits=12,
        most_bits_colour=8,
        decodes_signed=False,
        method=_JPEG,
    ),
    "1.2.840.10008.1.2.4.57": _JPEG_LOSSLESS,
    "1.2.840.10008.1.2.4.70": _JPEG_LOSSLESS,
    "1.2.840.10008.1.2.4.80": Coding(decode_jpegls, encode_jpegls),
    "1.2.840.10008.1.2.4.81": Coding(decode_jpegls, encode_jpegls, encode_near, method="ISO_14495_1"),
    "1.2.840.10008.1.2.4.90": Coding(decode_jpeg2000, encode_reversible),
    "1.2.840.10008.1.2.4.91": Coding(decode_jpeg2000, encode_reversible, encode_irreversible, method="ISO_15444_1"),
    "1.2.840.10008.1.2.4.201": _HIGH_THROUGHPUT,
    "1.2.840.10008.1.2.4.202": _HIGH_THROUGHPUT,
    "1.2.840.10008.1.2.4.203": Coding(decode_jpeg2000, encode_high_throughput, method="ISO_15444_15", is_target=False),
}
TARGETS: Final = NATIVE_TARGETS | {uid for uid, coding in CODINGS.items() if coding.is_target}


def coding_of(syntax_uid: str) -> Coding:
    """Raises `UnsupportedPixels` for a transfer syntax whose pixels can only be passed on."""
    coding = CODINGS.get(syntax_uid)
    if coding is None:
        raise UnsupportedPixels(
            f"pixels in {transfer_syntax(syntax_uid).name} cannot be decoded; "
            "have the sender use another transfer syntax, or exclude such instances"
        )
    return coding


def decode(data: bytes, syntax_uid: str, module: PixelModule, *, to_change: bool = False) -> Frame:
    """A frame of an encapsulated transfer syntax, ``to_change`` if it will be encoded in the same one again.

    Raises `BadPixels` or `UnsupportedPixels`.
    """
    coding = coding_of(syntax_uid)
    if module.is_signed and not coding.decodes_signed:
        raise UnsupportedPixels(f"signed pixels in {transfer_syntax(syntax_uid).name} have no agreed meaning")
    decoder = coding.to_change if to_change and coding.to_change else coding.decode
    frame = decoder(data, module)
    if frame.samples.shape != (module.rows, module.columns, 3)[: 2 if module.samples == 1 else 3]:
        raise BadPixels("a frame does not have the samples that its own header declares")
    return frame


def encode(frame: Frame, syntax_uid: str, quality: Quality) -> EncodedFrame:
    """The frame in a transfer syntax of `TARGETS`. Raises `UnsupportedPixels`."""
    coding = coding_of(syntax_uid)
    reason = refusal(frame.bits, frame.photometric, syntax_uid, is_signed=frame.samples.dtype.kind == "i")
    if reason:
        raise UnsupportedPixels(f"{transfer_syntax(syntax_uid).name}: {reason}; choose another transfer syntax")
    if coding.lossy is not None:
        return _encoded(partial(coding.lossy, frame, quality), syntax_uid)
    return _encoded_without_loss(coding, frame, syntax_uid)


def encode_again(frame: Frame, original: bytes, syntax_uid: str) -> EncodedFrame:
    """A changed frame as ``original`` was encoded, in its transfer syntax, with no more loss than that has to bring."""
    coding = coding_of(syntax_uid)
    if coding.again is not None:
        return _encoded(partial(coding.again, frame, original), syntax_uid)
    return _encoded_without_loss(coding, frame, syntax_uid)


def refusal(bits: int, photometric: str, syntax_uid: str, *, is_signed: bool) -> str:
    """Why such an image is not encoded in a transfer syntax; empty if it is."""
    if syntax_uid in NATIVE_TARGETS:
        return ""
    coding = CODINGS.get(syntax_uid)
    if coding is None or not coding.is_target:
        return "nothing is encoded in it"
    is_colour = photometric == "RGB" or photometric.startswith("YBR")
    if bits > (coding.most_bits_colour if is_colour else coding.most_bits):
        return f"it does not hold {bits} bits of such images"
    if coding.lossy is not None and photometric == "PALETTE COLOR":
        return "indices of a palette must not change"
    if coding.lossy is not None and coding.method != "ISO_15444_1" and is_signed:
        return "signed pixels come back wrong from many readers"
    return ""


def _encoded_without_loss(coding: Coding, frame: Frame, syntax_uid: str) -> EncodedFrame:
    assert coding.lossless is not None  # noqa: S101 - each coding has it or `again`, as a test makes sure
    return _encoded(partial(coding.lossless, frame), syntax_uid)


def _encoded(encoder: Callable[[], EncodedFrame], syntax_uid: str) -> EncodedFrame:
    try:
        return encoder()
    except (RuntimeError, ValueError, OSError) as error:
        name = transfer_syntax(syntax_uid).name
        raise UnsupportedPixels(f"a frame cannot be encoded in {name} ({type(error).__name__})") from None

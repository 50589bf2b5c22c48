"""JPEG (T.81): baseline and 12-bit extended, lossless; components are never converted on the way."""

from __future__ import annotations

from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from philae.deid.pixels.codec import EncodedFrame, Quality, library
from philae.deid.pixels.codestream import Codestream, check, read_jpeg
from philae.deid.pixels.errors import BadPixels
from philae.deid.pixels.frame import Frame, as_declared, as_unsigned

if TYPE_CHECKING:
    from philae.deid.pixels.module import PixelModule

_STANDARD_LUMA_SUM: Final = 3697  # of the quantizers in T.81 table K.1
_HALF_WIDTH: Final = "4:2:2"
_FULL_CHROMA: Final = 0
_ADOBE, _LOSSLESS_FRAME, _START_OF_SCAN = b"\xff\xee", b"\xff\xc3", b"\xff\xda"


def decode_jpeg(data: bytes, module: PixelModule) -> Frame:
    """A frame of any JPEG process. Raises `BadPixels`."""
    stream = read_jpeg(data)
    check(stream, module)
    samples = as_declared(_components(data, stream), stream.bits, module)
    return Frame(samples, stream.bits, _photometric(stream, module))


def decode_to_change(data: bytes, module: PixelModule) -> Frame:
    """A frame that is going to be encoded again: chroma of reduced resolution is repeated, not smoothed.

    Reducing it again then gives what it was. Raises `BadPixels`.
    """
    stream = read_jpeg(data)
    check(stream, module)
    photometric = _photometric(stream, module)
    if stream.bits > 8 or photometric != "YBR_FULL":
        return decode_jpeg(data, module)
    with _opened(data) as image:
        image.draft("YCbCr", image.size)
        image.decoderconfig = (1, 1)  # full size, and no smoothing
        try:
            samples = np.array(image)
        except OSError as error:
            raise BadPixels(f"a JPEG frame cannot be decoded ({type(error).__name__})") from None
    return Frame(as_declared(samples, stream.bits, module), stream.bits, photometric)


def encode_lossless(frame: Frame) -> EncodedFrame:
    """Process 14, first-order prediction: a stream for .57 and .70 alike."""
    space = {"colorspace": "RGB", "outcolorspace": "RGB", "subsampling": "444"} if frame.samples.ndim == 3 else {}
    samples = np.ascontiguousarray(as_unsigned(frame).astype("u1" if frame.bits <= 8 else "u2", copy=False))
    data = bytes(_imagecodecs().jpeg8_encode(samples, lossless=True, predictor=1, bitspersample=frame.bits, **space))
    return EncodedFrame(data if frame.photometric == "RGB" else _without_colour(data), frame.photometric)


def encode_8bit(frame: Frame, quality: Quality) -> EncodedFrame:
    """Baseline; RGB is written as YBR with chroma of half width, as DICOM readers expect."""
    if frame.samples.ndim == 2:
        return EncodedFrame(_pillow(frame, {"quality": quality.jpeg}), frame.photometric)
    return EncodedFrame(_pillow(frame, {"quality": quality.jpeg, "subsampling": _HALF_WIDTH}), "YBR_FULL_422")


def reencode_8bit(frame: Frame, original: bytes) -> EncodedFrame:
    """With the quantization tables and the chroma of the original: blocks that did not change lose next to nothing."""
    with _opened(original) as image:
        options: dict[str, Any] = {"qtables": [image.quantization[at] for at in sorted(image.quantization)]}
        if frame.photometric == "RGB":
            options["keep_rgb"] = True
        elif frame.samples.ndim == 3:
            known = library("PIL.JpegImagePlugin", "pillow").get_sampling(image)  # -1 for what Pillow cannot write
            options["subsampling"] = max(_FULL_CHROMA, known)
    return EncodedFrame(_pillow(frame, options), frame.photometric)


def encode_extended(frame: Frame, quality: Quality) -> EncodedFrame:
    """12 bits, one sample; up to 8 bits as in baseline."""
    if frame.bits <= 8:
        return encode_8bit(frame, quality)
    data = _imagecodecs().jpeg8_encode(np.ascontiguousarray(frame.samples), level=quality.jpeg, bitspersample=12)
    return EncodedFrame(bytes(data), frame.photometric)


def reencode_extended(frame: Frame, original: bytes) -> EncodedFrame:
    """As the original; of 12 bits with the quality that its first quantization table stands for."""
    if frame.bits <= 8:
        return reencode_8bit(frame, original)
    return encode_extended(frame, Quality(jpeg=_quality_of(read_jpeg(original).quantizer)))


def _without_colour(data: bytes) -> bytes:
    """The stream without the marker that calls its components RGB, and with numbers for the letters that say so.

    libjpeg-turbo writes lossless streams of components that it takes for YBR wrongly, so they pass for RGB.
    """
    if data[2:4] != _ADOBE:
        return data
    plain = bytearray(data[:2] + data[4 + int.from_bytes(data[4:6], "big") :])
    for marker, first, step in ((_LOSSLESS_FRAME, 10, 3), (_START_OF_SCAN, 5, 2)):
        at = plain.index(marker) + first
        plain[at : at + 3 * step : step] = b"\x01\x02\x03"
    return bytes(plain)


def _quality_of(quantizer: int) -> int:
    """The quality from 1 to 100 whose luminance table has this sum, in the scale of the Independent JPEG Group."""
    scale = 100 * quantizer / _STANDARD_LUMA_SUM
    quality = 100 - scale / 2 if scale <= 100 else 5000 / scale
    return max(1, min(100, round(quality)))


def _components(data: bytes, stream: Codestream) -> Any:
    # One colour space in and out means: hand over the components as they are, whatever the stream says of itself.
    space = {"colorspace": "RGB", "outcolorspace": "RGB"} if stream.samples == 3 else {}
    codecs = _imagecodecs()
    try:
        return codecs.jpeg8_decode(data, **space)
    except (codecs.Jpeg8Error, ValueError, RuntimeError) as error:
        raise BadPixels(f"a JPEG frame cannot be decoded ({type(error).__name__})") from None


def _photometric(stream: Codestream, module: PixelModule) -> str:
    """What the components are: the stream's own word, else the dataset's."""
    if module.samples == 1:
        return module.photometric
    if stream.colour == "RGB":
        return "RGB"
    return "YBR_FULL" if stream.colour == "YBR" or module.photometric.startswith("YBR") else module.photometric


def _pillow(frame: Frame, options: dict[str, Any]) -> bytes:
    samples = np.ascontiguousarray(as_unsigned(frame).astype("u1", copy=False))
    mode = "L" if samples.ndim == 2 else "RGB" if frame.photometric == "RGB" else "YCbCr"
    size = (samples.shape[1], samples.shape[0])
    image = _pil().frombuffer(mode, size, samples, "raw", mode, 0, 1)
    buffer = BytesIO()
    image.save(buffer, "JPEG", **options)
    return buffer.getvalue()


def _imagecodecs() -> Any:
    return library("imagecodecs", "imagecodecs")


def _opened(data: bytes) -> Any:
    """The frame as Pillow's image, of which only the header is read."""
    pil = _pil()
    try:
        return pil.open(BytesIO(data), formats=("JPEG",))
    except (OSError, pil.DecompressionBombError) as error:
        raise BadPixels(f"a JPEG frame cannot be read ({type(error).__name__})") from None


def _pil() -> Any:
    return library("PIL.Image", "pillow")

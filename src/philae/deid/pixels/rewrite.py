"""The frames of an image, one at a time: decoded, painted, encoded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

from philae.deid.pixels.codecs import CODINGS, NATIVE, TARGETS, coding_of, decode, encode, encode_again
from philae.deid.pixels.colour import rgb_from_ybr
from philae.deid.pixels.content import EncapsulatedFrames, NativeFrames, release
from philae.deid.pixels.errors import BadPixels, UnsupportedPixels
from philae.deid.pixels.fragments import Fragments
from philae.deid.pixels.frame import Frame, as_declared, native_frame_length, pack, unpack
from philae.dicom.layout import EXPLICIT, layout_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from philae.deid.pixels.codec import Quality
    from philae.deid.pixels.content import Frames
    from philae.deid.pixels.module import Image, PixelModule
    from philae.dicom.syntax import TransferSyntax

RLE = "1.2.840.10008.1.2.5"
_LARGE = 1 << 29
_MOST_EXPANSION = 1000
"""Decoded bytes for one encoded byte: even loops that are almost empty have fewer."""
_KEEPS_YBR = frozenset({"1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51"})


class Painter(Protocol):
    """Changes frames."""

    def paint(self, frame: Frame, index: int) -> bool:
        """Change the samples in place; False if the frame stays as it is."""


class Rewriting:
    """Writes the frames of one image in one transfer syntax, and learns what they became."""

    def __init__(self, image: Image, target: TransferSyntax, quality: Quality) -> None:
        """Raises `UnsupportedPixels` for a pair of transfer syntaxes that cannot be gone through."""
        self._image = image
        self._source = image.encoded.syntax.uid
        self._target = target.uid
        self._quality = quality
        self.is_same = self._source == self._target
        if self._source not in NATIVE:
            coding_of(self._source)
        if not self.is_same and self._target not in TARGETS:
            raise UnsupportedPixels(f"pixels cannot be written in {target.name}; choose another transfer syntax")
        self.photometric = image.module.photometric
        self._noted: str | None = None
        self.content: Frames = self._new_content(target)
        self.painted: tuple[int, ...] = ()
        """How many frames each painter changed."""

    def run(self, painters: Sequence[Painter]) -> None:
        """Go through all frames. Raises `BadPixels` or `UnsupportedPixels`."""
        counts = [0] * len(painters)
        for index, (raw, is_whole) in enumerate(_raw_frames(self._image)):
            frame = _decoded(self._image, raw, is_whole=is_whole, to_change=self.is_same)
            painted = [painter.paint(frame, index) for painter in painters]
            counts = [count + is_painted for count, is_painted in zip(counts, painted, strict=True)]
            is_new = any(painted) or not self.is_same
            self.content.append(self._encoded(frame, raw) if is_new else raw)
        self.content.finish()
        self.painted = tuple(counts)

    @property
    def ratio(self) -> float:
        """Native bytes for one encoded byte."""
        module = self._image.module
        encoded = self.content.encoded_length if isinstance(self.content, EncapsulatedFrames) else 0
        return module.frame_length * module.frames / max(1, encoded)

    def _new_content(self, target: TransferSyntax) -> Frames:
        module = self._image.module
        if self._target not in NATIVE:
            return EncapsulatedFrames(EXPLICIT)
        length = module.frame_length * module.frames
        if self.is_same:
            length = native_frame_length(module, _value_length(self._image)) * module.frames
        return NativeFrames(layout_of(target), module.bits_allocated, length)

    def _encoded(self, frame: Frame, raw: bytes) -> bytes:
        if self.is_same and self._source in NATIVE:
            return _as_native(frame, self._image, len(raw))
        if self.is_same:
            encoded = encode_again(frame, raw, self._source)
            self._note(self.photometric if CODINGS[self._source].again else encoded.photometric)
            return encoded.data
        frame = self._converted(frame)
        if self._target in NATIVE:
            self._note(frame.photometric)
            return pack(frame)
        encoded = encode(frame, self._target, self._quality)
        self._note(encoded.photometric)
        return encoded.data

    def _converted(self, frame: Frame) -> Frame:
        """Lossy JPEG's YBR as RGB, which every other transfer syntax prefers; bits beyond Bits Stored gone."""
        is_lossy_jpeg = self._source in _KEEPS_YBR
        if is_lossy_jpeg and frame.photometric == "YBR_FULL" and self._target not in _KEEPS_YBR:
            frame = Frame(rgb_from_ybr(frame.samples, frame.bits), frame.bits, "RGB")
        if self._target in NATIVE or self._target == RLE:
            return replace(frame, bits=self._image.module.bits_allocated)
        return narrowed(frame, self._image.module)

    def _note(self, photometric: str) -> None:
        if self._noted not in (None, photometric):
            raise BadPixels("the frames differ in Photometric Interpretation")
        self._noted = self.photometric = photometric


def narrowed(frame: Frame, module: PixelModule) -> Frame:
    """The frame with no more bits than are stored. Raises `UnsupportedPixels` if the others are in use."""
    if frame.bits <= module.bits_stored:
        return frame
    if module.high_bit != module.bits_stored - 1:
        raise UnsupportedPixels("High Bit (0028,0102) is not Bits Stored - 1; only native and RLE hold such pixels")
    samples = as_declared(frame.samples, module.bits_stored, module)
    unused = frame.samples.view(f"u{frame.samples.dtype.itemsize}") >> module.bits_stored
    if ((samples != frame.samples) & (unused != 0)).any():
        raise UnsupportedPixels("bits beyond Bits Stored (0028,0101) are in use; only native and RLE hold such pixels")
    return Frame(samples, module.bits_stored, frame.photometric)


def decoded_frames(image: Image) -> Iterator[Frame]:
    """The frames of an image, to be looked at. Raises `BadPixels` or `UnsupportedPixels`."""
    for raw, is_whole in _raw_frames(image):
        yield _decoded(image, raw, is_whole=is_whole, to_change=False)


def _decoded(image: Image, raw: bytes, *, is_whole: bool, to_change: bool) -> Frame:
    module, syntax = image.module, image.encoded.syntax
    if syntax.uid not in NATIVE:
        return decode(raw, syntax.uid, module, to_change=to_change)
    samples = unpack(raw, module, big_endian=syntax.big_endian)
    if is_whole:
        return Frame(samples, module.bits_allocated, module.photometric)
    if module.photometric != "YBR_FULL_422":
        raise UnsupportedPixels(f"native pixels in {module.photometric} cannot be converted")
    return Frame(samples, module.bits_allocated, "YBR_FULL")


def _raw_frames(image: Image) -> Iterator[tuple[bytes, bool]]:
    """Each frame as it came, and whether it has all samples for each pixel. Raises `BadPixels`."""
    if image.encoded.syntax.uid not in NATIVE:
        if image.pixel_data.length is not None:
            raise BadPixels("Pixel Data (7FE0,0010) has no fragments, but its transfer syntax asks for them")
        fragments = Fragments(image)
        _refuse_bomb(image)
        begin = image.pixel_data.value
        for index in range(image.module.frames):
            yield fragments.frame(index), True
            release(image.encoded.source, begin, fragments.end(index))
            begin = fragments.end(index)
        return
    length = native_frame_length(image.module, _value_length(image))
    source = image.encoded.source
    for index in range(image.module.frames):
        start = image.pixel_data.value + index * length
        yield bytes(source[start : start + length]), length == image.module.frame_length
        release(source, start, start + length)


def _refuse_bomb(image: Image) -> None:
    """Hold what is far too small for the frames that it declares, before the first one is decoded."""
    decoded = image.module.frame_length * image.module.frames
    encoded = image.pixel_data.end - image.pixel_data.value
    if decoded > _LARGE and decoded > _MOST_EXPANSION * encoded:
        raise BadPixels(
            f"{encoded} bytes of Pixel Data (7FE0,0010) would become {decoded} when decoded; "
            "check Rows, Columns and Number of Frames"
        )


def _value_length(image: Image) -> int:
    if image.pixel_data.length is None:
        raise BadPixels("Pixel Data (7FE0,0010) is in fragments, but its transfer syntax is native")
    return image.pixel_data.length


def _as_native(frame: Frame, image: Image, length: int) -> bytes:
    """A changed frame in the arrangement that native frames of this image have."""
    module, samples = image.module, frame.samples
    if length != module.frame_length:
        raise UnsupportedPixels("native frames with halved chroma cannot be changed as a whole")
    if module.samples == 3 and module.is_planar:
        samples = samples.transpose(2, 0, 1)
    return samples.byteswap().tobytes() if image.encoded.syntax.big_endian else pack(replace(frame, samples=samples))

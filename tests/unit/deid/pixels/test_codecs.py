"""The table of codecs, and what damaged codestreams may do."""

import random
import struct
import sys
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import pytest

from philae.deid.pixels.cleaning import clean, transcoded
from philae.deid.pixels.codec import Quality
from philae.deid.pixels.codecs import CODINGS, TARGETS, decode, encode, encode_again, refusal
from philae.deid.pixels.decodable import DECODABLE
from philae.deid.pixels.errors import BadPixels, MissingCodec, PixelFault, UnsupportedPixels
from philae.deid.pixels.fragments import Fragments
from philae.deid.pixels.frame import Frame
from philae.deid.pixels.module import Image
from philae.dicom.syntax import transfer_syntax
from tests.support.images import (
    COLOUR,
    GREY,
    GREY_16,
    KINDS,
    Kind,
    changed_image,
    dataset,
    image_of,
    mask_of,
    pixels,
)

SHORT = "1.2.840.10008.1.2"
PAGE = Path(__file__).parents[4] / "docs" / "reference" / "transfer-syntaxes.md"
RLE, BASELINE, EXTENDED, JPEG_LOSSLESS = f"{SHORT}.5", f"{SHORT}.4.50", f"{SHORT}.4.51", f"{SHORT}.4.70"
JPEG_LS, J2K, HIGH_THROUGHPUT, HIGH_THROUGHPUT_LOSSY = (f"{SHORT}.4.{end}" for end in (80, 90, 201, 203))
encodable = pytest.mark.parametrize("uid", sorted(TARGETS & CODINGS.keys()), ids=lambda uid: uid.removeprefix(SHORT))


def encoded_image(kind: Kind, uid: str, rows: int = 48, columns: int = 62) -> tuple[Image, bytes]:
    image = changed_image(transcoded(image_of(dataset(kind, pixels(kind, rows, columns))), transfer_syntax(uid)))
    return image, Fragments(image).frame(0)


@pytest.mark.parametrize("uid", sorted(CODINGS))
def test_every_syntax_that_is_decoded_can_be_masked(uid: str) -> None:
    coding = CODINGS[uid]

    assert coding.again or coding.lossless
    assert coding.lossless or coding.lossy
    assert bool(coding.lossy) <= bool(coding.method)


@pytest.mark.parametrize("uid", sorted(TARGETS | CODINGS.keys()))
def test_the_reference_page_lists_what_the_table_holds(uid: str) -> None:
    cells = ["yes" if not refusal(kind.bits, kind.photometric, uid, is_signed=kind.signed) else "-" for kind in KINDS]

    assert f"| {transfer_syntax(uid).name} | {uid} | {' | '.join(cells)} |" in PAGE.read_text(encoding="utf-8")


@encodable
@pytest.mark.parametrize("rows, columns", [(7, 11), (17, 33), (31, 64)])
def test_small_and_odd_sizes_are_encoded(uid: str, rows: int, columns: int) -> None:
    image, raw = encoded_image(COLOUR, uid, rows, columns)

    frame = decode(raw, uid, image.module)

    assert frame.samples.shape == (rows, columns, 3)
    assert encode_again(frame, raw, uid).data


@encodable
def test_damaged_frames_are_refused_or_decoded_never_worse(uid: str) -> None:
    image, raw = encoded_image(GREY, uid)
    source = random.Random(uid)

    for _ in range(60):
        damaged = bytearray(raw)
        for _ in range(source.choice((1, 3, 20))):
            damaged[source.randrange(min(len(raw), source.choice((100, len(raw)))))] = source.randrange(256)
        try:
            frame = decode(bytes(damaged[: source.choice((len(raw), source.randrange(len(raw))))]), uid, image.module)
        except PixelFault:
            continue
        assert frame.samples.shape == (48, 62)


@encodable
@pytest.mark.parametrize("part", [0.1, 0.5, 0.9])
def test_a_frame_that_is_cut_short_is_refused(uid: str, part: float) -> None:
    image, raw = encoded_image(COLOUR, uid)

    with pytest.raises(BadPixels):
        decode(raw[: int(len(raw) * part)], uid, image.module)


@pytest.mark.parametrize("uid", [BASELINE, JPEG_LOSSLESS, JPEG_LS, J2K, HIGH_THROUGHPUT])
def test_a_frame_of_another_size_is_refused_before_it_is_decoded(uid: str) -> None:
    image, raw = encoded_image(GREY, uid)
    module = replace(image.module, rows=49)
    marker, offset, sizes = (b"\xff\x51", 6, ">II") if uid in (J2K, HIGH_THROUGHPUT) else (b"\x08\x00\x30", 1, ">HH")
    at = raw.index(marker) + offset
    bomb = raw[:at] + struct.pack(sizes, 65535, 65535) + raw[at + struct.calcsize(sizes) :]

    for data in (raw, bomb):
        with pytest.raises(BadPixels, match="the dataset says 62 x 49"):
            decode(data, uid, module)


def test_run_lengths_do_not_fill_more_than_the_image() -> None:
    image, _ = encoded_image(GREY, RLE)
    bomb = struct.pack("<16I", 1, 64, *([0] * 14)) + b"\x81\x00" * 1_000_000

    with pytest.raises(BadPixels, match="damaged or cut short"):
        decode(bomb, RLE, image.module)


def test_signed_pixels_in_lossy_jpeg_are_refused() -> None:
    image, raw = encoded_image(GREY, BASELINE)

    with pytest.raises(UnsupportedPixels, match="no agreed meaning"):
        decode(raw, BASELINE, replace(image.module, is_signed=True))


def test_more_bits_than_are_allocated_are_refused() -> None:
    image, raw = encoded_image(Kind("", 12), EXTENDED)

    with pytest.raises(BadPixels, match="12 bits a sample"):
        decode(raw, EXTENDED, replace(image.module, bits_allocated=8, bits_stored=8, high_bit=7))


def test_a_codestream_that_forgets_the_sign_gets_it_from_the_dataset() -> None:
    kind = Kind("", 12, signed=True)
    values = pixels(kind)[0]
    module = image_of(dataset(kind, values[None])).module
    unsigned = Frame(values.view("u2") & 0xFFF, 12, "MONOCHROME2")

    found = decode(encode(unsigned, J2K, Quality()).data, J2K, module)

    np.testing.assert_array_equal(found.samples, values)


def test_high_throughput_streams_declare_bits_stored() -> None:
    for kind in (Kind("", 12), Kind("", 12, signed=True), Kind("", 12, photometric="RGB"), Kind("", 5)):
        image, raw = encoded_image(kind, HIGH_THROUGHPUT)

        assert decode(raw, HIGH_THROUGHPUT, image.module).bits == kind.bits
        assert raw[42] == (kind.bits - 1 | 0x80 * kind.signed)


def test_lossy_high_throughput_pixels_can_be_masked() -> None:
    module = image_of(dataset(GREY, pixels(GREY))).module
    raw = bytes(imagecodecs.htj2k_encode(pixels(GREY)[0], level=0.01, reversible=False))

    frame = decode(raw, HIGH_THROUGHPUT_LOSSY, module)
    again = decode(encode_again(frame, raw, HIGH_THROUGHPUT_LOSSY).data, HIGH_THROUGHPUT_LOSSY, module)

    np.testing.assert_array_equal(again.samples, frame.samples)
    assert "nothing is encoded in it" in refusal(8, "MONOCHROME2", HIGH_THROUGHPUT_LOSSY, is_signed=False)


def test_jpeg_blocks_that_a_mask_does_not_touch_lose_next_to_nothing() -> None:
    for kind, uid, most in ((GREY, BASELINE, 1), (COLOUR, BASELINE, 3), (Kind("", 12), EXTENDED, 16)):
        image, raw = encoded_image(kind, uid, 64, 64)
        before = decode(raw, uid, image.module)
        change = clean(image, mask_of((0, 0, 15, 15)))
        assert change is not None

        masked = changed_image(change)
        after = decode(Fragments(masked).frame(0), uid, masked.module)

        difference = np.abs(after.samples.astype(int) - before.samples)
        assert difference[:, 32:].max() <= most
        assert masked.module.photometric == image.module.photometric


def test_components_keep_the_colours_that_the_stream_names() -> None:
    values = pixels(COLOUR)
    module = image_of(dataset(COLOUR, values)).module
    as_rgb = imagecodecs.jpeg8_encode(values[0], colorspace="RGB", outcolorspace="RGB", level=100, subsampling="444")
    as_ybr = imagecodecs.jpeg8_encode(values[0], colorspace="RGB", outcolorspace="YCBCR", level=100, subsampling="444")

    rgb, ybr = (decode(bytes(data), BASELINE, module) for data in (as_rgb, as_ybr))

    assert (rgb.photometric, ybr.photometric) == ("RGB", "YBR_FULL")
    assert np.abs(rgb.samples.astype(int) - values[0]).max() < 4
    again = decode(encode_again(rgb, bytes(as_rgb), BASELINE).data, BASELINE, module)
    assert again.photometric == "RGB"
    assert np.abs(again.samples.astype(int) - rgb.samples).max() < 4


def test_native_images_are_masked_without_any_codec(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("imagecodecs", "jpeg_ls", "openjpeg", "rle", "PIL"):
        monkeypatch.setitem(sys.modules, module, None)

    assert clean(image_of(dataset(GREY, pixels(GREY))), mask_of((0, 0, 5, 5))) is not None


@pytest.mark.parametrize(
    "uid, module, package",
    [
        (RLE, "imagecodecs", "imagecodecs"),
        (JPEG_LS, "jpeg_ls", "pyjpegls"),
        (J2K, "openjpeg", "pylibjpeg-openjpeg"),
        (BASELINE, "imagecodecs", "imagecodecs"),
    ],
)
def test_a_missing_codec_is_named(uid: str, module: str, package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image, raw = encoded_image(GREY_16 if uid != BASELINE else GREY, uid)
    monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(MissingCodec, match=rf"{package} is not installed; pip install philae\[pixels\]"):
        decode(raw, uid, image.module)


def test_what_is_decodable_is_told_without_codecs() -> None:
    assert CODINGS.keys() == DECODABLE

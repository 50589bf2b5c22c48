"""What cleaning and transcoding make of an instance as a whole."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from philae.deid.pixels.cleaning import chosen_syntax, clean, rewritten, transcoded
from philae.deid.pixels.codec import Quality
from philae.deid.pixels.codecs import TARGETS
from philae.deid.pixels.errors import UnsupportedPixels
from philae.deid.pixels.frame import Frame
from philae.deid.pixels.masks import mask_digest
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax, transfer_syntax
from tests.support.images import (
    COLOUR,
    GREY,
    GREY_16,
    Kind,
    changed_image,
    dataset,
    image_of,
    mask_of,
    native_pixels,
    pixels,
    read_back,
)

SHORT = "1.2.840.10008.1.2"
RLE, J2K, J2K_LOSSY = (transfer_syntax(f"{SHORT}{end}") for end in (".5", ".4.90", ".4.91"))
BASELINE, JPEG_LOSSLESS, NEAR = (transfer_syntax(f"{SHORT}.4.{end}") for end in (50, 70, 81))
MASK = mask_of((1, 1, 8, 8))


def test_a_cleaned_image_says_so() -> None:
    change = clean(image_of(dataset(GREY, pixels(GREY), BurnedInAnnotation="YES")), MASK)

    assert change is not None
    assert read_back(change).BurnedInAnnotation == "NO"
    assert change.mask_digest == mask_digest(MASK)


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, IMPLICIT_LE, RLE, J2K], ids=lambda syntax: syntax.name)
def test_all_other_elements_stay_as_they_are(syntax: TransferSyntax) -> None:
    image = changed_image(transcoded(image_of(dataset(GREY_16, pixels(GREY_16))), syntax))

    change = clean(image, MASK)

    assert change is not None
    found = read_back(change)
    before = read_back(transcoded(image, syntax))
    del found.BurnedInAnnotation, found.PixelData, before.PixelData
    assert found == before


def test_what_else_shows_the_image_goes_or_turns_black() -> None:
    made = dataset(GREY, pixels(GREY))
    icon = dataset(GREY, pixels(GREY, 4, 4))
    other, encapsulated = Dataset(), Dataset()
    other.PixelData = b"nested pixels"
    encapsulated.PixelData = b"\xfe\xff\x00\xe0\x00\x00\x00\x00" + b"\xfe\xff\x00\xe0\x06\x00\x00\x00nested"
    encapsulated["PixelData"].is_undefined_length = True
    for item in (other, encapsulated):
        item["PixelData"].VR = "OB"
    made.IconImageSequence = Sequence([icon])
    made.ReferencedImageSequence = Sequence([other, encapsulated])
    made.add_new(0x60000010, "US", 48)
    made.add_new(0x60003000, "OW", bytes(372))
    made.add_new(0x60010010, "LO", "private creator")
    made.SmallestImagePixelValue, made.LargestImagePixelValue = 3, 250
    image = image_of(made)

    change = clean(image, MASK)

    assert change is not None
    found = read_back(change)
    assert not [keyword for keyword in found.dir() if keyword.startswith(("Overlay", "Icon", "Smallest", "Largest"))]
    assert found[0x60010010].value == "private creator"
    blank, cut = found.ReferencedImageSequence
    assert blank.PixelData == bytes(14)
    assert cut.PixelData.endswith(bytes(6))
    assert b"nested" not in cut.PixelData


def test_transcoding_keeps_every_uid_and_loses_nothing() -> None:
    made = dataset(COLOUR, pixels(COLOUR, 15, 17, 3))
    image = image_of(made, IMPLICIT_LE.uid)

    packed = changed_image(transcoded(image, J2K))
    back = read_back(transcoded(packed, IMPLICIT_LE))

    assert packed.module.photometric == "YBR_RCT"
    assert "LossyImageCompression" not in back
    assert back.SOPInstanceUID == made.SOPInstanceUID
    assert back == read_back(transcoded(image, IMPLICIT_LE))


def test_big_endian_words_come_out_in_order() -> None:
    values = pixels(GREY_16)
    made = dataset(GREY_16, values, PixelData=values.byteswap().tobytes())
    made.add_new(0x60003000, "OW", b"\x01\x02\x03\x04")
    image = image_of(made, EXPLICIT_BE.uid)

    for target in (EXPLICIT_LE, IMPLICIT_LE, RLE):
        found = read_back(transcoded(image, target))
        assert found[0x60003000].value == b"\x02\x01\x04\x03"
        assert found.PatientName == made.PatientName
    native = read_back(transcoded(image, EXPLICIT_LE))
    assert native["PixelData"].VR == "OW"
    np.testing.assert_array_equal(native_pixels(native), values)


def test_a_lossy_step_is_written_down() -> None:
    image = image_of(dataset(COLOUR, pixels(COLOUR)))

    once = changed_image(transcoded(image, BASELINE))
    twice = read_back(transcoded(once, J2K_LOSSY, quality=Quality(ratio=20)))

    assert once.module.photometric == "YBR_FULL_422"
    assert twice.LossyImageCompression == "01"
    assert list(twice.LossyImageCompressionMethod) == ["ISO_10918_1", "ISO_15444_1"]
    first, second = map(float, twice.LossyImageCompressionRatio)
    assert first > 1
    assert 15 < second < 30
    assert twice.PhotometricInterpretation == "YBR_ICT"


def test_what_was_lossy_stays_known_as_lossy() -> None:
    lossy = changed_image(transcoded(image_of(dataset(COLOUR, pixels(COLOUR))), BASELINE))
    silent = read_back(transcoded(lossy, BASELINE))
    del silent.LossyImageCompression

    found = read_back(transcoded(image_of(silent, BASELINE.uid), EXPLICIT_LE))

    assert found.LossyImageCompression == "01"
    assert found.PhotometricInterpretation == "RGB"
    assert found.PlanarConfiguration == 0
    assert np.abs(native_pixels(found).astype(int) - pixels(COLOUR)).max() < 40  # halved chroma


def test_a_mask_on_near_lossless_pixels_adds_no_loss() -> None:
    lossy = changed_image(transcoded(image_of(dataset(GREY, pixels(GREY))), NEAR))
    before = native_pixels(read_back(transcoded(lossy, EXPLICIT_LE)))

    change = clean(lossy, MASK)

    assert change is not None
    assert change.syntax == NEAR
    found = read_back(change)
    assert found.LossyImageCompressionMethod == "ISO_14495_1"
    after = native_pixels(read_back(transcoded(changed_image(change), EXPLICIT_LE)))
    np.testing.assert_array_equal(after[:, 10:], before[:, 10:])


def test_a_mask_and_another_syntax_take_one_step() -> None:
    image = image_of(dataset(COLOUR, pixels(COLOUR)), IMPLICIT_LE.uid)

    change = clean(image, MASK, target=J2K)

    assert change is not None
    back = native_pixels(read_back(transcoded(changed_image(change), EXPLICIT_LE)))
    assert not back[:, 1:10, 1:10].any()
    np.testing.assert_array_equal(back[:, 10:], pixels(COLOUR)[:, 10:])


class Second:
    """Paints the second frame only."""

    def paint(self, frame: Frame, index: int) -> bool:
        frame.samples[...] = 7 if index == 1 else frame.samples
        return index == 1


@pytest.mark.parametrize("syntax", [EXPLICIT_LE, EXPLICIT_BE, J2K], ids=lambda syntax: syntax.name)
def test_frames_that_no_painter_touches_keep_their_bytes(syntax: TransferSyntax) -> None:
    values = pixels(GREY_16, 9, 9, 3)
    image = image_of(dataset(GREY_16, values))
    image = (
        changed_image(transcoded(image, syntax)) if syntax is J2K else image_of(dataset(GREY_16, values), syntax.uid)
    )

    change = rewritten(image, (Second(),))

    before = read_back(transcoded(image, syntax)).PixelData
    after = read_back(change).PixelData
    if syntax is J2K:
        assert after.count(b"\xff\x4f\xff\x51") == 3
        assert before[-200:] == after[-200:]
    else:
        assert after[:162] == before[:162]
        assert after[162:324] == (7).to_bytes(2, "big" if syntax is EXPLICIT_BE else "little") * 81
        assert after[324:] == before[324:]


def test_signed_words_without_sign_extension_are_understood() -> None:
    kind = Kind("", 12, signed=True)
    values = pixels(kind)
    bare = dataset(kind, values, PixelData=(values.view("u2") & 0xFFF).tobytes())

    found = native_pixels(read_back(transcoded(changed_image(transcoded(image_of(bare), JPEG_LOSSLESS)), EXPLICIT_LE)))

    np.testing.assert_array_equal(found, values)


def test_bits_beyond_bits_stored_are_not_lost_silently() -> None:
    kind = Kind("", 12)
    crowded = image_of(dataset(kind, pixels(kind), PixelData=(pixels(kind) | 0x8000).tobytes()))

    with pytest.raises(UnsupportedPixels, match="beyond Bits Stored"):
        transcoded(crowded, J2K)
    found = read_back(transcoded(changed_image(transcoded(crowded, RLE)), EXPLICIT_LE))

    np.testing.assert_array_equal(np.frombuffer(found.PixelData, "u2") >> 12, 8)


@pytest.mark.parametrize("end", [".4.110", ".4.102", ".8.1", ".4.94", ".4.55"])
def test_what_nothing_decodes_passes_and_is_held_when_a_mask_is_due(end: str) -> None:
    made = dataset(GREY, pixels(GREY))
    made["PixelData"].VR = "OB"
    made["PixelData"].is_undefined_length = True
    made.PixelData = b"\xfe\xff\x00\xe0\x00\x00\x00\x00" + b"\xfe\xff\x00\xe0\x04\x00\x00\x00abcd"
    image = image_of(made, f"{SHORT}{end}")

    assert chosen_syntax(f"{SHORT}{end}", J2K.uid) == f"{SHORT}{end}"
    assert transcoded(image, image.encoded.syntax).content is None
    with pytest.raises(UnsupportedPixels, match="have the sender use another transfer syntax"):
        clean(image, MASK)


def test_nothing_is_written_in_a_syntax_without_encoder() -> None:
    with pytest.raises(UnsupportedPixels, match="cannot be written in Explicit VR Big Endian"):
        transcoded(image_of(dataset(GREY, pixels(GREY))), EXPLICIT_BE)


@pytest.mark.parametrize(
    "came, wanted, only_uncompressed, expected",
    [
        (EXPLICIT_LE, None, False, EXPLICIT_LE),
        (EXPLICIT_LE, J2K, False, J2K),
        (BASELINE, J2K, False, J2K),
        (BASELINE, J2K, True, BASELINE),
        (RLE, J2K, True, J2K),
        (EXPLICIT_BE, J2K, True, J2K),
    ],
)
def test_the_outgoing_syntax_follows_the_destination(
    came: TransferSyntax, wanted: TransferSyntax | None, only_uncompressed: bool, expected: TransferSyntax
) -> None:
    found = chosen_syntax(came.uid, wanted.uid if wanted else None, only_uncompressed=only_uncompressed)

    assert found == expected.uid
    assert wanted is None or wanted.uid in TARGETS

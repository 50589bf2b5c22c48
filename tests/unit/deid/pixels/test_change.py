"""Pixel changes and the edits of a plan, put together."""

import pytest
from pydicom.sequence import Sequence

from philae.deid.pixels.change import PixelChange, assembled, flattened, length
from philae.deid.pixels.cleaning import clean, transcoded
from philae.deid.pixels.module import Image
from philae.dicom.layout import EXPLICIT
from philae.dicom.splice import Cause, Edit, Span, joined
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax, transfer_syntax
from tests.support.images import (
    COLOUR,
    GREY,
    changed_image,
    dataset,
    image_in,
    image_of,
    mask_of,
    native_pixels,
    pixels,
    read_back,
)

MASK = mask_of((1, 1, 8, 8))
J2K = transfer_syntax("1.2.840.10008.1.2.4.90")
PATIENT_NAME = 0x00100010
BURNED_IN = 0x00280301
PIXEL_DATA = 0x7FE00010


def removal(image: Image, tag: int) -> Edit:
    header = image.elements[tag]
    return Edit(header.start, header.end, b"", Cause(tag, header.vr, (), "X", 0))


def replacement(image: Image, tag: int, vr: str, value: bytes) -> Edit:
    header = image.elements[tag]
    element = image.layout.header(tag, vr, len(value)) + value
    return Edit(header.start, header.end, element, Cause(tag, vr, (), "D", 0))


def result(change: PixelChange, edits: list[Edit]) -> Image:
    raw = joined(change.image.encoded.source, list(flattened(assembled(change, edits))))
    return image_in(raw, change.syntax.uid)


@pytest.mark.parametrize("target", [EXPLICIT_LE, IMPLICIT_LE, DEFLATED_LE, J2K], ids=lambda syntax: syntax.name)
def test_a_plan_and_a_change_are_made_together(target: TransferSyntax) -> None:
    image = image_of(dataset(COLOUR, pixels(COLOUR)))
    change = clean(image, MASK, target=target)
    assert change is not None

    found = result(change, [removal(image, PATIENT_NAME)])

    assert PATIENT_NAME not in found.elements
    assert found.value(BURNED_IN) == b"NO"
    assert list(found.elements) == sorted(found.elements)


def test_the_change_wins_over_the_plan_on_what_both_write() -> None:
    image = image_of(dataset(GREY, pixels(GREY), BurnedInAnnotation="NO"))
    change = clean(image, MASK)
    assert change is not None

    replaced = result(change, [replacement(image, BURNED_IN, "CS", b"YES ")])
    removed = result(change, [removal(image, BURNED_IN)])

    assert replaced.value(BURNED_IN) == b"NO"
    assert removed.value(BURNED_IN) == b"NO"


def test_an_attribute_that_both_add_stands_there_once() -> None:
    image = image_of(dataset(GREY, pixels(GREY)))
    change = clean(image, MASK)
    assert change is not None
    (ours,) = change.edits(0)
    planned = Edit(ours.start, ours.start, EXPLICIT.header(BURNED_IN, "CS", 4) + b"YES ", ours.cause)

    found = result(change, [planned])

    assert found.value(BURNED_IN) == b"NO"
    assert bytes(found.encoded.source).count(b"\x28\x00\x01\x03CS") == 1


def test_an_insertion_behind_a_removed_sequence_survives() -> None:
    made = dataset(GREY, pixels(GREY))
    made.IconImageSequence = Sequence([dataset(GREY, pixels(GREY, 4, 4))])
    image = image_of(made)
    change = clean(image, MASK)
    assert change is not None
    icon = image.elements[0x00880200]
    added = Edit(icon.end, icon.end, EXPLICIT.header(0x00880904, "LO", 2) + b"ok", Cause(0x00880904, "LO", (), "D", 0))
    inside = Edit(icon.end - 8, icon.end, b"", Cause(0x00080000, "UL", (0x00880200,), "X", 0))

    found = result(change, [inside, added])

    assert 0x00880200 not in found.elements
    assert found.value(0x00880904) == b"ok"


def test_pixel_data_that_the_plan_removes_stays_removed() -> None:
    image = image_of(dataset(GREY, pixels(GREY)))
    change = clean(image, MASK)
    assert change is not None

    pieces = assembled(change, [removal(image, PIXEL_DATA)])

    assert b"\xe0\x7f\x10\x00" not in joined(image.encoded.source, list(flattened(pieces)))


def test_elements_behind_the_pixels_survive() -> None:
    made = dataset(GREY, pixels(GREY))
    made.add_new(0xFFFCFFFC, "OB", b"\0\0")
    image = image_of(made)

    for target in (EXPLICIT_LE, IMPLICIT_LE, J2K):
        assert read_back(transcoded(image, target))[0xFFFCFFFC].value == b"\0\0"


@pytest.mark.parametrize("target", [EXPLICIT_LE, J2K], ids=lambda syntax: syntax.name)
def test_the_length_is_known_before_anything_is_read_and_reading_repeats(target: TransferSyntax) -> None:
    image = image_of(dataset(COLOUR, pixels(COLOUR, 9, 9, 3)))
    change = clean(image, MASK, target=target)
    assert change is not None

    pieces = assembled(change)
    read = [joined(image.encoded.source, list(flattened(pieces))) for _ in range(2)]

    assert read[0] == read[1]
    assert len(read[0]) == length(pieces)


def test_native_frames_stay_ranges_of_the_source_where_no_mask_lies() -> None:
    image = image_of(dataset(GREY, pixels(GREY, 200, 100)))
    change = clean(image, mask_of((0, 100, 99, 9)))
    assert change is not None
    assert change.content is not None

    found = list(change.content.segments())

    assert [type(segment) for segment in found] == [Span, bytes, Span]
    assert len(found[1]) == 1000


def test_native_syntaxes_change_without_touching_pixels() -> None:
    image = image_of(dataset(GREY, pixels(GREY)))

    change = transcoded(image, IMPLICIT_LE)

    assert change.content is None
    assert native_pixels(read_back(change)).tolist() == pixels(GREY).tolist()
    assert transcoded(changed_image(change), EXPLICIT_LE).content is None

from __future__ import annotations

import struct

import pytest

from philae.deid.errors import Unreadable
from philae.deid.instance_attributes import InstanceAttributes
from philae.dicom.scan import Encoded, deflate
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax, transfer_syntax
from tests.support.attributes import attributes, attributes_of
from tests.support.trees import Element, encode, encoded, text

NAME, PATIENT_ID, COMMENTS, IMAGE_TYPE = 0x00100010, 0x00100020, 0x00104000, 0x00080008
ROWS, LUT, PIXELS, PROCEDURE_CODES, CODE = 0x00280010, 0x00281101, 0x7FE00010, 0x00081032, 0x00080100
SYNTAXES = [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE]


def test_text_is_decoded_and_each_part_of_it_stripped() -> None:
    tree = [Element(0x00080005, "CS", b"ISO_IR 192"), Element(NAME, "PN", " Jürg^Ü \\ Zoë ".encode())]

    assert attributes_of(tree).text(NAME) == "Jürg^Ü\\Zoë"


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_numbers_of_binary_vrs_are_written_in_decimal_in_every_syntax(syntax: TransferSyntax) -> None:
    order = ">" if syntax.big_endian else "<"
    tree = [
        Element(ROWS, "US", struct.pack(f"{order}H", 512)),
        Element(LUT, "US", struct.pack(f"{order}3H", 256, 0, 16)),
    ]

    read = InstanceAttributes(encoded(tree, syntax))

    assert read.text(ROWS) == "512"
    assert read.values(LUT) == ("256", "0", "16")


def test_empty_is_told_from_absent() -> None:
    read = attributes(PatientID="")

    assert (read.text(PATIENT_ID), read.values(PATIENT_ID), read.first(PATIENT_ID)) == ("", (), None)
    assert (read.text(NAME), read.values(NAME), read.first(NAME)) == (None, (), None)


def test_values_are_split_but_those_of_long_texts_are_not() -> None:
    read = attributes(ImageType="ORIGINAL\\PRIMARY", PatientComments="a\\b")

    assert read.values(IMAGE_TYPE) == ("ORIGINAL", "PRIMARY")
    assert read.values(COMMENTS) == ("a\\b",)


def test_value_is_present_only_if_its_first_part_is() -> None:
    read = attributes(ImageType="\\PRIMARY", PatientID="", PatientName="Doe")

    assert [read.is_present(tag) for tag in (IMAGE_TYPE, PATIENT_ID, NAME, COMMENTS)] == [False, False, True, False]


def test_sequences_have_no_text_and_count_as_absent_but_somewhere() -> None:
    tree = [Element(PROCEDURE_CODES, "SQ", [[text(CODE, "SH", "P1")]])]

    read = attributes_of(tree)

    assert read.text(PROCEDURE_CODES) is None
    assert not read.is_present(PROCEDURE_CODES)
    assert read.is_anywhere(PROCEDURE_CODES)


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("undefined", [False, True])
def test_nested_attributes_are_found_anywhere_but_never_at_the_root(syntax: TransferSyntax, undefined: bool) -> None:
    inner = Element(PROCEDURE_CODES, "SQ", [[text(CODE, "SH", "")]])
    tree = [Element(PROCEDURE_CODES, "SQ", [[inner]]), text(NAME, "PN", "Doe")]

    read = InstanceAttributes(encoded(tree, syntax, undefined=undefined))

    assert read.is_anywhere(CODE)
    assert not read.is_anywhere(PATIENT_ID)
    assert read.text(CODE) is None
    assert read.text(NAME) == "Doe"


def test_bytes_that_are_no_text_are_present_without_a_text() -> None:
    read = attributes_of([Element(PIXELS, "OW", b"\1\2\3\4")])

    assert read.is_present(PIXELS)
    assert read.text(PIXELS) is None


def test_unknown_vr_of_a_known_attribute_is_read_as_the_standard_says() -> None:
    read = attributes_of([Element(NAME, "UN", b"Doe "), Element(0x00091001, "UN", b"raw ")])

    assert read.text(NAME) == "Doe"
    assert read.text(0x00091001) is None


def test_group_lengths_count_as_absent() -> None:
    read = attributes_of([Element(0x00100000, "UL", b"\0\0\0\0"), text(NAME, "PN", "Doe")])

    assert not read.is_anywhere(0x00100000)
    assert read.text(NAME) == "Doe"


def test_unordered_and_repeated_elements_are_found_the_last_one_counts() -> None:
    read = attributes_of([text(PATIENT_ID, "LO", "1"), text(NAME, "PN", "Doe"), text(PATIENT_ID, "LO", "2")])

    assert read.text(PATIENT_ID) == "2"
    assert read.text(NAME) == "Doe"


def test_same_header_is_read_alike_in_every_later_instance() -> None:
    first = attributes(PatientID="1", PatientName="Doe", ImageType="A\\B")
    second = attributes(PatientID="22", PatientName="Roe^R", ImageType="C")

    assert [first.text(tag) for tag in (PATIENT_ID, NAME, IMAGE_TYPE)] == ["1", "Doe", "A\\B"]
    assert [second.text(tag) for tag in (PATIENT_ID, NAME, IMAGE_TYPE)] == ["22", "Roe^R", "C"]


def test_deflated_instances_are_read_too() -> None:
    plain = encoded([text(NAME, "PN", "Doe")])
    raw = deflate(plain, [bytes(plain.source)])
    read = InstanceAttributes(Encoded(raw, 0, len(raw), transfer_syntax("1.2.840.10008.1.2.1.99")))

    assert read.text(NAME) == "Doe"


@pytest.mark.parametrize("cut", [1, 4, 9])
def test_instance_that_ends_too_early_is_unreadable_and_says_nothing_of_it(cut: int) -> None:
    raw = encode([text(NAME, "PN", "Secret^Name"), Element(PIXELS, "OW", b"\1\2\3\4")])[:-cut]
    read = InstanceAttributes(Encoded(raw, 0, len(raw), EXPLICIT_LE))

    with pytest.raises(Unreadable) as raised:
        read.text(NAME)

    assert "Secret" not in str(raised.value)


def test_items_that_cannot_be_read_make_the_search_unreadable() -> None:
    raw = encode([Element(PROCEDURE_CODES, "SQ", [])])[:-4] + struct.pack("<I", 4) + b"oops"
    read = InstanceAttributes(Encoded(raw, 0, len(raw), EXPLICIT_LE))

    with pytest.raises(Unreadable):
        read.is_anywhere(CODE)

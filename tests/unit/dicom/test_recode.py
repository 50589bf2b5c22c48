from __future__ import annotations

from io import BytesIO

import pydicom
import pytest

from philae.dicom.recode import recode
from philae.dicom.scan import Encoded, MalformedDataset
from philae.dicom.splice import Span, joined
from philae.dicom.syntax import EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.trees import (
    ITEM,
    ITEM_END,
    SEQUENCE_END,
    UNDEFINED,
    Element,
    Tree,
    encode,
    header,
    nested,
    parse,
    text,
)

CODES = 0x0040A043
ICON = 0x00880200
PIXEL_REPRESENTATION = 0x00280103
SMALLEST_PIXEL = 0x00280106


def recoded(raw: bytes, source: TransferSyntax, target: TransferSyntax) -> bytes:
    return joined(raw, recode(Encoded(raw, 0, len(raw), source), target))


def there_and_back(raw: bytes) -> bytes:
    return recoded(recoded(raw, EXPLICIT_LE, IMPLICIT_LE), IMPLICIT_LE, EXPLICIT_LE)


def read(raw: bytes, *, implicit: bool = False) -> pydicom.Dataset:
    return pydicom.filereader.read_dataset(BytesIO(raw), implicit, True)


@pytest.mark.parametrize("undefined", [False, True])
def test_values_and_nesting_survive_the_way_to_implicit_and_back(undefined: bool) -> None:
    tree: Tree = [
        text(0x00080018, "UI", "1.2.3"),
        Element(CODES, "SQ", [[text(0x00080100, "SH", "T-1"), Element(CODES, "SQ", [[text(0x00080104, "LO", "in")]])]]),
        Element(0x7FE00010, "OW", bytes(range(100))),
    ]

    back = there_and_back(encode(tree, undefined=undefined))

    assert back == encode(tree, undefined=True)


def test_both_readings_hold_the_same_values() -> None:
    tree: Tree = [
        text(0x00080005, "CS", "ISO_IR 192"),
        Element(0x00100010, "PN", "Müller^Ä ".encode()),
        Element(0x00280010, "US", b"\x00\x02"),
        text(0x00280030, "DS", "0.5\\0.5"),
        Element(0x00409096, "SQ", [[Element(0x00409224, "FD", bytes(8))], []]),
    ]
    explicit = encode(tree)

    implicit = recoded(explicit, EXPLICIT_LE, IMPLICIT_LE)

    assert read(implicit, implicit=True) == read(explicit)


@pytest.mark.parametrize("items", [[], [[]], [[], []]])
def test_empty_sequences_and_empty_items_stay(items: list[Tree]) -> None:
    tree: Tree = [Element(CODES, "SQ", items)]

    assert parse(there_and_back(encode(tree))) == tree


def test_group_lengths_are_dropped_at_every_level() -> None:
    length = Element(0x00080000, "UL", b"\x0a\0\0\0")
    name = text(0x00080104, "LO", "in")

    implicit = recoded(encode([length, name, Element(CODES, "SQ", [[length, name]])]), EXPLICIT_LE, IMPLICIT_LE)

    assert implicit == encode([name, Element(CODES, "SQ", [[name]])], IMPLICIT_LE, undefined=True)


def test_un_of_undefined_length_holds_implicit_items() -> None:
    inside = encode([text(0x00091002, "LO", "private")], IMPLICIT_LE)
    raw = (
        header(0x00091001, "UN", UNDEFINED)
        + header(ITEM, "", len(inside))
        + inside
        + header(SEQUENCE_END, "", 0)
        + encode([text(0x00100020, "LO", "P1")])
    )

    implicit = recoded(raw, EXPLICIT_LE, IMPLICIT_LE)
    explicit = recoded(raw, EXPLICIT_LE, EXPLICIT_LE)

    private = [Element(0x00091001, "SQ", [[Element(0x00091002, "UN", b"private ")]]), text(0x00100020, "LO", "P1")]
    assert implicit == encode(private, IMPLICIT_LE, undefined=True)
    assert explicit == encode(private, undefined=True)


def test_un_of_known_length_passes_as_it_is() -> None:
    tree: Tree = [Element(0x00091001, "UN", bytes(range(10)))]

    assert there_and_back(encode(tree)) == encode(tree)


@pytest.mark.parametrize("representation, vr", [(b"\0\0", "US"), (b"\1\0", "SS")])
def test_pixel_representation_decides_between_us_and_ss(representation: bytes, vr: str) -> None:
    tree: Tree = [
        Element(PIXEL_REPRESENTATION, "US", representation),
        Element(SMALLEST_PIXEL, vr, b"\xff\xff"),
    ]

    assert there_and_back(encode(tree)) == encode(tree)


def test_pixel_representation_of_an_item_speaks_for_that_item_only() -> None:
    icon: Tree = [Element(PIXEL_REPRESENTATION, "US", b"\1\0"), Element(SMALLEST_PIXEL, "SS", b"\xff\xff")]
    tree: Tree = [
        Element(0x00081140, "SQ", [icon]),
        Element(SMALLEST_PIXEL, "US", b"\1\0"),
    ]

    assert there_and_back(encode(tree)) == encode(tree, undefined=True)


def test_an_item_without_pixel_representation_follows_what_encloses_it() -> None:
    tree: Tree = [
        Element(PIXEL_REPRESENTATION, "US", b"\1\0"),
        Element(0x00283000, "SQ", [[Element(SMALLEST_PIXEL, "SS", b"\xff\xff")]]),
    ]

    assert there_and_back(encode(tree)) == encode(tree, undefined=True)


def test_a_value_too_long_for_its_explicit_vr_becomes_un() -> None:
    long = b"1\\" * 40_000

    explicit = recoded(encode([Element(0x00280030, "DS", long)], IMPLICIT_LE), IMPLICIT_LE, EXPLICIT_LE)

    assert explicit == encode([Element(0x00280030, "UN", long)])


def test_long_values_are_ranges_of_the_source_not_copies() -> None:
    raw = encode([text(0x00080018, "UI", "1.2.3"), Element(0x7FE00010, "OW", bytes(1 << 20))])

    segments = recode(Encoded(raw, 0, len(raw), EXPLICIT_LE), IMPLICIT_LE)

    assert [each for each in segments if isinstance(each, Span)] == [Span(len(raw) - (1 << 20), len(raw))]
    assert sum(len(each) for each in segments if isinstance(each, bytes)) < 100


def test_only_the_dataset_between_start_and_end_is_read() -> None:
    raw = encode([text(0x00080018, "UI", "1.2.3")])
    around = b"before" + raw + b"behind"

    segments = recode(Encoded(around, 6, 6 + len(raw), EXPLICIT_LE), IMPLICIT_LE)

    assert joined(around, segments) == encode([text(0x00080018, "UI", "1.2.3")], IMPLICIT_LE)


def test_sequences_nested_200_deep_pass_and_deeper_ones_are_refused() -> None:
    inside = encode([text(0x00080104, "LO", "in")])

    passed = there_and_back(nested(200, inside))

    assert passed == nested(200, inside, undefined=True)
    with pytest.raises(MalformedDataset, match="too deep"):
        recoded(nested(300, inside), EXPLICIT_LE, IMPLICIT_LE)


FRAGMENTS = header(ITEM, "", 4) + b"\xff\xd8\xff\xd9" + header(SEQUENCE_END, "", 0)
OPEN_SEQUENCE = header(CODES, "SQ", UNDEFINED) + header(ITEM, "", UNDEFINED)


@pytest.mark.parametrize(
    "raw, problem",
    [
        (header(0x7FE00010, "OB", UNDEFINED) + FRAGMENTS, "fragments have no place"),
        (encode([Element(0x7FE00010, "OW", bytes(10))])[:-1], "beyond the end"),
        (OPEN_SEQUENCE, "delimiter of its items is missing"),
        (OPEN_SEQUENCE + header(ITEM_END, "", 0), "delimiter of its items is missing"),
        (header(CODES, "SQ", UNDEFINED) + encode([text(0x00080104, "LO", "in")]), "an item of the sequence"),
        (header(SEQUENCE_END, "", 0) + encode([text(0x00080104, "LO", "in")]), "delimiter without its sequence"),
        (header(ITEM_END, "", 0) + encode([text(0x00080104, "LO", "in")]), "delimiter without its sequence"),
        (b"\x08\0\x18", "inside an element header"),
    ],
)
def test_what_is_no_native_dataset_is_refused_and_nothing_of_it_lost_silently(raw: bytes, problem: str) -> None:
    with pytest.raises(MalformedDataset, match=problem):
        recoded(raw, EXPLICIT_LE, IMPLICIT_LE)

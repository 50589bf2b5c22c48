"""Element headers of encoded datasets."""

import pytest

from philae.dicom.scan import Encoded, Identifiers, MalformedDataset, deflate, elements, identify, inflate
from philae.dicom.splice import Span
from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.trees import Element, encode, encoded, text

TREE = [
    text(0x00080005, "CS", "ISO_IR 100"),
    text(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.2"),
    text(0x00080018, "UI", "1.2.3"),
    text(0x00080050, "SH", "ACC"),
    text(0x00080060, "CS", "CT"),
    Element(0x00081032, "SQ", [[text(0x00080100, "SH", "1")], [Element(0x00540016, "SQ", [[]])]]),
    text(0x00100020, "LO", "Müller 1\\other"),
    text(0x00100021, "LO", "Issuer"),
    text(0x0020000D, "UI", "1.2.4"),
    text(0x0020000E, "UI", "1.2.5"),
    Element(0x7FE00010, "OW", bytes(8)),
]
SYNTAXES = pytest.mark.parametrize(
    "syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE], ids=lambda syntax: str(syntax.name)
)
FOUND = Identifiers(
    sop_class_uid="1.2.840.10008.5.1.4.1.1.2",
    sop_instance_uid="1.2.3",
    study_instance_uid="1.2.4",
    series_instance_uid="1.2.5",
    patient_id="Müller 1",
    issuer_of_patient_id="Issuer",
    modality="CT",
    accession_number="ACC",
)


@SYNTAXES
@pytest.mark.parametrize("undefined", [False, True])
def test_elements_come_in_file_order_with_their_paths(syntax: TransferSyntax, undefined: bool) -> None:
    source = encoded(TREE, syntax, undefined=undefined)

    found = [(header.path, header.tag, header.vr) for header in elements(source)]

    assert [row for row in found if row[0]] == [
        (((0x00081032, 0),), 0x00080100, "SH"),
        (((0x00081032, 1),), 0x00540016, "SQ"),
    ]
    assert [row[1:] for row in found if not row[0]] == [(element.tag, element.vr) for element in TREE]


@SYNTAXES
@pytest.mark.parametrize("undefined", [False, True])
def test_elements_lie_end_to_end(syntax: TransferSyntax, undefined: bool) -> None:
    source = encoded(TREE, syntax, undefined=undefined)

    found = list(elements(source, nested=False))

    assert [header.start for header in found] == [0, *(header.end for header in found[:-1])]
    assert found[-1].end == source.end


@SYNTAXES
def test_identifiers_are_first_values_in_the_character_set(syntax: TransferSyntax) -> None:
    source = encoded(TREE, syntax)

    assert identify(source.source, 0, source.end, syntax, complete=True) == FOUND


@pytest.mark.parametrize("undefined", [False, True])
def test_a_head_cut_off_anywhere_identifies_what_it_holds(undefined: bool) -> None:
    whole = encode(TREE, undefined=undefined)

    for end in range(len(whole)):
        found = identify(whole[:end], 0, end, EXPLICIT_LE, complete=False)
        assert found.sop_instance_uid in ("", "1.2.3")
        assert found.patient_id in ("", "Müller 1")


def test_a_complete_dataset_that_is_cut_off_is_malformed() -> None:
    raw = encode(TREE)[:100]

    with pytest.raises(MalformedDataset) as found:
        identify(raw, 0, len(raw), EXPLICIT_LE, complete=True)

    assert found.value.tag is not None
    assert "ISO" not in str(found.value)


def test_deflating_undoes_inflating() -> None:
    plain = encoded(TREE)
    packed = deflate(plain, [Span(0, plain.end)])

    found = inflate(Encoded(packed, 0, len(packed), DEFLATED_LE))

    assert found.source == plain.source
    assert len(packed) % 2 == 0
    assert identify(packed, 0, len(packed), DEFLATED_LE, complete=False) == FOUND


def test_inflating_is_bounded() -> None:
    plain = Encoded(bytes(1_000_000), 0, 1_000_000, EXPLICIT_LE)
    packed = deflate(plain, [Span(0, plain.end)])

    with pytest.raises(MalformedDataset, match="more than 1000 bytes"):
        inflate(Encoded(packed, 0, len(packed), DEFLATED_LE), limit=1000)


def test_a_cut_off_stream_is_malformed() -> None:
    plain = encoded(TREE)
    packed = deflate(plain, [Span(0, plain.end)])[:20]

    with pytest.raises(MalformedDataset, match="cut off"):
        inflate(Encoded(packed, 0, len(packed), DEFLATED_LE))


def test_other_syntaxes_are_not_inflated() -> None:
    plain = encoded(TREE)

    assert inflate(plain) is plain

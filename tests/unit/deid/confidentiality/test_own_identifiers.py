"""The identifiers of an instance, from wherever they stand in it."""

import pytest

from philae.deid.confidentiality.own_identifiers import IdentifierReader
from philae.dicom.layout import layout_of
from philae.dicom.syntax import EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, TransferSyntax
from tests.support.engine import instance
from tests.support.trees import Element, encode, encoded, text

SYNTAXES = pytest.mark.parametrize(
    "syntax", [EXPLICIT_LE, IMPLICIT_LE, EXPLICIT_BE], ids=lambda syntax: str(syntax.name)
)


@SYNTAXES
@pytest.mark.parametrize("undefined", [False, True])
def test_they_are_found_at_any_depth_each_once(syntax: TransferSyntax, undefined: bool) -> None:
    inner = [text(0x00080050, "SH", "ACC-1"), text(0x00080090, "PN", "Deep^Doc"), text(0x00400002, "DA", "20240102")]
    tree = instance(
        text(0x00080020, "DA", "20240101"),
        text(0x00080050, "SH", "ACC-1"),
        text(0x00100010, "PN", "Muster^Max"),
        text(0x00100030, "DA", "19700105"),
        Element(0x00400275, "SQ", [[], [Element(0x00081032, "SQ", [inner])]]),
        Element(0x7FE00010, "OW", bytes(64)),
    )

    own = IdentifierReader().read(encoded(tree, syntax, undefined=undefined), layout_of(syntax))

    assert own.names == (b"Deep^Doc", b"Muster^Max")
    assert own.ids == (b"ACC-1", b"PATIENT-1")
    assert own.birth_dates == (b"19700105",)
    assert own.dates == (b"20240101", b"20240102")


def test_sequences_inside_un_are_looked_into() -> None:
    item = encode([text(0x00100010, "PN", "Hidden^Name")], IMPLICIT_LE)
    value = b"\xfe\xff\x00\xe0" + len(item).to_bytes(4, "little") + item
    tree = instance(
        Element(0x00091001, "UN", value), Element(0x00540016, "UN", value), Element(0x00091002, "UN", b"raw!")
    )

    own = IdentifierReader().read(encoded(tree), layout_of(EXPLICIT_LE))

    assert own.names == (b"Hidden^Name",)


def test_un_bytes_that_only_look_like_items_do_no_harm() -> None:
    junk = b"\xfe\xff\x00\xe0" + (8).to_bytes(4, "little") + b"\xff" * 8
    tree = instance(Element(0x00091001, "UN", junk), text(0x00100010, "PN", "Muster^Max"))

    assert IdentifierReader().read(encoded(tree), layout_of(EXPLICIT_LE)).names == (b"Muster^Max",)

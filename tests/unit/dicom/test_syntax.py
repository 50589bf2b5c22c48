"""Transfer syntaxes."""

from philae.dicom.syntax import DEFLATED_LE, EXPLICIT_BE, EXPLICIT_LE, IMPLICIT_LE, transfer_syntax


def test_the_four_native_syntaxes_differ_in_layout() -> None:
    layouts = [
        (syntax.implicit, syntax.big_endian, syntax.deflated, syntax.encapsulated)
        for syntax in (IMPLICIT_LE, EXPLICIT_LE, DEFLATED_LE, EXPLICIT_BE)
    ]

    assert layouts == [
        (True, False, False, False),
        (False, False, False, False),
        (False, False, True, False),
        (False, True, False, False),
    ]


def test_compressed_and_unknown_syntaxes_are_explicit_with_fragments() -> None:
    for uid in ("1.2.840.10008.1.2.4.90", "1.2.826.0.1.999"):
        syntax = transfer_syntax(uid)
        assert (syntax.implicit, syntax.big_endian, syntax.deflated, syntax.encapsulated) == (False, False, False, True)

"""Values as text and text as values."""

import pytest

from philae.dicom.values import codecs_of, decode_text, encode_text, encode_value, first_value, padded, whole_value


@pytest.mark.parametrize(
    "character_set, raw, text",
    [
        ("", b"Doe^John", "Doe^John"),
        ("", b"M\xfcller", "Müller"),  # undeclared: distinct values stay distinct
        ("ISO_IR 100", b"M\xfcller", "Müller"),
        ("ISO_IR 192", "Müller 東京".encode(), "Müller 東京"),
        ("ISO_IR 144", b"\xbb\xee\xdace\xdc\xd1\xeb\xd9"[:1], "Л"),
        ("\\ISO 2022 IR 87", b"Yamada=\x1b$B;3ED\x1b(B=\x1b$B$d$^\x1b(B", "Yamada=山田=やま"),
        ("\\ISO 2022 IR 149", b"Hong=\x1b$)C\xfb\xf3", "Hong=洪"),
        ("no such set", b"plain", "plain"),
    ],
)
def test_text_is_decoded_in_its_character_set(character_set: str, raw: bytes, text: str) -> None:
    assert decode_text(raw, codecs_of(character_set)) == text


@pytest.mark.parametrize(
    "character_set, text",
    [("ISO_IR 100", "Müller"), ("ISO_IR 192", "東京"), ("\\ISO 2022 IR 87", "Yamada^Tarou=山田^太郎=やまだ^たろう")],
)
def test_encoding_undoes_decoding(character_set: str, text: str) -> None:
    codecs = codecs_of(character_set)
    raw = encode_text(text, codecs)

    assert raw is not None
    assert decode_text(raw, codecs) == text


@pytest.mark.parametrize("character_set", ["", "ISO_IR 100", "ISO_IR 144"])
def test_text_outside_the_character_set_is_refused(character_set: str) -> None:
    assert encode_text("東京", codecs_of(character_set)) is None


@pytest.mark.parametrize(
    "vr, raw, first, whole",
    [
        ("LO", b" A \\B ", "A", "A\\B"),
        ("LT", b" A\\B ", " A\\B", " A\\B"),
        ("UI", b"1.2\0", "1.2", "1.2"),
        ("US", b"\x05\0\x06\0", "5", "5"),
        ("FD", b"\0\0\0\0\0\0\xf8?", "1.5", "1.5"),
        ("OB", b"\x07\x08", "7", "7"),
        ("CS", b"", "", ""),
        ("US", b"", "", ""),
    ],
)
def test_first_and_whole_value(vr: str, raw: bytes, first: str, whole: str) -> None:
    assert first_value(raw, vr) == first
    assert whole_value(raw, vr) == whole


@pytest.mark.parametrize(
    "vr, text, raw",
    [
        ("LO", " A \\ B", b"A\\B"),
        ("UT", " A\\B", b" A\\B"),
        ("US", "5", b"\x05\0"),
        ("US", "UNKNOWN", None),
        ("US", "70000", None),
        ("UN", "UNKNOWN", None),
        ("SQ", "x", None),
        ("FL", "1.5", b"\0\0\xc0?"),
        ("CS", "", b""),
    ],
)
def test_values_are_encoded_by_their_vr(vr: str, text: str, raw: bytes | None) -> None:
    assert encode_value(text, vr) == raw


def test_padding_follows_the_vr() -> None:
    assert padded(b"1.2", "UI") == b"1.2\0"
    assert padded(b"abc", "LO") == b"abc "
    assert padded(b"abc", "OB") == b"abc\0"
    assert padded(b"ab", "LO") == b"ab"

"""One value decoded to text or encoded from it: character sets (PS3.5 6.1), padding, numbers."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from struct import Struct, error
from typing import Final, TypeAlias

from philae.dicom.charsets import CODECS, CODECS_BY_ESCAPE

Codecs: TypeAlias = tuple[str, ...]

ASCII: Final[Codecs] = ("ascii",)
TEXT_VRS: Final = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})  # those that (0008,0005) speaks of
UNSPLIT_VRS: Final = frozenset({"LT", "ST", "UT", "UR"})
STRING_VRS: Final = TEXT_VRS | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}

_CONTROL_AND_SPACE: Final = "".join(map(chr, range(0x21)))
_NUMBERS: Final = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "UV": "Q", "SV": "q", "FL": "f", "FD": "d"}
_WIDTHS: Final = {"OW": "h", "OL": "i", "OV": "q", "OF": "f", "OD": "d", "OB": "b", "UN": "b", "AT": "I"}
_ESCAPE: Final = re.compile(rb"(?=\x1b)")
_TO_ASCII: Final = b"\x1b(B"
_PERSON_NAME_PARTS: Final = re.compile(r"([\\^=])")


@lru_cache(maxsize=256)
def codecs_of(character_set: str) -> Codecs:
    """The Python codecs of a Specific Character Set value; unknown terms count as the default repertoire."""
    terms = [term.strip(_CONTROL_AND_SPACE) for term in character_set.split("\\")]
    codecs = [_codec(term) for term in terms] if any(terms) else list(ASCII)
    return tuple(codecs)


def _codec(term: str) -> str:
    return CODECS.get(term, "ascii")


def decode_text(raw: bytes, codecs: Codecs = ASCII) -> str:
    """The text of a value, padding included.

    Bytes outside the declared repertoire count as Latin-1, so that two values never become one.
    """
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    if len(codecs) > 1 and b"\x1b" in raw:
        return "".join(chain.from_iterable(_decode_fragment(part, codecs[0]) for part in _ESCAPE.split(raw) if part))
    return _decode(raw, codecs[0])


def _decode_fragment(part: bytes, default: str) -> str:
    if not part.startswith(b"\x1b"):
        return _decode(part, default)
    for length in (4, 3):
        codec = CODECS_BY_ESCAPE.get(part[:length])
        if codec is not None:
            keeps_escape = codec.startswith("iso2022_jp")
            return _decode(part if keeps_escape else part[length:], codec)
    return _decode(part, default)


def _decode(raw: bytes, codec: str) -> str:
    try:
        return raw.decode(codec)
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def encode_text(text: str, codecs: Codecs = ASCII) -> bytes | None:
    """The bytes of ``text`` without padding, or None if the character set cannot express it."""
    if text.isascii():
        return text.encode("ascii")
    for codec in codecs[:1]:
        try:
            return text.encode(codec)
        except UnicodeEncodeError:
            pass
    if len(codecs) == 1 or not all(_expresses(character, codecs) for character in text):
        return None
    return b"".join(_with_escapes(part, codecs) for part in _PERSON_NAME_PARTS.split(text))


def _with_escapes(part: str, codecs: Codecs) -> bytes:
    """Text between delimiters; the default character set holds again behind it (PS3.5 6.1.2.5.3)."""
    if part.isascii():
        return part.encode("ascii")
    from pydicom.charset import encode_string  # noqa: PLC0415 - all of pydicom comes with it, for few instances

    raw = encode_string(part, list(codecs))
    return raw if raw.endswith(_TO_ASCII) or b"\x1b" not in raw else raw + _TO_ASCII


def _expresses(character: str, codecs: Codecs) -> bool:
    for codec in codecs:
        try:
            character.encode(codec)
        except UnicodeEncodeError:
            continue
        return True
    return False


def padded(raw: bytes, vr: str) -> bytes:
    """The value at even length: UI and binary VRs end with NUL, text with a space (PS3.5 6.2)."""
    if len(raw) % 2 == 0:
        return raw
    return raw + (b" " if vr in STRING_VRS and vr != "UI" else b"\0")


def stripped(text: str) -> str:
    """The text without characters up to U+0020 on either side."""
    return text.strip(_CONTROL_AND_SPACE)


def first_text(raw: bytes, codecs: Codecs = ASCII) -> str:
    """The first value of a multi-valued text, stripped."""
    return stripped(decode_text(raw, codecs).split("\\", 1)[0])


def first_value(raw: bytes, vr: str, codecs: Codecs = ASCII, *, big_endian: bool = False) -> str:
    """The first value as text, empty when there is none; numbers in decimal. ``raw`` is the value as encoded."""
    if vr in UNSPLIT_VRS:
        return decode_text(raw, codecs if vr in TEXT_VRS else ASCII).rstrip(_CONTROL_AND_SPACE)
    if vr in STRING_VRS:
        return first_text(raw, codecs if vr in TEXT_VRS else ASCII)
    return _first_number(raw, vr, big_endian=big_endian)


def whole_value(raw: bytes, vr: str, codecs: Codecs = ASCII, *, big_endian: bool = False) -> str:
    """All values joined by backslashes, each stripped; the first number alone for binary VRs."""
    if vr in STRING_VRS and vr not in UNSPLIT_VRS:
        return "\\".join(map(stripped, decode_text(raw, codecs if vr in TEXT_VRS else ASCII).split("\\")))
    return first_value(raw, vr, codecs, big_endian=big_endian)


def _first_number(raw: bytes, vr: str, *, big_endian: bool) -> str:
    code = _NUMBERS.get(vr) or _WIDTHS.get(vr, "b")
    try:
        (number,) = Struct(f"{'>' if big_endian else '<'}{code}").unpack_from(raw)
    except error:
        return ""
    return str(number)


def encode_value(text: str, vr: str, codecs: Codecs = ASCII, *, big_endian: bool = False) -> bytes | None:
    """The bytes of ``text`` in ``vr`` without padding, or None if that VR or character set cannot hold it.

    Backslashes separate values, which are stripped, except in LT, ST, UT and UR. Binary VRs take one number.
    """
    if not text:
        return b""
    if vr in STRING_VRS:
        if vr not in UNSPLIT_VRS:
            text = "\\".join(map(stripped, text.split("\\")))
        return encode_text(text, codecs if vr in TEXT_VRS else ASCII)
    code = _NUMBERS.get(vr) or _WIDTHS.get(vr)
    if code is None:
        return None
    try:
        return Struct(f"{'>' if big_endian else '<'}{code}").pack(float(text) if code in "fd" else int(text))
    except (ValueError, OverflowError, error):
        return None

"""Defined terms of Specific Character Set and their escape sequences as Python codecs (PS3.3 tables C.12-2 to C.12-5)."""

from typing import Final

_SINGLE_BYTE: Final = {
    "6": ("ascii", b"(B"),
    "13": ("shift_jis", b")I"),
    "100": ("latin_1", b"-A"),
    "101": ("iso8859_2", b"-B"),
    "109": ("iso8859_3", b"-C"),
    "110": ("iso8859_4", b"-D"),
    "126": ("iso_ir_126", b"-F"),  # Greek
    "127": ("iso_ir_127", b"-G"),  # Arabic
    "138": ("iso_ir_138", b"-H"),  # Hebrew
    "144": ("iso_ir_144", b"-L"),  # Cyrillic
    "148": ("iso_ir_148", b"-M"),  # Turkish
    "166": ("iso_ir_166", b"-T"),  # Thai
}
_MULTI_BYTE: Final = {
    "87": ("iso2022_jp", b"$B"),
    "149": ("euc_kr", b"$)C"),
    "159": ("iso2022_jp_2", b"$(D"),
    "58": ("iso_ir_58", b"$)A"),
}
CODECS: Final[dict[str, str]] = {
    "": "ascii",
    **{f"ISO_IR {number}": codec for number, (codec, _) in _SINGLE_BYTE.items()},
    **{f"ISO 2022 IR {number}": codec for number, (codec, _) in (_SINGLE_BYTE | _MULTI_BYTE).items()},
    "ISO_IR 192": "utf-8",
    "GB18030": "GB18030",
    "GBK": "GBK",
    "ISO 2022 GBK": "GBK",
    "ISO 2022 58": "GB2312",
}
"""Python codec by defined term; the last two terms are in no table, but in files."""
CODECS_BY_ESCAPE: Final[dict[bytes, str]] = {
    b"\x1b(J": "shift_jis",
    **{b"\x1b" + escape: codec for codec, escape in (_SINGLE_BYTE | _MULTI_BYTE).values()},
}
"""Python codec of the text behind an escape sequence."""

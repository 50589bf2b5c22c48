"""Tags and tag patterns such as (50xx,eeee), as people write them and as numbers to compare."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from typing_extensions import override

from philae.dicom.standard.dictionary import tag_of

EXACT: Final = 0xFFFFFFFF

_PUNCTUATION: Final = str.maketrans("", "", "(), \t")
_EIGHT_DIGITS: Final = re.compile(r"[0-9A-FX]{8}")
_KEYWORD: Final = re.compile(r"[A-Z][A-Za-z0-9]*")


@dataclass(frozen=True, slots=True)
class TagPattern:
    """The tags that equal ``value`` where ``mask`` has its bits; a mask of ``EXACT`` means one tag."""

    value: int
    mask: int = EXACT

    @property
    def is_exact(self) -> bool:
        return self.mask == EXACT

    @property
    def may_be_private(self) -> bool:
        """Whether a tag of an odd group can match."""
        return bool(self.value >> 16 & 1) or not self.mask >> 16 & 1

    @property
    def is_private(self) -> bool:
        """Whether every tag that matches is of an odd group."""
        return bool(self.value >> 16 & 1)

    def matches(self, tag: int) -> bool:
        return tag & self.mask == self.value

    @override
    def __str__(self) -> str:
        digits = "".join(
            digit if solid == "F" else "X" for digit, solid in zip(f"{self.value:08X}", f"{self.mask:08X}", strict=True)
        )
        return f"({digits[:4]},{digits[4:]})"


class TagSet:
    """Patterns to find a tag in: one look-up for the exact ones, then the others in turn."""

    __slots__ = ("exact", "patterns")

    def __init__(self, patterns: Iterable[TagPattern] = ()) -> None:
        listed = tuple(patterns)
        self.exact = frozenset(pattern.value for pattern in listed if pattern.is_exact)
        self.patterns = tuple(pattern for pattern in listed if not pattern.is_exact)

    def __contains__(self, tag: int) -> bool:
        return tag in self.exact or any(pattern.matches(tag) for pattern in self.patterns)

    def __bool__(self) -> bool:
        return bool(self.exact or self.patterns)

    @override
    def __str__(self) -> str:
        return ", ".join([*(format_tag(tag) for tag in sorted(self.exact)), *map(str, self.patterns)])

    def names_creator(self, tag: int) -> bool:
        """Whether this private creator is listed, or matches a pattern that writes 00 for its block byte."""
        return tag in self.exact or any(
            pattern.mask & 0xFF00 == 0xFF00 and pattern.matches(tag) for pattern in self.patterns
        )


def parse_tag_pattern(text: str) -> TagPattern:
    """The pattern written as ``(0010,0010)``, ``00100010``, ``(50XX,XXXX)`` or a keyword such as ``PatientName``.

    Brackets, commas and spaces do not count, X is any hex digit, case does not matter (keywords excepted).
    Raises ``ValueError`` whose message says what would be right.
    """
    digits = text.translate(_PUNCTUATION).upper()
    if _EIGHT_DIGITS.fullmatch(digits):
        mask = "".join("0" if digit == "X" else "F" for digit in digits)
        return TagPattern(int(digits.replace("X", "0"), 16), int(mask, 16))
    keyword = text.strip()
    tag = tag_of(keyword) if _KEYWORD.fullmatch(keyword) else None
    if tag is None:
        raise ValueError("write 8 hex digits such as (0010,0010), X for any digit, or a keyword of the dictionary")
    return TagPattern(tag)


def format_tag(tag: int) -> str:
    """The tag as ``(0010,0010)``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X})"


def is_private(tag: int) -> bool:
    """Whether the tag is of an odd group."""
    return bool(tag & 0x10000)


def is_private_creator(tag: int) -> bool:
    """Whether the tag reserves a block of private elements (PS3.5 7.8.1)."""
    return bool(tag & 0x10000) and 0x10 <= tag & 0xFFFF <= 0xFF


def creator_of(tag: int) -> int | None:
    """The tag of the creator whose block a private element lies in; None outside every block."""
    block = tag >> 8 & 0xFF
    return tag & 0xFFFF0000 | block if tag & 0x10000 and block >= 0x10 else None

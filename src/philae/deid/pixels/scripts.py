"""Which writing the recogniser of the extra ``text`` can read; where text stands it finds in any."""

from __future__ import annotations

from typing import Final
from unicodedata import name

LANGUAGES: Final = (
    "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "hr", "hu", "is", "it", "ja", "lt", "lv", "nl", "no", "pl",
    "pt", "ro", "sk", "sl", "sv", "tr", "zh",
)  # fmt: skip
"""ISO 639-1 codes of languages whose letters are all in the model of the wheel (PP-OCRv6 small)."""

_SCRIPTS: Final = frozenset({"LATIN", "GREEK", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})


def is_readable(text: str) -> bool:
    """Whether all letters are of scripts that are read; digits and signs always are."""
    return all(name(sign, "").partition(" ")[0] in _SCRIPTS for sign in text if sign.isalpha())

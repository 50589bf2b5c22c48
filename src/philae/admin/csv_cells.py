"""Cells of CSV files that a spreadsheet takes for text, whatever they begin with."""

import re
from typing import Final

BEGINS_FORMULA: Final = frozenset("=+-@\t\r\n\uff1d\uff0b\uff0d\uff20")
"""The last four are the wide forms of the first four, which some spreadsheets take as well."""
_NUMBER: Final = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?(e[+-]?[0-9]+)?", re.ASCII | re.IGNORECASE)


def cell(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would take it for a formula; a number stays one."""
    return text if _NUMBER.fullmatch(text) else as_text(text)


def as_text(text: str) -> str:
    """The text, behind an apostrophe where a spreadsheet would compute anything."""
    return f"'{text}" if text[:1] in BEGINS_FORMULA else text


def bare(text: str) -> str:
    """The text of such a cell."""
    return text[1:] if text.startswith("'") and text[1:2] in BEGINS_FORMULA else text

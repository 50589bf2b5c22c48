"""Encapsulated transfer syntaxes whose pixels are decoded, told without loading a codec."""

from typing import Final

DECODABLE: Final = frozenset(
    {"1.2.840.10008.1.2.5"}
    | {f"1.2.840.10008.1.2.4.{number}" for number in (50, 51, 57, 70, 80, 81, 90, 91, 201, 202, 203)}
)

"""An instance with a value of its own in every attribute that Table E.1-1 of PS3.15 speaks of."""

import struct
from datetime import date, timedelta
from typing import NamedTuple

from philae.dicom.standard.confidentiality import Row, basic_profile
from philae.dicom.standard.dictionary import vr_of
from tests.support.trees import Element, Tree, text

NEUTRAL_SEQUENCES = (0x00081032, 0x00540016, 0x00400260, 0x00081032)  # no row of Table E.1-1
FAMILIES = {0x50000000: (0x50000030, 0x50023000), 0x60003000: (0x60003000, 0x60023000), 0x60004000: (0x60004000,)}
PRIVATE = (0x00090010, 0x00091001, 0x00290010, 0x00291010)
# Numbers are too short to be told from others; the default dummy moves an age only by whole years, often by none.
UNMARKED = {"AS", "FL", "SL", "SS", "UL", "US"}
TEXT_VALUE, CODE_MEANING, INSTANCE_UID = 0x0040A160, 0x00080104, 0x00081155


class Marked(NamedTuple):
    """A dataset and what must not be found in it afterwards, by tag."""

    tree: Tree
    markers: dict[int, bytes]


def marked(number: int) -> Marked:
    """Every row once; ``number`` keeps the markers of several datasets apart."""
    elements: dict[int, Element] = {}
    markers: dict[int, bytes] = {}
    for row in (*basic_profile().exact.values(), *basic_profile().patterns):
        for tag in FAMILIES.get(row.tag, PRIVATE) if row.mask != 0xFFFFFFFF else (row.tag,):
            elements[tag], markers[tag] = _marked(row, tag, number * 1000 + len(elements))
    return Marked([elements[tag] for tag in sorted(elements)], {tag: raw for tag, raw in markers.items() if raw})


def nested(content: Tree, depth: int) -> Tree:
    """``content`` inside ``depth`` sequences that the table says nothing about."""
    for level in range(depth):
        content = [Element(NEUTRAL_SEQUENCES[level % len(NEUTRAL_SEQUENCES)], "SQ", [content])]
    return content


def _marked(row: Row, tag: int, number: int) -> tuple[Element, bytes]:
    vr = "LO" if tag >> 16 & 1 else (vr_of(tag) or "UN")
    if vr == "SQ":
        meaning = f"MARKER{number:06d}"
        inside = [text(INSTANCE_UID, "UI", f"1.2.777.{number}")]
        if row.basic != "X/Z/U*":
            inside = [text(CODE_MEANING, "LO", meaning), *inside, text(TEXT_VALUE, "UT", meaning)]
        return Element(tag, vr, [inside]), (f"1.2.777.{number}" if row.basic == "X/Z/U*" else meaning).encode()
    value = _value(vr, number)
    marker = b"" if vr in UNMARKED else value
    return Element(tag, vr, value + (b"\0" if vr in ("UI", "OB", "UN") else b" ") * (len(value) % 2)), marker


def _value(vr: str, number: int) -> bytes:  # noqa: PLR0911 - one for each VR
    match vr:
        case "UI":
            return f"1.2.555.{number:06d}".encode()
        case "DA":
            return (date(1700, 1, 1) + timedelta(days=number * 4)).strftime("%Y%m%d").encode()
        case "TM":
            return f"101112.{number:06d}".encode()
        case "DT":
            return f"18990101101112.{number:06d}".encode()
        case "AS":
            return f"{number % 1000:03d}Y".encode()
        case "DS" | "IS":
            return f"{7_000_000 + number}".encode()
        case "FD":
            return struct.pack("<d", number * 1.000001)
        case "US" | "SS" | "UL" | "SL" | "FL":
            return bytes(8)
        case _:
            return f"MARKER{number:06d}".encode()

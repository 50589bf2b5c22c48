"""Every row of PS3.15 Table E.1-1 as an element, and what must have become of it under an option."""

import struct
from datetime import date, timedelta

from philae.dicom.standard.confidentiality import Option, Row, basic_profile
from philae.dicom.standard.dictionary import vr_of
from philae.dicom.standard.iod import attribute_type, resolve
from tests.support.markers import NEUTRAL_SEQUENCES
from tests.support.trees import Element, Tree, items_of, text

NAME = "Muster"
TEXT_VALUE = 0x0040A160  # no row of its own
FAMILIES = {0x50000000: 0x50000030, 0x60003000: 0x60003000, 0x60004000: 0x60024000, 0x00010000: 0x00091001}
TEMPORAL = {"DA", "DT", "TM"}
WORDS = {"AE", "CS", "LO", "LT", "SH", "ST", "UC", "UR", "UT"}
STRUCTURE = {0x0000, 0x0002}  # groups that never travel in a dataset
NUMBERS = {"FD": "<d", "FL": "<f", "SL": "<i", "SS": "<h", "UL": "<I", "US": "<H"}
DEPTHS = (0, 1, 3, 8)


def rows() -> list[tuple[int, Row]]:
    """Each row with a tag that it speaks of."""
    table = basic_profile()
    families = [(FAMILIES[row.tag], row) for row in table.patterns]
    return [*table.exact.items(), *families]


def element_of(tag: int, number: int) -> Element:
    """The element of a tag, with a value of its own that names the patient where it is text."""
    vr = "LO" if tag >> 16 & 1 else (vr_of(tag) or "UN")
    if vr == "SQ":
        return Element(tag, vr, [[text(TEXT_VALUE, "UT", f"Q{number:05d} {NAME}")]])
    return Element(tag, vr, value_of(vr, number))


def value_of(vr: str, number: int) -> bytes:
    if vr in NUMBERS:
        return struct.pack(NUMBERS[vr], 7)
    match vr:
        case "UI":
            value = f"1.2.555.{number:06d}"
        case "DA":
            value = (date(1910, 1, 1) + timedelta(days=number)).strftime("%Y%m%d")
        case "TM":
            value = f"1011{number % 60:02d}.{number:06d}"
        case "DT":
            value = f"19990101101112.{number:06d}"
        case "AS":
            value = "050Y"
        case "DS" | "IS":
            value = str(7_000_000 + number)
        case "PN":
            value = f"{NAME}^Max"
        case _:
            value = f"Q{number:05d} {NAME.upper()}"
    raw = value.encode()
    return raw + (b"\0" if vr in ("UI", "OB", "UN") else b" ") * (len(raw) % 2)


def tree_of(depth: int) -> Tree:
    """All rows, inside ``depth`` sequences that the table says nothing about."""
    content = [element_of(tag, depth * 1000 + at) for at, (tag, _) in enumerate(rows())]
    content.sort()
    for tag in path_of(depth)[::-1]:
        content = [Element(tag, "SQ", [content])]
    return content


def path_of(depth: int) -> tuple[int, ...]:
    return tuple(NEUTRAL_SEQUENCES[level % len(NEUTRAL_SEQUENCES)] for level in reversed(range(depth)))


def expected_code(row: Row, tag: int, depth: int, option: Option | None, sop_class: str) -> str:
    """X, Z, D, U, K or C: what the table asks for at this place."""
    if tag >> 16 in STRUCTURE:
        return "X"
    given = row.options.get(option) if option is not None else None
    return given or resolve(row.basic, attribute_type(sop_class, (*path_of(depth), tag)))


def is_done(  # noqa: PLR0911 - one for each code
    code: str, row: Row, before: Element, after: Element | None, option: Option | None
) -> bool:
    """Whether ``code`` was carried out."""
    if before.vr == "SQ":
        is_cleaned = code == "C" or (code != "D" and option is Option.CLEAN_DESCRIPTORS)
        return _is_done_in_items("C" if is_cleaned and code not in "XZ" else code, row, before, after)
    if code == "X":
        return after is None
    if after is None:
        return False
    match code:
        case "Z":
            return after.value == b""
        case "D":
            return after.value != before.value or before.vr == "AS"
        case "U":
            return after.vr in ("UI", "UN") and bytes(after.value).startswith(b"2.25.")  # type: ignore[arg-type]
        case "K":
            return after == before
    return _is_clean(row, before, after)


def _is_clean(row: Row, before: Element, after: Element) -> bool:
    assert isinstance(after.value, bytes)
    assert isinstance(before.value, bytes)
    if before.vr in TEMPORAL:
        return after.value not in (b"", before.value)
    if row.options.get(Option.RETAIN_LONGITUDINAL_MODIFIED_DATES):
        return after == before  # the offset from UTC
    return before.vr in WORDS and after.value.strip(b" \0") == before.value.split()[0]


def _is_done_in_items(code: str, row: Row, before: Element, after: Element | None) -> bool:
    if code == "X":
        return after is None
    if after is None:
        return False
    if code == "Z" and row.basic != "X/Z/U*":
        return after.value == []
    said = items_of(after)[0][0].value
    whole = items_of(before)[0][0].value
    assert isinstance(said, bytes)
    assert isinstance(whole, bytes)
    match code:
        case "D":
            return said.strip() == b"UNKNOWN"
        case "C":
            return said.strip() == whole.split()[0]
    return said == whole

"""Datasets as plain trees of (tag, VR, value), encoded and parsed without the code under test."""

import struct
from collections.abc import Sequence
from typing import Any, NamedTuple, TypeAlias

from philae.dicom.scan import Encoded
from philae.dicom.standard.dictionary import vr_of
from philae.dicom.syntax import EXPLICIT_LE, TransferSyntax

SHORT = {
    *[
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FD",
        "FL",
        "IS",
        "LO",
        "LT",
        "PN",
        "SH",
        "SL",
        "SS",
        "ST",
        "TM",
        "UI",
        "UL",
        "US",
    ]
}
NUMBERS = {"US": "H", "SS": "h", "UL": "I", "SL": "i", "FL": "f", "FD": "d"}
UNDEFINED = 0xFFFFFFFF
ITEM, ITEM_END, SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD


class Element(NamedTuple):
    """An element; ``value`` is its bytes, padded, or the items of a sequence."""

    tag: int
    vr: str
    value: "bytes | list[Tree]"


Tree: TypeAlias = list[Element]


def encoded(tree: Tree, syntax: TransferSyntax = EXPLICIT_LE, *, undefined: bool = False) -> Encoded:
    """The tree as one dataset; ``undefined`` writes sequences and items with delimiters."""
    raw = encode(tree, syntax, undefined=undefined)
    return Encoded(raw, 0, len(raw), syntax)


def encode(tree: Tree, syntax: TransferSyntax = EXPLICIT_LE, *, undefined: bool = False) -> bytes:
    return b"".join(_element(element, syntax, undefined) for element in tree)


def header(tag: int, vr: str, length: int, syntax: TransferSyntax = EXPLICIT_LE) -> bytes:
    order = ">" if syntax.big_endian else "<"
    start = struct.pack(f"{order}HH", tag >> 16, tag & 0xFFFF)
    if syntax.implicit or tag >> 16 == 0xFFFE:
        return start + struct.pack(f"{order}I", length)
    if vr in SHORT:
        return start + vr.encode() + struct.pack(f"{order}H", length)
    return start + vr.encode() + b"\0\0" + struct.pack(f"{order}I", length)


def _element(element: Element, syntax: TransferSyntax, undefined: bool) -> bytes:
    tag, vr, value = element
    if isinstance(value, bytes):
        return header(tag, vr, len(value), syntax) + value
    items = b"".join(_item(item, syntax, undefined) for item in value)
    if undefined:
        return header(tag, vr, UNDEFINED, syntax) + items + header(SEQUENCE_END, "", 0, syntax)
    return header(tag, vr, len(items), syntax) + items


def _item(item: Tree, syntax: TransferSyntax, undefined: bool) -> bytes:
    content = encode(item, syntax, undefined=undefined)
    if undefined:
        return header(ITEM, "", UNDEFINED, syntax) + content + header(ITEM_END, "", 0, syntax)
    return header(ITEM, "", len(content), syntax) + content


def nested(depth: int, content: bytes, syntax: TransferSyntax = EXPLICIT_LE, *, undefined: bool = False) -> bytes:
    """``content`` as the item of a sequence as the item of a sequence ..., made without recursion."""
    sequence, wrap = 0x00081032, UNDEFINED if undefined else None
    item_end = header(ITEM_END, "", 0, syntax) if undefined else b""
    end = header(SEQUENCE_END, "", 0, syntax) if undefined else b""
    for _ in range(depth):
        item = header(ITEM, "", len(content) if wrap is None else wrap, syntax) + content + item_end
        content = header(sequence, "SQ", len(item) if wrap is None else wrap, syntax) + item + end
    return content


def parse(raw: bytes, syntax: TransferSyntax = EXPLICIT_LE) -> Tree:
    """The tree that ``raw`` holds; lengths must fit exactly."""
    tree, position = _parse_dataset(raw, 0, len(raw), syntax, delimited=False)
    assert position == len(raw)
    return tree


def _parse_dataset(raw: bytes, position: int, end: int, syntax: TransferSyntax, *, delimited: bool) -> tuple[Tree, int]:
    order = ">" if syntax.big_endian else "<"
    tree: Tree = []
    while position < end:
        group, element = struct.unpack_from(f"{order}HH", raw, position)
        tag = group << 16 | element
        if tag == ITEM_END and delimited:
            return tree, position + 8
        if syntax.implicit:
            vr, (length,), position = (
                vr_of(tag) or "UN",
                struct.unpack_from(f"{order}I", raw, position + 4),
                position + 8,
            )
        else:
            vr = raw[position + 4 : position + 6].decode()
            short = vr in SHORT
            (length,) = struct.unpack_from(f"{order}{'H' if short else 'I'}", raw, position + (6 if short else 8))
            position += 8 if short else 12
        if vr == "SQ" or (vr == "UN" and length == UNDEFINED):
            vr = "SQ"
            items, position = _parse_items(raw, position, end, length, syntax)
            tree.append(Element(tag, vr, items))
        else:
            assert position + length <= end, f"{tag:08X} leads beyond the end"
            tree.append(Element(tag, vr, raw[position : position + length]))
            position += length
    assert position == end
    assert not delimited
    return tree, position


def _parse_items(raw: bytes, position: int, end: int, length: int, syntax: TransferSyntax) -> tuple[list[Tree], int]:
    order = ">" if syntax.big_endian else "<"
    items: list[Tree] = []
    stop = end if length == UNDEFINED else position + length
    assert stop <= end
    while position < stop:
        group, element, size = struct.unpack_from(f"{order}HHI", raw, position)
        position += 8
        tag = group << 16 | element
        if tag == SEQUENCE_END and length == UNDEFINED:
            return items, position
        assert tag == ITEM
        item, position = _parse_dataset(
            raw, position, stop if size == UNDEFINED else position + size, syntax, delimited=size == UNDEFINED
        )
        items.append(item)
    assert length != UNDEFINED
    assert position == stop
    return items, position


def items_of(element: Element) -> list[Tree]:
    """The items of a sequence."""
    assert not isinstance(element.value, bytes)
    return element.value


def text(tag: int, vr: str, value: str) -> Element:
    raw = value.encode("latin-1")
    return Element(tag, vr, raw + (b"\0" if vr == "UI" else b" ") * (len(raw) % 2))


def from_golden(rows: Sequence[Any]) -> Tree:
    """The tree of a dataset of the golden vectors."""
    return [_from_golden(int(tag, 16), vr, value) for tag, vr, value in rows]


def _from_golden(tag: int, vr: str, value: Any) -> Element:
    if vr == "SQ":
        return Element(tag, vr, [from_golden(item) for item in value])
    if vr in ("OB", "OW", "UN", "OF", "OD"):
        return Element(tag, vr, bytes.fromhex(value))
    if vr in NUMBERS:
        return Element(
            tag, vr, b"".join(struct.pack(f"<{NUMBERS[vr]}", int(part)) for part in value.split("\\") if part)
        )
    return text(tag, vr, value)


def to_golden(tree: Tree) -> list[list[Any]]:
    """The rows that the golden vectors would show for ``tree``."""
    return [[f"{element.tag:08X}", element.vr, _to_golden(element)] for element in tree]


def _to_golden(element: Element) -> Any:
    if not isinstance(element.value, bytes):
        return [to_golden(item) for item in element.value]
    if element.vr in ("OB", "OW", "UN", "OF", "OD"):
        return element.value.hex()
    if element.vr in NUMBERS:
        width = struct.calcsize(NUMBERS[element.vr])
        parts = (element.value[at : at + width] for at in range(0, len(element.value), width))
        return "\\".join(str(struct.unpack(f"<{NUMBERS[element.vr]}", part)[0]) for part in parts)
    return element.value.decode("latin-1").rstrip(" \0")

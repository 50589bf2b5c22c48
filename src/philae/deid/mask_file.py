"""Masks of a profile file: stations, colours and rectangles as text."""

import re
from typing import Final

from yaml.nodes import Node

from philae.deid.expressions import ExpressionError, compile_condition
from philae.deid.literal_yaml import Findings, fields_of, items_of, line_of, quoted, text_of
from philae.deid.profile import BLACK, Color, Mask, Rectangle
from philae.deid.profile_checks import SWITCH
from philae.deid.shifts import integer
from philae.dicom.standard.uids import find_sop_class

_KEYS: Final = (
    "stationName", "imageWidth", "imageHeight", "manufacturer", "modelName", "sopClass", "condition", "color",
    "rectangles", "keep", "keepRegions",
)  # fmt: skip
_UID: Final = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")
_HEX: Final = re.compile(r"[0-9A-Fa-f]{1,15}")


def read_masks(node: Node, findings: Findings) -> tuple[Mask, ...]:
    """The masks listed at ``node``; what is wrong with them goes to ``findings``."""
    masks: list[Mask] = []
    for position, item in enumerate(items_of(node, "masks", findings)):
        path = f"masks[{position}]"
        mask = _read_mask(item, path, findings)
        if any(_selects_same(mask, other) for other in masks):
            findings.fault(path, mask.line, "a second mask for the same images", "put all rectangles into one mask")
        masks.append(mask)
    return tuple(masks)


def parse_color(text: str) -> Color:
    """RRGGBB, or AARRGGBB whose alpha does not count; short texts are right-aligned. Raises ``ValueError``."""
    if not _HEX.fullmatch(text):
        raise ValueError("write six hex digits, RRGGBB")
    number = int(text, 16)
    return Color(number >> 16 & 0xFF, number >> 8 & 0xFF, number & 0xFF)


def parse_rectangle(text: str) -> Rectangle:
    """The rectangle written as ``x y width height`` in pixels. Raises ``ValueError``."""
    numbers = [integer(part) for part in text.split()]
    match numbers:
        case [int(x), int(y), int(width), int(height)] if width >= 0 and height >= 0:
            return Rectangle(x, y, width, height)
    raise ValueError("write four integers: x y width height")


def _read_mask(node: Node, path: str, findings: Findings) -> Mask:
    fields = fields_of(node, path, _KEYS, findings)
    station = text_of(fields["stationName"], f"{path} stationName", findings) if "stationName" in fields else None
    if station is None:
        findings.fault(f"{path} stationName", line_of(node), "missing", "name a station, or '*' for all")
    width, height = (_read_size(fields.get(key), f"{path} {key}", findings) for key in ("imageWidth", "imageHeight"))
    if (width is None) != (height is None):
        findings.fault(path, line_of(node), "only one size", "give imageWidth and imageHeight, or neither")
    keeps_regions = _read_switch(fields.get("keepRegions"), f"{path} keepRegions", findings)
    if not keeps_regions and not {"rectangles", "keep"} & fields.keys():
        remedy = "list rectangles as x y width height, or say what to keep"
        findings.fault(f"{path} rectangles", line_of(node), "missing", remedy)
    return Mask(
        station or "",
        width,
        height,
        _read_color(fields.get("color"), path, line_of(node), findings),
        _read_rectangles(fields.get("rectangles"), f"{path} rectangles", findings),
        _read_text(fields.get("manufacturer"), f"{path} manufacturer", findings),
        _read_text(fields.get("modelName"), f"{path} modelName", findings),
        _read_sop_class(fields.get("sopClass"), f"{path} sopClass", findings),
        _read_rectangles(fields.get("keep"), f"{path} keep", findings),
        keeps_regions,
        _read_condition(fields.get("condition"), f"{path} condition", findings),
        line=line_of(node),
    )


def _read_text(node: Node | None, path: str, findings: Findings) -> str:
    return ((text_of(node, path, findings) if node else None) or "").strip()


def _read_sop_class(node: Node | None, path: str, findings: Findings) -> str:
    text = _read_text(node, path, findings)
    if node is None or not text or _UID.fullmatch(text):
        return text
    try:
        return find_sop_class(text)
    except ValueError as error:
        findings.fault(path, line_of(node), f"{quoted(text)} is unknown", str(error))
        return ""


def _read_switch(node: Node | None, path: str, findings: Findings) -> bool:
    text = _read_text(node, path, findings).lower()
    if node is not None and text not in SWITCH:
        findings.fault(path, line_of(node), f"{quoted(text)} is no switch", f"use one of: {', '.join(SWITCH)}")
    return text == "true"


def _read_condition(node: Node | None, path: str, findings: Findings) -> str:
    text = _read_text(node, path, findings)
    if node is None or not text:
        return ""
    try:
        compile_condition(text)
    except ExpressionError as error:
        findings.fault(path, line_of(node), f"column {error.column}: {error.problem}", error.remedy)
    return text


def _read_size(node: Node | None, path: str, findings: Findings) -> int | None:
    text = text_of(node, path, findings) if node else None
    if node is None or text is None:
        return None
    size = integer(text)
    if size is None or size <= 0:
        findings.fault(path, line_of(node), f"{quoted(text)} is no size", "write a number of pixels")
        return 0
    return size


def _read_color(node: Node | None, path: str, line: int, findings: Findings) -> Color:
    text = text_of(node, f"{path} color", findings) if node else None
    if text is None or not text.strip():
        findings.warn(f"{path} color", line, "missing, so black; Karnak would only blur", "give a colour, RRGGBB")
        return BLACK
    try:
        return parse_color(text)
    except ValueError as error:
        findings.warn(f"{path} color", line, f"{quoted(text)} is no colour, so black", str(error))
        return BLACK


def _read_rectangles(node: Node | None, path: str, findings: Findings) -> tuple[Rectangle, ...]:
    if node is None:
        return ()
    rectangles: list[Rectangle] = []
    for position, item in enumerate(items_of(node, path, findings)):
        text = text_of(item, f"{path}[{position}]", findings) or ""
        try:
            rectangles.append(parse_rectangle(text))
        except ValueError as error:
            findings.fault(f"{path}[{position}]", line_of(item), f"{quoted(text)} is no rectangle", str(error))
    if not rectangles:
        findings.warn(path, line_of(node), "empty, so nothing is hidden by it", "list what to hide")
    return tuple(rectangles)


def _selects_same(one: Mask, other: Mask) -> bool:
    return _selected_by(one) == _selected_by(other)


def _selected_by(mask: Mask) -> tuple[object, ...]:
    narrowed = mask.manufacturer, mask.model_name, mask.sop_class_uid, mask.condition
    return mask.station_name, mask.width, mask.height, *narrowed

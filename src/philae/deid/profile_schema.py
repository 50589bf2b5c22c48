"""A JSON Schema of profile files, for editors that complete and check YAML."""

from typing import Any, Final

from philae.deid.confidentiality.options import EDITIONS, OPTION_NAMES
from philae.deid.pixels.scripts import LANGUAGES
from philae.deid.profile_checks import MR_POLICIES, REMOVALS, TEXT_POLICIES
from philae.deid.profile_file import ELEMENT_KEYS, PROFILE_KEYS
from philae.deid.profile_rules import CODENAMES, RULES, ElementRule
from philae.dicom.layout import VRS

_TEXT: Final = {"type": ["string", "number", "boolean"]}
"""What a YAML editor may take the characters of a scalar for."""
_TAG: Final = {
    "type": ["string", "integer"],
    "description": "(0010,0010), 00100010, X for any hex digit, or a keyword such as PatientName",
}
_SIZE: Final = {"type": "integer", "minimum": 1}
_SWITCH: Final = {"type": ["string", "boolean"], "pattern": "^([tT][rR][uU][eE]|[fF][aA][lL][sS][eE])$"}
_RECTANGLES: Final = {
    "type": "array",
    "items": {"type": "string", "pattern": r"^\s*-?\d+\s+-?\d+\s+\d+\s+\d+\s*$", "description": "x y w h"},
}
_MASK: Final = {
    "type": "object",
    "additionalProperties": False,
    "required": ["stationName"],
    "anyOf": [{"required": ["rectangles"]}, {"required": ["keep"]}, {"required": ["keepRegions"]}],
    "dependentRequired": {"imageWidth": ["imageHeight"], "imageHeight": ["imageWidth"]},
    "properties": {
        "stationName": {**_TEXT, "description": "a station, or * for all"},
        "imageWidth": _SIZE,
        "imageHeight": _SIZE,
        "color": {**_TEXT, "description": "RRGGBB"},
        "manufacturer": _TEXT,
        "modelName": _TEXT,
        "sopClass": {**_TEXT, "description": "UID or name"},
        "condition": {"type": "string", "description": "of the instance, as profile elements have it"},
        "rectangles": _RECTANGLES,
        "keep": {**_RECTANGLES, "description": "all but these is masked"},
        "keepRegions": {**_SWITCH, "description": "all but the ultrasound regions (0018,6011) is masked"},
    },
}
_LISTS: Final = {
    "tags": {"type": "array", "items": _TAG},
    "excludedTags": {"type": "array", "items": _TAG},
    "arguments": {"type": "object"},
}

_KNOWN_ARGUMENTS: Final = {
    "options": {"anyOf": [_TEXT, {"type": "array", "items": {"enum": list(OPTION_NAMES)}}]},
    "edition": {"enum": list(EDITIONS)},
    "remove": {"enum": list(REMOVALS)},
    "detect": _SWITCH,
    "always": _SWITCH,
    "policy": {"enum": list(TEXT_POLICIES)},
    "mr": {"enum": list(MR_POLICIES)},
    "languages": {"anyOf": [_TEXT, {"type": "array", "items": {"enum": list(LANGUAGES)}}]},
    "vr": {"enum": sorted(VRS)},
    "method": {"type": "string", "pattern": "^([gG][eE][tT]|[pP][oO][sS][tT])$"},
}


def profile_schema() -> dict[str, Any]:
    """The schema (JSON Schema 2020-12), made from the rules that `load_profile` applies.

    It knows keys, words and what is required; what needs more, such as an expression, only loading tells.
    """
    texts = {key: _TEXT for key in PROFILE_KEYS if key not in ("profileElements", "masks")}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "De-identification profile",
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "profileElements"],
        "properties": {
            **texts,
            "profileElements": {"type": "array", "minItems": 1, "items": _element()},
            "masks": {"type": "array", "items": _MASK},
        },
    }


def _element() -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": ["name", "codename"],
        "properties": {key: _LISTS.get(key, _TEXT) for key in ELEMENT_KEYS} | {"codename": {"enum": list(CODENAMES)}},
        "allOf": [
            {"if": {"properties": {"codename": {"const": codename}}}, "then": _of_codename(rule)}
            for codename, rule in RULES.items()
        ],
    }


def _of_codename(rule: ElementRule) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if rule.actions:
        properties["action"] = {"enum": list(rule.actions)}
    if rule.options:
        properties["option"] = {"enum": list(rule.options)}
    if rule.arguments:
        known = {name: _KNOWN_ARGUMENTS.get(name, _TEXT) for name in (*rule.arguments, *rule.vain)}
        properties["arguments"] = {"properties": known, "additionalProperties": False}
    return {"properties": properties, "required": list(rule.required)}

"""The fields of profile elements and masks, made from the rules that a profile is checked by."""

from __future__ import annotations

from functools import cache
from typing import Final

from philae.deid.confidentiality.options import EDITIONS, OPTION_NAMES
from philae.deid.profile_checks import API_METHODS, DATE_OPTIONS, MR_POLICIES, REMOVALS, SWITCH, TEXT_POLICIES
from philae.deid.profile_rules import RULES, ElementRule
from philae.dicom.layout import VRS
from philae.web.forms.fields import Field
from philae.web.forms.labels import label_of

ELEMENTS: Final = "profileElements"
MASKS: Final = "masks"
DEVICE: Final = ("stationName", "manufacturer", "modelName", "imageWidth", "imageHeight")
"""Keys of a mask that an image tells."""
UNIQUE: Final = ("basic.dicom.profile", "clean.pixel.data", "clean.recognizable.visual.features")
"""A second element of these would have nothing left to do."""
OFFERED: Final = {
    "action.on.specific.tags": "Act on tags",
    "action.on.privatetags": "Act on private tags",
    "action.on.dates": "Move or coarsen dates",
    "expression.on.tags": "Decide by an expression",
    "replace.uid": "Replace UIDs",
    "action.add.tag": "Add an attribute",
    "action.add.private.tag": "Add a private attribute",
    "action.replace.api": "Replace by the answer of a web service",
    "clean.pixel.data": "Clean the pixels: masks and burned-in text",
    "clean.recognizable.visual.features": "Remove faces from heads",
    "basic.dicom.profile": "Basic Profile of PS3.15 and its options",
}
"""What people call the codenames."""
_CHOICES: Final = {
    "edition": EDITIONS,
    "remove": REMOVALS,
    "detect": SWITCH,
    "policy": TEXT_POLICIES,
    "always": SWITCH,
    "mr": MR_POLICIES,
    "vr": tuple(sorted(VRS)),
    "method": API_METHODS,
}
_LONG: Final = ("expr", "body")
_OF_OPTION: Final = {
    "days": "shift",
    "seconds": "shift",
    "min_days": "shift_range",
    "max_days": "shift_range",
    "min_seconds": "shift_range",
    "max_seconds": "shift_range",
    "days_tag": "shift_by_tag",
    "seconds_tag": "shift_by_tag",
    "remove": "date_format",
}
"""The option that an argument belongs to."""
EVEN_EMPTY: Final = ("value", "responsePath")
"""Arguments that mean something when nothing stands in them."""
_HINTS: Final = {
    "condition": "The element acts only where it holds, such as tagValueContains(#Tag.Modality, 'CT').",
    "tags": "(0010,0010), a keyword, or X for any digit.",
    "excludedTags": "Tags of the list above that it leaves alone.",
    "responsePath": "A JSON Pointer such as /data/id; empty for the whole answer.",
    "authConfig": "The name of an authentication that is configured.",
    "stationName": "Station Name of the equipment; * for any.",
    "rectangles": "x y width height, in pixels from the top left corner.",
    "keep": "All but these is masked.",
}


@cache
def fields_of_element(codename: str, prefix: str) -> tuple[Field, ...]:
    """The form of an element; of an unknown codename it has no more than a name."""
    rule = RULES.get(codename, ElementRule(check=lambda *_: None))
    return (_field(prefix, "name", is_required=True), _field(prefix, "condition"), *_own(rule, prefix))


def fields_of_mask(prefix: str) -> tuple[Field, ...]:
    """The form of a mask."""
    return (
        _field(prefix, "stationName", is_required=True),
        _field(prefix, "imageWidth", widget="number"),
        _field(prefix, "imageHeight", widget="number"),
        _field(prefix, "color"),
        _field(prefix, "manufacturer"),
        _field(prefix, "modelName"),
        _field(prefix, "sopClass"),
        _field(prefix, "rectangles", widget="lines"),
        _field(prefix, "keep", widget="lines"),
    )


def argument_shown_for(name: str) -> str:
    """The option with which an argument makes sense; empty where it always does."""
    return _OF_OPTION.get(name, "")


def _own(rule: ElementRule, prefix: str) -> tuple[Field, ...]:
    fields: list[Field] = []
    if rule.actions:
        fields.append(_field(prefix, "action", choices=rule.actions, is_required="action" in rule.required))
    if rule.options:
        fields.append(_field(prefix, "option", choices=DATE_OPTIONS, is_required=True))
    if rule.arguments:
        arguments = tuple(_argument(f"{prefix}.arguments", name) for name in rule.arguments)
        label = label_of("arguments")
        fields.append(Field(f"{prefix}.arguments", label, "group", required=True, fields=arguments))
    lists = [name for name in ("tags", "excludedTags") if name in rule.keys]
    return (*fields, *(_field(prefix, name, "lines", is_required=name in rule.required) for name in lists))


def _argument(prefix: str, name: str) -> Field:
    if name == "options":
        return _field(prefix, name, "several", OPTION_NAMES)
    if name in _LONG:
        return _field(prefix, name, "area")
    return _field(prefix, name, choices=_CHOICES.get(name, ()))


def _field(
    prefix: str, key: str, widget: str = "", choices: tuple[str, ...] = (), *, is_required: bool = False
) -> Field:
    kind = widget or ("choice" if choices else "text")
    return Field(f"{prefix}.{key}", label_of(key), kind, _HINTS.get(key, ""), is_required, choices=choices)

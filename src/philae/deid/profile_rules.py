"""What a profile element of each codename may say, and what it says in vain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from philae.deid.literal_yaml import quoted, suggestion
from philae.deid.profile import ElementSpec
from philae.deid.profile_checks import (
    DATE_OPTIONS,
    OPTION_ALIASES,
    TAG_ACTIONS,
    UID_ACTIONS,
    check_add_private_tag,
    check_add_tag,
    check_basic_profile,
    check_dates,
    check_defacing,
    check_expression_element,
    check_pixel_data,
    check_private_tags,
    check_replace_api,
    check_replace_uid,
    check_specific_tags,
)
from philae.deid.profile_expressions import check_condition
from philae.deid.profile_remarks import Remarks


@dataclass(frozen=True, slots=True)
class ElementRule:
    """What the element of one codename may say.

    ``keys`` have a meaning for it, ``arguments`` too; ``vain`` arguments are known to mean nothing. ``required`` are the
    keys that it cannot do without, ``actions`` and ``options`` what those keys may say.
    """

    check: Callable[[ElementSpec, Remarks], None]
    keys: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    vain: tuple[str, ...] = ()
    required: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


def check_element(element: ElementSpec, remarks: Remarks) -> None:
    """Tell ``remarks`` everything that keeps ``element`` from working as written."""
    if not element.name.strip():
        remarks.fault("name", "missing", "name the element, for people and for exclusion messages")
    if not element.codename:
        remarks.fault("codename", "missing", f"use one of: {', '.join(CODENAMES)}")
        return
    rule = RULES.get(element.codename)
    if rule is None:
        remarks.fault(
            "codename", f"unknown codename {quoted(element.codename)}", suggestion(element.codename, CODENAMES)
        )
        return
    _check_vain_keys(element, rule, remarks)
    _check_argument_names(element, rule, remarks)
    check_condition(element, remarks)
    rule.check(element, remarks)


def _check_vain_keys(element: ElementSpec, rule: ElementRule, remarks: Remarks) -> None:
    given: dict[str, object] = {
        "action": element.action,
        "option": element.option,
        "arguments": element.arguments,
        "tags": element.tags,
        "excludedTags": element.excluded_tags,
    }
    for key, value in given.items():
        if value and key not in rule.keys:
            remarks.warn(key, f"has no meaning for {element.codename}", "remove it")


def _check_argument_names(element: ElementSpec, rule: ElementRule, remarks: Remarks) -> None:
    if "arguments" not in rule.keys:
        return
    for name, _ in element.arguments:
        if name in rule.vain:
            remarks.warn(f"arguments.{name}", f"has no meaning for {element.codename}", "remove it")
        elif name not in rule.arguments:
            remarks.fault(f"arguments.{name}", "unknown argument", suggestion(name, rule.arguments))


_DATE_ARGUMENTS: Final = (
    "days", "seconds", "min_days", "max_days", "min_seconds", "max_seconds", "days_tag", "seconds_tag", "remove",
)  # fmt: skip

RULES: Final[Mapping[str, ElementRule]] = {
    "basic.dicom.profile": ElementRule(check_basic_profile, ("arguments",), ("options", "edition")),
    "clean.pixel.data": ElementRule(check_pixel_data, ("arguments",), ("detect", "policy", "languages")),
    "clean.recognizable.visual.features": ElementRule(check_defacing, ("arguments",), ("always", "mr")),
    "replace.uid": ElementRule(check_replace_uid, ("action", "tags", "excludedTags"), actions=UID_ACTIONS),
    "action.on.specific.tags": ElementRule(
        check_specific_tags, ("action", "tags", "excludedTags"), required=("action", "tags"), actions=TAG_ACTIONS
    ),
    "action.on.privatetags": ElementRule(
        check_private_tags, ("action", "tags", "excludedTags"), required=("action",), actions=TAG_ACTIONS
    ),
    "action.on.dates": ElementRule(
        check_dates,
        ("option", "arguments", "tags", "excludedTags"),
        _DATE_ARGUMENTS,
        required=("option",),
        options=(*DATE_OPTIONS, *OPTION_ALIASES),
    ),
    "expression.on.tags": ElementRule(
        check_expression_element, ("arguments", "tags", "excludedTags"), ("expr",), required=("arguments", "tags")
    ),
    "action.add.tag": ElementRule(
        check_add_tag, ("arguments", "tags"), ("value",), vain=("vr",), required=("arguments", "tags")
    ),
    "action.add.private.tag": ElementRule(
        check_add_private_tag,
        ("arguments", "tags"),
        ("value", "vr", "privateCreator"),
        required=("arguments", "tags"),
    ),
    "action.replace.api": ElementRule(
        check_replace_api,
        ("arguments", "tags", "excludedTags"),
        ("url", "responsePath", "method", "body", "authConfig", "defaultValue"),
        required=("arguments", "tags"),
    ),
}

CODENAMES: Final = tuple(RULES)

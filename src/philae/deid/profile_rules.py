"""What a profile element of each codename must say, and what it says in vain."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydicom.datadict import dictionary_VR
from pydicom.valuerep import VR

from philae.deid.literal_yaml import Findings, quoted, suggestion
from philae.deid.profile import ElementSpec
from philae.deid.shifts import integer
from philae.dicom.tags import TagPattern, parse_tag_pattern

TAG_ACTIONS: Final = ("K", "X", "Z", "D", "DDum", "U")
UID_ACTIONS: Final = ("U", "X", "Z")
DATE_OPTIONS: Final = ("shift", "shift_range", "shift_by_tag", "date_format")
REMOVALS: Final = ("day", "month_day")
API_METHODS: Final = ("get", "post")
VALUE_REPRESENTATIONS: Final = tuple(vr.value for vr in VR if len(vr) == 2)  # without "US or SS" and its like

_FIRST_DATASET_GROUP: Final = 0x0008


class Remarks:
    """Findings about one element, placed by key; what is already faulty gets no second fault."""

    def __init__(self, path: str, line: int, lines: Mapping[str, int], findings: Findings) -> None:
        self._path = path
        self._line = line
        self._lines = lines
        self._findings = findings

    def fault(self, key: str, message: str, remedy: str) -> None:
        path = f"{self._path} {key}"
        if not self._is_faulty(path):
            self._findings.fault(path, self._lines.get(key, self._line), message, remedy)

    def warn(self, key: str, message: str, remedy: str) -> None:
        self._findings.warn(f"{self._path} {key}", self._lines.get(key, self._line), message, remedy)

    def _is_faulty(self, path: str) -> bool:
        whole = {self._path, path, path.partition(" arguments.")[0] + " arguments"}
        return any(fault.path in whole or fault.path.startswith(f"{path}[") for fault in self._findings.faults)


@dataclass(frozen=True, slots=True)
class _Rule:
    """``keys`` have a meaning for the element, ``arguments`` too; ``vain`` arguments are known to mean nothing."""

    check: Callable[[ElementSpec, Remarks], None]
    keys: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    vain: tuple[str, ...] = ()


def check_element(element: ElementSpec, remarks: Remarks) -> None:
    """Tell ``remarks`` everything that keeps ``element`` from working as written."""
    if not element.name.strip():
        remarks.fault("name", "missing", "name the element, for people and for exclusion messages")
    if not element.codename:
        remarks.fault("codename", "missing", f"use one of: {', '.join(CODENAMES)}")
        return
    rule = _RULES.get(element.codename)
    if rule is None:
        remarks.fault(
            "codename", f"unknown codename {quoted(element.codename)}", suggestion(element.codename, CODENAMES)
        )
        return
    _check_vain_keys(element, rule, remarks)
    _check_argument_names(element, rule, remarks)
    rule.check(element, remarks)


def _check_vain_keys(element: ElementSpec, rule: _Rule, remarks: Remarks) -> None:
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


def _check_argument_names(element: ElementSpec, rule: _Rule, remarks: Remarks) -> None:
    if "arguments" not in rule.keys:
        return
    for name, _ in element.arguments:
        if name in rule.vain:
            remarks.warn(f"arguments.{name}", f"has no meaning for {element.codename}", "remove it")
        elif name not in rule.arguments:
            remarks.fault(f"arguments.{name}", "unknown argument", suggestion(name, rule.arguments))


def _check_nothing(element: ElementSpec, remarks: Remarks) -> None:
    """The element needs no more than its codename."""


def _check_action(element: ElementSpec, allowed: tuple[str, ...], remarks: Remarks) -> None:
    if not element.action:
        remarks.fault("action", "missing", f"use one of: {', '.join(allowed)}")
    elif element.action not in allowed:
        remarks.fault("action", f"unknown action {quoted(element.action)}", suggestion(element.action, allowed))


def _check_tags(element: ElementSpec, remarks: Remarks) -> None:
    if not element.tags:
        remarks.fault("tags", "missing", "list at least one tag such as (0010,0010)")


def _check_required(element: ElementSpec, names: tuple[str, ...], remarks: Remarks) -> None:
    for name in names:
        if not element.argument(name):
            remarks.fault(f"arguments.{name}", "missing", f"{element.option or element.codename} needs it")


def _check_specific_tags(element: ElementSpec, remarks: Remarks) -> None:
    _check_action(element, TAG_ACTIONS, remarks)
    _check_tags(element, remarks)


def _check_private_tags(element: ElementSpec, remarks: Remarks) -> None:
    _check_action(element, TAG_ACTIONS, remarks)
    for pattern in element.tags:
        if not pattern.may_be_private:
            remarks.warn("tags", f"{pattern} is never private", "list tags of odd groups")


def _check_replace_uid(element: ElementSpec, remarks: Remarks) -> None:
    if element.action:
        _check_action(element, UID_ACTIONS, remarks)
    if element.tags:
        remarks.warn(
            "codename", "acts on its tags here, in Karnak it has no effect", "keep it if that is what you want"
        )
    else:
        remarks.warn("tags", "missing, so the element has no effect", "list the UIDs to replace")


def _check_dates(element: ElementSpec, remarks: Remarks) -> None:
    if not element.option:
        remarks.fault("option", "missing", f"use one of: {', '.join(DATE_OPTIONS)}")
        return
    match element.option:
        case "shift":
            _check_amounts(element, ("days", "seconds"), (), remarks)
        case "shift_range":
            _check_amounts(element, ("max_days", "max_seconds"), ("min_days", "min_seconds"), remarks)
        case "shift_by_tag":
            _check_amount_tags(element, remarks)
        case "date_format":
            _check_removal(element, remarks)
        case unknown:
            remarks.fault("option", f"unknown option {quoted(unknown)}", suggestion(unknown, DATE_OPTIONS))


def _check_amounts(
    element: ElementSpec, required: tuple[str, ...], optional: tuple[str, ...], remarks: Remarks
) -> None:
    _check_required(element, required, remarks)
    for name in (*required, *optional):
        amount = element.argument(name)
        if amount and integer(amount) is None:
            remarks.fault(
                f"arguments.{name}", f"{quoted(amount)} is no integer", "write digits, with a sign if need be"
            )


def _check_amount_tags(element: ElementSpec, remarks: Remarks) -> None:
    names = ("days_tag", "seconds_tag")
    if not any(element.argument(name) for name in names):
        remarks.warn("arguments", "names no tag, so nothing is shifted", f"give {' or '.join(names)}")
    for name in names:
        text = element.argument(name)
        if text and not _is_one_tag(text):
            remarks.fault(
                f"arguments.{name}", f"{quoted(text)} is not one tag", "write 8 hex digits such as (0015,1010)"
            )


def _check_removal(element: ElementSpec, remarks: Remarks) -> None:
    _check_required(element, ("remove",), remarks)
    removal = element.argument("remove")
    if removal and removal not in REMOVALS:
        remarks.fault("arguments.remove", f"unknown {quoted(removal)}", suggestion(removal, REMOVALS))


def _check_add_tag(element: ElementSpec, remarks: Remarks) -> None:
    if not element.arguments:
        remarks.fault("arguments", "missing", "give the value to add, value: '' for an empty one")
    tag = _one_tag(element, remarks)
    if tag is None:
        return
    if tag.is_private:
        remarks.fault("tags", f"{tag} is private", "use action.add.private.tag")
        return
    try:
        vr = dictionary_VR(tag.value)
    except KeyError:
        vr = ""
    if not vr or tag.value >> 16 < _FIRST_DATASET_GROUP:
        remarks.fault("tags", f"{tag} is no attribute of the DICOM dictionary", "list a tag of PS3.6")
    elif vr not in VALUE_REPRESENTATIONS:
        remarks.fault("tags", f"{tag} has more than one VR, {vr}", "list a tag whose VR is certain")
    else:
        _check_no_sequence_value(element, vr, remarks)


def _check_add_private_tag(element: ElementSpec, remarks: Remarks) -> None:
    if len(element.arguments) < 2:
        remarks.fault("arguments", "fewer than two", "give value, vr and, better, privateCreator")
    elif not element.argument("vr"):
        remarks.fault("arguments.vr", "missing", "give the VR of the value, such as LO")
    vr = element.argument("vr")
    if vr and vr not in VALUE_REPRESENTATIONS:
        remarks.fault("arguments.vr", f"unknown VR {quoted(vr)}", suggestion(vr, VALUE_REPRESENTATIONS))
    if len(element.tags) > 1:
        remarks.fault("tags", "more than one", "write one element for each tag")
        return
    tag = _one_tag(element, remarks)
    if tag is not None and not tag.is_private:
        remarks.fault("tags", f"{tag} is not private", "use a tag of an odd group, or action.add.tag")
    _check_no_sequence_value(element, vr, remarks)


def _check_no_sequence_value(element: ElementSpec, vr: str | None, remarks: Remarks) -> None:
    if vr == "SQ" and element.argument("value"):
        remarks.fault("arguments.value", "text cannot fill a sequence", "leave the value empty")


def _one_tag(element: ElementSpec, remarks: Remarks) -> TagPattern | None:
    _check_tags(element, remarks)
    if not element.tags:
        return None
    if len(element.tags) > 1:
        remarks.warn("tags", f"only the first, {element.tags[0]}, is added", "write one element for each tag")
    if not element.tags[0].is_exact:
        remarks.fault("tags", f"{element.tags[0]} is a pattern", "name one tag to add")
        return None
    return element.tags[0]


def _check_expression(element: ElementSpec, remarks: Remarks) -> None:
    _check_required(element, ("expr",), remarks)


def _check_replace_api(element: ElementSpec, remarks: Remarks) -> None:
    _check_tags(element, remarks)
    _check_required(element, ("url",), remarks)
    if element.argument("responsePath") is None:
        remarks.fault("arguments.responsePath", "missing", "give a JSON Pointer, or '' for the whole response")
    method = (element.argument("method") or "get").lower()
    if method not in API_METHODS:
        remarks.fault("arguments.method", f"unknown method {quoted(method)}", f"use one of: {', '.join(API_METHODS)}")
    elif method == "post":
        _check_required(element, ("body",), remarks)


def _is_one_tag(text: str) -> bool:
    try:
        return parse_tag_pattern(text).is_exact
    except ValueError:
        return False


_DATE_ARGUMENTS: Final = (
    "days", "seconds", "min_days", "max_days", "min_seconds", "max_seconds", "days_tag", "seconds_tag", "remove",
)  # fmt: skip

_RULES: Final[Mapping[str, _Rule]] = {
    "basic.dicom.profile": _Rule(_check_nothing),
    "clean.pixel.data": _Rule(_check_nothing),
    "clean.recognizable.visual.features": _Rule(_check_nothing),
    "replace.uid": _Rule(_check_replace_uid, ("action", "tags", "excludedTags")),
    "action.on.specific.tags": _Rule(_check_specific_tags, ("action", "tags", "excludedTags")),
    "action.on.privatetags": _Rule(_check_private_tags, ("action", "tags", "excludedTags")),
    "action.on.dates": _Rule(_check_dates, ("option", "arguments", "tags", "excludedTags"), _DATE_ARGUMENTS),
    "expression.on.tags": _Rule(_check_expression, ("arguments", "tags", "excludedTags"), ("expr",)),
    "action.add.tag": _Rule(_check_add_tag, ("arguments", "tags"), ("value",), vain=("vr",)),
    "action.add.private.tag": _Rule(_check_add_private_tag, ("arguments", "tags"), ("value", "vr", "privateCreator")),
    "action.replace.api": _Rule(
        _check_replace_api,
        ("arguments", "tags", "excludedTags"),
        ("url", "responsePath", "method", "body", "authConfig", "defaultValue"),
    ),
}

CODENAMES: Final = tuple(_RULES)

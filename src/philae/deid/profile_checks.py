"""What keeps a profile element from working as written, one check for each codename."""

from typing import Final, get_args

from philae.deid.confidentiality.options import EDITIONS, OPTION_NAMES, are_contradictory, option_names
from philae.deid.literal_yaml import quoted, suggestion
from philae.deid.pixels.order import Policy
from philae.deid.pixels.scripts import LANGUAGES
from philae.deid.profile import ElementSpec
from philae.deid.profile_expressions import check_expression, check_templates
from philae.deid.profile_remarks import Remarks
from philae.deid.shifts import integer
from philae.dicom.layout import VRS
from philae.dicom.standard.dictionary import written_vr
from philae.dicom.tags import TagPattern, parse_tag_pattern
from philae.dicom.values import encode_value

TAG_ACTIONS: Final = ("K", "X", "Z", "D", "DDum", "U")
UID_ACTIONS: Final = ("U", "X", "Z")
DATE_OPTIONS: Final = ("shift", "shift_range", "shift_by_tag", "date_format")
OPTION_ALIASES: Final = {"format_date": "date_format"}
"""Words that people have in their files though Karnak refuses them, and what they mean."""
REMOVALS: Final = ("day", "month_day")
SWITCH: Final = ("true", "false")
TEXT_POLICIES: Final = get_args(Policy)
MR_POLICIES: Final = ("skip", "hold")
"""What becomes of MR images that cannot be defaced."""
API_METHODS: Final = ("get", "post")

_FIRST_DATASET_GROUP: Final = 0x0008
_ANY_TEXT: Final = ("utf-8",)


def check_nothing(element: ElementSpec, remarks: Remarks) -> None:
    """The element needs no more than its codename."""


def check_basic_profile(element: ElementSpec, remarks: Remarks) -> None:
    edition = element.argument("edition")
    if edition is not None and edition not in EDITIONS:
        remarks.fault("arguments.edition", f"unknown edition {quoted(edition)}", f"use one of: {', '.join(EDITIONS)}")
    names = option_names(element.argument("options") or "")
    for name in names:
        if name not in OPTION_NAMES:
            remarks.fault("arguments.options", f"unknown option {quoted(name)}", suggestion(name, OPTION_NAMES))
    if are_contradictory(names):
        remarks.fault("arguments.options", "dates both in full and modified", "choose one of the two options")


def check_pixel_data(element: ElementSpec, remarks: Remarks) -> None:
    detect, policy = element.argument("detect"), element.argument("policy")
    for language in option_names(element.argument("languages") or ""):
        if language not in LANGUAGES:
            remedy = f"text is found in any, but read in these only: {', '.join(LANGUAGES)}"
            remarks.fault("arguments.languages", f"{quoted(language)} cannot be read", remedy)
    if detect is not None and detect.lower() not in SWITCH:
        remarks.fault("arguments.detect", f"{quoted(detect)} is no switch", f"use one of: {', '.join(SWITCH)}")
    if policy is None:
        return
    if policy not in TEXT_POLICIES:
        remarks.fault("arguments.policy", f"unknown policy {quoted(policy)}", suggestion(policy, TEXT_POLICIES))
    elif detect is None or detect.lower() != "true":
        remarks.fault("arguments.policy", "says what becomes of text that nobody looks for", "add detect: true")


def check_defacing(element: ElementSpec, remarks: Remarks) -> None:
    always = element.argument("always")
    if always is not None and always.lower() not in SWITCH:
        remarks.fault("arguments.always", f"{quoted(always)} is no switch", f"use one of: {', '.join(SWITCH)}")
    policy = element.argument("mr")
    if policy is not None and policy not in MR_POLICIES:
        remarks.fault("arguments.mr", f"unknown policy {quoted(policy)}", suggestion(policy, MR_POLICIES))


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


def check_specific_tags(element: ElementSpec, remarks: Remarks) -> None:
    _check_action(element, TAG_ACTIONS, remarks)
    _check_tags(element, remarks)


def check_private_tags(element: ElementSpec, remarks: Remarks) -> None:
    _check_action(element, TAG_ACTIONS, remarks)
    for pattern in element.tags:
        if not pattern.may_be_private:
            remarks.warn("tags", f"{pattern} is never private", "list tags of odd groups")


def check_replace_uid(element: ElementSpec, remarks: Remarks) -> None:
    if element.action:
        _check_action(element, UID_ACTIONS, remarks)
    if element.tags:
        remarks.warn(
            "codename", "acts on its tags here, in Karnak it has no effect", "keep it if that is what you want"
        )
    else:
        remarks.warn("tags", "missing, so the element has no effect", "list the UIDs to replace")


def check_dates(element: ElementSpec, remarks: Remarks) -> None:
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


def check_add_tag(element: ElementSpec, remarks: Remarks) -> None:
    if not element.arguments:
        remarks.fault("arguments", "missing", "give the value to add, value: '' for an empty one")
    tag = _one_tag(element, remarks)
    if tag is None:
        return
    if tag.is_private:
        remarks.fault("tags", f"{tag} is private", "use action.add.private.tag")
        return
    vr = written_vr(tag.value)
    if not vr or tag.value >> 16 < _FIRST_DATASET_GROUP:
        remarks.fault("tags", f"{tag} is no attribute of the DICOM dictionary", "list a tag of PS3.6")
    elif vr not in VRS:
        remarks.fault("tags", f"{tag} has more than one VR, {vr}", "list a tag whose VR is certain")
    else:
        _check_value(element, vr, remarks)


def check_add_private_tag(element: ElementSpec, remarks: Remarks) -> None:
    if len(element.arguments) < 2:
        remarks.fault("arguments", "fewer than two", "give value, vr and, better, privateCreator")
    elif not element.argument("vr"):
        remarks.fault("arguments.vr", "missing", "give the VR of the value, such as LO")
    vr = element.argument("vr")
    if vr and vr not in VRS:
        remarks.fault("arguments.vr", f"unknown VR {quoted(vr)}", suggestion(vr, sorted(VRS)))
    if len(element.tags) > 1:
        remarks.fault("tags", "more than one", "write one element for each tag")
        return
    tag = _one_tag(element, remarks)
    if tag is not None and not tag.is_private:
        remarks.fault("tags", f"{tag} is not private", "use a tag of an odd group, or action.add.tag")
    if vr in VRS:
        _check_value(element, vr, remarks)


def _check_value(element: ElementSpec, vr: str, remarks: Remarks) -> None:
    value = element.argument("value") or ""
    if vr == "SQ" and value:
        remarks.fault("arguments.value", "text cannot fill a sequence", "leave the value empty")
    elif encode_value(value, vr, _ANY_TEXT) is None:
        remarks.fault("arguments.value", f"{quoted(value)} cannot be written as {vr}", f"give a value of VR {vr}")


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


def check_expression_element(element: ElementSpec, remarks: Remarks) -> None:
    _check_tags(element, remarks)
    _check_required(element, ("expr",), remarks)
    check_expression(element, remarks)


def check_replace_api(element: ElementSpec, remarks: Remarks) -> None:
    _check_tags(element, remarks)
    _check_required(element, ("url",), remarks)
    if element.argument("responsePath") is None:
        remarks.fault("arguments.responsePath", "missing", "give a JSON Pointer, or '' for the whole response")
    method = (element.argument("method") or "get").lower()
    if method not in API_METHODS:
        remarks.fault("arguments.method", f"unknown method {quoted(method)}", f"use one of: {', '.join(API_METHODS)}")
    elif method == "post":
        _check_required(element, ("body",), remarks)
    url = element.argument("url")
    if url and not url.lower().startswith(("http://", "https://")):
        remarks.fault("arguments.url", "no address of a web service", "begin with https://")
    check_templates(element, remarks)


def _is_one_tag(text: str) -> bool:
    try:
        return parse_tag_pattern(text).is_exact
    except ValueError:
        return False

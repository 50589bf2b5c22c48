"""Profiles as Karnak's YAML files: read with every fault at once, written so that they read the same."""

from collections.abc import Mapping
from typing import Any, Final

import yaml
from yaml.nodes import Node, SequenceNode

from philae.deid.errors import ProfileFaults
from philae.deid.literal_yaml import Findings, compose, fields_of, is_empty, items_of, line_of, quoted, text_of
from philae.deid.mask_file import read_masks
from philae.deid.profile import ElementSpec, Mask, Profile
from philae.deid.profile_checks import OPTION_ALIASES
from philae.deid.profile_remarks import Remarks
from philae.deid.profile_rules import check_element
from philae.dicom.tags import TagPattern, parse_tag_pattern

PROFILE_KEYS: Final = (
    "name", "version", "minimumKarnakVersion", "defaultIssuerOfPatientID", "profileElements", "masks",
)  # fmt: skip
ELEMENT_KEYS: Final = (
    "name", "codename", "condition", "action", "option", "args", "arguments", "tags", "excludedTags",
)  # fmt: skip
LIST_ARGUMENTS: Final = ("options", "languages")
"""Arguments that name several things, as a list or separated by commas."""
_TEXT_TAG: Final = "tag:yaml.org,2002:str"


class _Dumper(yaml.SafeDumper):
    """Escapes what would not survive as plain text, such as line separators."""


_Dumper.add_representer(
    str, lambda dumper, text: dumper.represent_scalar(_TEXT_TAG, text, style=None if text.isprintable() else '"')
)


def load_profile(text: str) -> Profile:
    """The profile written in ``text``; its ``warnings`` tell what was accepted without effect.

    Raises ``ProfileFaults`` with everything that is wrong, in the order of the lines.
    """
    findings = Findings()
    root = compose(text, findings)
    profile = _read_profile(root, findings) if root is not None else None
    if profile is None or findings.faults:
        raise ProfileFaults(tuple(sorted(findings.faults, key=lambda fault: fault.line)))
    return profile


def dump_profile(profile: Profile) -> str:
    """A file that ``load_profile`` turns into an equal profile; keys without content are left out."""
    return dump_document(document_of(profile))


def document_of(profile: Profile) -> dict[str, Any]:
    """The keys and values of a profile's file."""
    return {
        "name": profile.name,
        "version": profile.version,
        "minimumKarnakVersion": profile.minimum_karnak_version,
        "defaultIssuerOfPatientID": profile.default_issuer,
        "profileElements": [_element_document(element) for element in profile.elements],
        "masks": [_mask_document(mask) for mask in profile.masks],
    }


def dump_document(document: Mapping[str, object]) -> str:
    """A profile's keys and values as the text of its file, whether they make sense or not."""
    return yaml.dump(_without_empty(document), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _read_profile(root: Node, findings: Findings) -> Profile:
    fields = fields_of(root, "profile", PROFILE_KEYS, findings)
    texts = {key: _text(fields, key, "profile", findings) or "" for key in PROFILE_KEYS[:4]}
    if "name" not in fields or is_empty(fields["name"]):
        findings.fault("profile name", line_of(root), "missing", "projects refer to a profile by its name")
    if texts["defaultIssuerOfPatientID"]:
        line = line_of(fields["defaultIssuerOfPatientID"])
        findings.warn("profile defaultIssuerOfPatientID", line, "has no effect", "set it on the destination")
    elements = _read_elements(fields.get("profileElements"), line_of(root), findings)
    masks = read_masks(fields["masks"], findings) if "masks" in fields else ()
    _compare_masks_with_elements(fields, elements, masks, findings)
    return Profile(
        name=texts["name"],
        version=texts["version"],
        minimum_karnak_version=texts["minimumKarnakVersion"],
        default_issuer=texts["defaultIssuerOfPatientID"],
        elements=elements,
        masks=masks,
        warnings=tuple(sorted(findings.warnings, key=lambda warning: warning.line)),
    )


def _read_elements(node: Node | None, root_line: int, findings: Findings) -> tuple[ElementSpec, ...]:
    faults_before = len(findings.faults)
    nodes = items_of(node, "profileElements", findings) if node else ()
    if not nodes and len(findings.faults) == faults_before:
        line = line_of(node) if node else root_line
        findings.fault("profileElements", line, "missing", "list at least one element, or nothing is de-identified")
    return tuple(_read_element(item, f"profileElements[{at}]", findings) for at, item in enumerate(nodes))


def _read_element(node: Node, position: str, findings: Findings) -> ElementSpec:
    fields = fields_of(node, position, ELEMENT_KEYS, findings)
    name = _text(fields, "name", position, findings) or ""
    path = f"{position} {quoted(name)}" if name else position
    texts = {key: _text(fields, key, path, findings) for key in ("codename", "condition", "action", "option")}
    arguments = _read_arguments(fields.get("arguments"), path, findings)
    lines = {key: line_of(value) for key, value in fields.items()} | {
        f"arguments.{key}": line_of(value) for key, (_, value) in arguments.items()
    }
    remarks = Remarks(path, line_of(node), lines, findings)
    if "args" in fields:
        remarks.warn("args", "has no effect", "write arguments: with key: value lines")
    if texts["option"] in OPTION_ALIASES:
        remarks.warn("option", "an alias that Karnak refuses", f"write {OPTION_ALIASES[texts['option']]}")
    element = ElementSpec(
        name=name,
        codename=texts["codename"] or "",
        condition=texts["condition"],
        action=texts["action"],
        option=OPTION_ALIASES.get(texts["option"] or "", texts["option"]),
        arguments=tuple((key, text) for key, (text, _) in arguments.items()),
        tags=_read_tags(fields.get("tags"), f"{path} tags", findings),
        excluded_tags=_read_tags(fields.get("excludedTags"), f"{path} excludedTags", findings),
        line=line_of(node),
    )
    check_element(element, remarks)
    return element


def _read_arguments(node: Node | None, path: str, findings: Findings) -> dict[str, tuple[str, Node]]:
    if node is None:
        return {}
    values = fields_of(node, f"{path} arguments", None, findings)
    return {key: (_argument(key, value, f"{path} arguments.{key}", findings), value) for key, value in values.items()}


def _argument(key: str, node: Node, path: str, findings: Findings) -> str:
    """The text of an argument; those that name several things may be a list."""
    if key in LIST_ARGUMENTS and isinstance(node, SequenceNode):
        texts = (text_of(item, f"{path}[{at}]", findings) for at, item in enumerate(node.value))
        return ", ".join(text for text in texts if text)
    return text_of(node, path, findings) or ""


def _read_tags(node: Node | None, path: str, findings: Findings) -> tuple[TagPattern, ...]:
    patterns: list[TagPattern] = []
    for position, item in enumerate(items_of(node, path, findings) if node else ()):
        text = text_of(item, f"{path}[{position}]", findings) or ""
        try:
            patterns.append(parse_tag_pattern(text))
        except ValueError as error:
            remedy = (
                f"{error}; between [ ] put each tag in quotes" if getattr(node, "flow_style", False) else str(error)
            )
            findings.fault(f"{path}[{position}]", line_of(item), f"{quoted(text)} is no tag", remedy)
    return tuple(patterns)


def _compare_masks_with_elements(
    fields: Mapping[str, Node], elements: tuple[ElementSpec, ...], masks: tuple[Mask, ...], findings: Findings
) -> None:
    cleaning = next((element for element in elements if element.codename == "clean.pixel.data"), None)
    if cleaning and not masks and (cleaning.argument("detect") or "").lower() != "true":
        findings.warn("masks", cleaning.line, "none, so clean.pixel.data cleans nothing", "add masks for your stations")
    if masks and not cleaning:
        line = line_of(fields["masks"])
        findings.warn("masks", line, "have no effect without clean.pixel.data", "add an element of that codename")


def _text(fields: Mapping[str, Node], key: str, path: str, findings: Findings) -> str | None:
    return text_of(fields[key], f"{path} {key}", findings) if key in fields else None


def _element_document(element: ElementSpec) -> dict[str, object]:
    return _without_empty(
        {
            "name": element.name,
            "codename": element.codename,
            "condition": element.condition,
            "action": element.action,
            "option": element.option,
            "arguments": dict(element.arguments),
            "tags": [str(pattern) for pattern in element.tags],
            "excludedTags": [str(pattern) for pattern in element.excluded_tags],
        }
    )


def _mask_document(mask: Mask) -> dict[str, object]:
    keys = {
        "imageWidth": mask.width,
        "imageHeight": mask.height,
        "manufacturer": mask.manufacturer,
        "modelName": mask.model_name,
        "sopClass": mask.sop_class_uid,
        "condition": mask.condition,
        "keep": [" ".join(map(str, rectangle)) for rectangle in mask.keep],
        "keepRegions": mask.keeps_regions or None,
    }
    rectangles = [" ".join(map(str, rectangle)) for rectangle in mask.rectangles]
    shown = {} if (mask.keep or mask.keeps_regions) and not rectangles else {"rectangles": rectangles}
    return {"stationName": mask.station_name, **_without_empty(keys), "color": bytes(mask.color).hex(), **shown}


def _without_empty(document: Mapping[str, object]) -> dict[str, object]:
    return {key: value for key, value in document.items() if value not in (None, "", [], {})}

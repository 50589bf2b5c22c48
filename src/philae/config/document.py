"""The configuration as a YAML document, in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml
from pydantic import BaseModel, ValidationError

from philae.config.model import Configuration, Destination
from philae.config.profile_entries import read_profiles
from philae.config.references import check_references
from philae.config.yaml_lines import DocumentFault, Lines, Value, Where, read_yaml
from philae.deid.engine import compile_profile
from philae.deid.errors import DeidError
from philae.deid.profile import SECRET_LENGTH, HashEncoding, Project

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from philae.config.model import DestinationSettings, ForwardNode, PseudonymSettings
    from philae.config.profile_entries import Loaded

_OF_EVERY_KIND: Final = Destination.model_fields.keys() - {"id", "settings"}
"""Keys of a destination that stand beside those of its kind."""


class DocumentFaults(ValueError):
    """The document cannot be applied; ``faults`` holds everything that is wrong with it, by line."""

    def __init__(self, faults: tuple[DocumentFault, ...]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = faults


def load_document(
    text: str,
    base: Path,
    *,
    destination_kinds: Mapping[str, type[DestinationSettings]],
    pseudonym_kinds: Mapping[str, type[PseudonymSettings]],
) -> Configuration:
    """The configuration that ``text`` describes; relative paths start at ``base``.

    Destinations have no ids and projects without ``secret`` have none: the store gives them. Raises `DocumentFaults`
    with every fault of the document and of the profiles that it names.
    """
    lines = Lines()
    document = read_yaml(text, lines)
    profiles = read_profiles(document.pop("profiles", None), base, lines)
    check_references(document, {each.stored.name for each in profiles}, lines)
    context = {"destination_kinds": destination_kinds, "pseudonym_kinds": pseudonym_kinds, "base": base}
    configuration = _validated(document, context, lines)
    if configuration is not None:
        _check_compiles(configuration, profiles, lines)
    if lines.faults or configuration is None:
        raise DocumentFaults(tuple(sorted(dict.fromkeys(lines.faults), key=lambda fault: fault.line)))
    return configuration.model_copy(update={"profiles": tuple(each.stored for each in profiles)})


def dump_document(configuration: Configuration) -> str:
    """A document that `load_document` turns into the same configuration anywhere; it holds the projects' secrets."""
    document = {
        "profiles": [{"text": profile.text} for profile in configuration.profiles],
        "projects": [_written(project) for project in configuration.projects],
        "forward_nodes": [_node_document(node) for node in configuration.forward_nodes],
    }
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _validated(document: dict[str, Value], context: dict[str, Any], lines: Lines) -> Configuration | None:
    nested: dict[str, Any] = dict(document)
    if isinstance(nodes := document.get("forward_nodes"), list):
        nested["forward_nodes"] = [_nested_node(node) for node in nodes]
    for key in nested.keys() & {"version"}:
        lines.fault((key,), "unknown key")
        del nested[key]
    try:
        return Configuration.model_validate(nested, context=context)
    except ValidationError as error:
        for where, message in _problems(error, ()):
            lines.fault(where, message)
        return None


def _nested_node(node: Value) -> Any:
    if not isinstance(node, dict) or not isinstance(destinations := node.get("destinations"), list):
        return node
    return {**node, "destinations": [_nested(destination) for destination in destinations]}


def _nested(destination: Value) -> Any:
    """The keys of a destination's kind stand in ``settings`` in the model, and beside the others in the document."""
    if not isinstance(destination, dict):
        return destination
    own = {key: value for key, value in destination.items() if key in _OF_EVERY_KIND}
    return {**own, "settings": {key: value for key, value in destination.items() if key not in _OF_EVERY_KIND}}


def _problems(error: ValidationError, around: Where) -> Iterator[tuple[Where, str]]:
    for each in error.errors(include_url=False, include_input=False):
        where = (*around, *(step for step in each["loc"] if step != "settings"))
        cause = each.get("ctx", {}).get("error")
        if isinstance(cause, ValidationError):
            yield from _problems(cause, where)
        elif isinstance(cause, ValueError) and str(cause).startswith("unknown kind"):
            yield (*where, "kind"), str(cause).replace("unknown kind None", "there is no kind")
        elif each["type"] == "extra_forbidden":
            yield where, "unknown key"
        elif each["type"] == "missing":
            yield where, "is missing"
        else:
            yield where, each["msg"].removeprefix("Value error, ")


def _check_compiles(configuration: Configuration, profiles: Iterable[Loaded], lines: Lines) -> None:
    """A profile that cannot be honoured is found before the first instance is held because of it."""
    by_name = {each.stored.name: each.profile for each in profiles}
    for index, project in enumerate(configuration.projects):
        profile = by_name.get(project.profile)
        if profile is None:
            continue
        encoding: HashEncoding = "us-ascii" if project.hash_encoding == "us-ascii" else "utf-8"
        try:
            compile_profile(profile, Project(project.name, bytes(SECRET_LENGTH), encoding, project.compat == "karnak"))
        except DeidError as error:
            lines.fault(("projects", index, "profile"), str(error))


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _represent_text)


def _node_document(node: ForwardNode) -> dict[str, Any]:
    document = _written(node)
    if node.destinations:
        document["destinations"] = [_destination_document(each) for each in node.destinations]
    return document


def _destination_document(destination: Destination) -> dict[str, Any]:
    document = _written(destination)
    for key in ("id", "settings"):
        document.pop(key, None)
    settings = destination.settings.model_dump(mode="json", exclude_none=True)
    return {"name": document.pop("name"), "kind": settings.pop("kind"), **settings, **document}


def _written(model: BaseModel) -> dict[str, Any]:
    """What differs from the defaults; a kind is always told."""
    values = model.model_dump(mode="json", exclude_none=True)
    defaults = {name: field.get_default() for name, field in type(model).model_fields.items()}
    return {name: value for name, value in values.items() if getattr(model, name) != defaults[name]}

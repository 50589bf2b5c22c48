"""The configuration as a YAML document, in and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import yaml
from pydantic import BaseModel, ValidationError

from philae.config.built_in import BUILT_IN
from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.config.profile_entries import read_profiles
from philae.config.references import check_references
from philae.config.secret import SHOWN
from philae.config.target import Target
from philae.config.yaml_lines import DocumentFault, Lines, Value, Where, read_yaml
from philae.deid.engine import compile_profile
from philae.deid.errors import DeidError
from philae.deid.profile import SECRET_LENGTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from collections.abc import Set as AbstractSet
    from pathlib import Path

    from philae.config.forward_node import ForwardNode
    from philae.config.kinds import DestinationSettings, PseudonymSettings
    from philae.config.profile_entries import Loaded

_OF_EVERY_KIND: Final = Destination.model_fields.keys() - {"id", "settings"}
"""Keys of a destination that stand beside those of its kind."""
_OF_TARGETS: Final = Target.model_fields.keys() - {"settings"}


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
    may_name_files: bool = True,
) -> Configuration:
    """The configuration that ``text`` describes; relative paths start at ``base``.

    Destinations have no ids and projects without ``secret`` have none: the store gives them. Raises `DocumentFaults`
    with every fault of the document and of the profiles that it names, which it may not where files are out of reach.
    """
    lines = Lines()
    document = read_yaml(text, lines)
    profiles = read_profiles(document.pop("profiles", None), base if may_name_files else None, lines)
    check_references(document, {BUILT_IN.name, *(each.stored.name for each in profiles)}, lines)
    context = {"destination_kinds": destination_kinds, "pseudonym_kinds": pseudonym_kinds, "base": base}
    configuration = _validated(document, context, lines)
    if configuration is not None:
        _check_compiles(configuration, profiles, lines)
    if lines.faults or configuration is None:
        raise DocumentFaults(tuple(sorted(dict.fromkeys(lines.faults), key=lambda fault: fault.line)))
    return configuration.model_copy(update={"profiles": tuple(each.stored for each in profiles)})


def dump_document(configuration: Configuration) -> str:
    """A document that, applied where it comes from, changes nothing. It holds no secrets, see `STORED`."""
    web_services = _written(configuration.web_services)
    targets = [_flat(target) for target in configuration.targets]
    document = {
        "profiles": [{"text": profile.text} for profile in configuration.profiles],
        "projects": [_written(project.model_copy(update={"secret": None})) for project in configuration.projects],
        **({"web_services": web_services} if web_services else {}),
        **({"targets": targets} if targets else {}),
        "forward_nodes": [_node_document(node) for node in configuration.forward_nodes],
    }
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)


def _validated(document: dict[str, Value], context: dict[str, Any], lines: Lines) -> Configuration | None:
    nested: dict[str, Any] = dict(document)
    if isinstance(nodes := document.get("forward_nodes"), list):
        nested["forward_nodes"] = [_nested_node(node) for node in nodes]
    if isinstance(targets := document.get("targets"), list):
        nested["targets"] = [_nested(target, _OF_TARGETS) for target in targets]
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
    return {**node, "destinations": [_nested(destination, _OF_EVERY_KIND) for destination in destinations]}


def _nested(item: Value, of_every_kind: AbstractSet[str]) -> Any:
    """The keys of a kind stand in ``settings`` in the model, and beside the others in the document."""
    if not isinstance(item, dict):
        return item
    if "target" in item and "target" in of_every_kind:
        return item
    own = {key: value for key, value in item.items() if key in of_every_kind}
    return {**own, "settings": {key: value for key, value in item.items() if key not in of_every_kind}}


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
        elif each["type"] == "missing" and each["loc"][-1] == "settings":
            continue  # the target that has them is faulty or missing, which is told
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
        try:
            compile_profile(profile, project.with_secret(bytes(SECRET_LENGTH)))
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
        document["destinations"] = [_flat(each) for each in node.destinations]
    return document


def _flat(item: Destination | Target) -> dict[str, Any]:
    document = _written(item)
    for key in ("id", "settings"):
        document.pop(key, None)
    if "target" in document:
        return {"name": document.pop("name"), "target": document.pop("target"), **document}
    settings = item.settings.model_dump(mode="json", exclude_none=True, context=SHOWN)
    return {"name": document.pop("name"), "kind": settings.pop("kind"), **settings, **document}


def _written(model: BaseModel) -> dict[str, Any]:
    """What differs from the defaults; a kind is always told."""
    values = model.model_dump(mode="json", exclude_none=True, context=SHOWN)
    defaults = {name: field.get_default() for name, field in type(model).model_fields.items()}
    return {name: value for name, value in values.items() if getattr(model, name) != defaults[name]}

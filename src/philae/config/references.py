"""What one part of a configuration document says about another: names that must be there, names that must differ."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from philae.deid.errors import InvalidSecret
from philae.deid.keys import parse_secret

if TYPE_CHECKING:
    from philae.config.yaml_lines import Lines, Value, Where


def check_references(document: dict[str, Value], profile_names: set[str], lines: Lines) -> None:
    """Note every name that is used twice or leads nowhere, and every bad secret.

    Works on the text as written, so that it finds these faults beside all others.
    """
    projects = list(_mappings(document.get("projects"), ("projects",)))
    _differ(projects, "name", lines)
    for where, project in projects:
        _check_profile(project, profile_names, where, lines)
        _check_secret(project, where, lines)
    project_names = {_text(project, "name") for _, project in projects}
    logins = _authentication_names(document, lines)
    targets = list(_mappings(document.get("targets"), ("targets",)))
    _differ(targets, "name", lines)
    for where, target in targets:
        _check_authentication(target, logins, where, lines)
    target_names = {_text(target, "name") for _, target in targets}
    nodes = list(_mappings(document.get("forward_nodes"), ("forward_nodes",)))
    _differ(nodes, "ae_title", lines)
    for node_where, node in nodes:
        destinations = list(_mappings(node.get("destinations"), (*node_where, "destinations")))
        _differ(destinations, "name", lines)
        _check_fallbacks(destinations, lines)
        for where, destination in destinations:
            for way in ("deidentify", "morph"):
                _check_project(destination.get(way), project_names, (*where, way), lines)
            _check_target(destination, target_names, where, lines)
            _check_authentication(destination, logins, where, lines)
            _check_pseudonym(destination.get("deidentify"), logins, (*where, "deidentify"), lines)


def _differ(items: list[tuple[Where, dict[str, Value]]], key: str, lines: Lines) -> None:
    first: dict[str, Where] = {}
    for where, item in items:
        name = _text(item, key)
        if not name:
            continue
        if name in first:
            lines.fault((*where, key), f"{name!r} is used already in line {lines.line((*first[name], key))}")
        first.setdefault(name, where)


def _check_profile(project: dict[str, Value], names: set[str], where: Where, lines: Lines) -> None:
    profile = _text(project, "profile")
    if profile and profile not in names:
        known = ", ".join(sorted(names)) or "none"
        lines.fault((*where, "profile"), f"there is no profile {profile!r}; known are: {known}")


def _check_secret(project: dict[str, Value], where: Where, lines: Lines) -> None:
    secret = project.get("secret")
    if isinstance(secret, str):
        try:
            parse_secret(secret)
        except InvalidSecret as error:
            lines.fault((*where, "secret"), str(error))


def _check_project(way: Value | None, names: set[str], where: Where, lines: Lines) -> None:
    project = _text(way, "project") if isinstance(way, dict) else ""
    if project and project not in names:
        known = ", ".join(sorted(filter(None, names))) or "none"
        lines.fault((*where, "project"), f"there is no project {project!r}; known are: {known}")


def _check_target(destination: dict[str, Value], names: set[str], where: Where, lines: Lines) -> None:
    target = _text(destination, "target")
    if target and target not in names:
        known = ", ".join(sorted(filter(None, names))) or "none"
        lines.fault((*where, "target"), f"there is no target {target!r}; known are: {known}")


def _check_fallbacks(destinations: list[tuple[Where, dict[str, Value]]], lines: Lines) -> None:
    named = {_text(destination, "name"): destination for _, destination in destinations}
    for where, destination in destinations:
        name = _text(destination, "fallback")
        if not name:
            continue
        if name not in named or named[name] is destination:
            others = ", ".join(sorted(filter(None, named.keys() - {_text(destination, "name")}))) or "none"
            lines.fault(
                (*where, "fallback"), f"there is no other destination {name!r} in this node; known are: {others}"
            )
        elif _text(named[name], "fallback"):
            lines.fault((*where, "fallback"), f"{name!r} has a fallback itself; a fallback is the last resort")


def _authentication_names(document: dict[str, Value], lines: Lines) -> set[str]:
    services = document.get("web_services")
    given = services.get("authentications") if isinstance(services, dict) else None
    found = list(_mappings(given, ("web_services", "authentications")))
    _differ(found, "name", lines)
    return {_text(each, "name") for _, each in found}


def _check_pseudonym(deidentify: Value | None, logins: set[str], where: Where, lines: Lines) -> None:
    pseudonym = deidentify.get("pseudonym") if isinstance(deidentify, dict) else None
    if isinstance(pseudonym, dict):
        _check_authentication(pseudonym, logins, (*where, "pseudonym"), lines)


def _check_authentication(item: dict[str, Value], names: set[str], where: Where, lines: Lines) -> None:
    name = _text(item, "authentication")
    if name and name not in names:
        known = ", ".join(sorted(filter(None, names))) or "none"
        lines.fault((*where, "authentication"), f"web_services has no authentication {name!r}; known are: {known}")


def _mappings(value: Value | None, where: Where) -> Iterator[tuple[Where, dict[str, Value]]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            if isinstance(item, dict):
                yield (*where, index), item


def _text(item: dict[str, Value], key: str) -> str:
    value = item.get(key)
    return value.strip() if isinstance(value, str) else ""

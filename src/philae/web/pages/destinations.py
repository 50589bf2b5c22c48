"""Destinations: forms made from the settings models of their kinds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING, Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.editing import Tree, named, tree_of
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.web.forms.destination_sections import sections_of
from philae.web.forms.destination_steps import stepped
from philae.web.forms.fields import Field, fields_of
from philae.web.forms.values import tree_from, values_from, without_gaps
from philae.web.pages.changing import Faulty, Part, change, node_tree, sent_form
from philae.web.pages.nodes import node_named
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Mapping

    from philae.web.gateway import Gateway

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
_OURS: Final = frozenset({"id", "settings", "target", "kind"})
_FIRST: Final = ("name", "description", "contact", "enabled", "paused")


@router.get("/destination/new")
def show_new_destination(page: Configurer, node: str, kind: str = "") -> Response:
    if kind not in page.gateway.destination_kinds:
        return page.render("destination_kinds.html", node=node_named(page, node), kinds=page.gateway.destination_kinds)
    values = values_from(_shape(page.gateway, kind), {}) | {"deidentify": "on"}  # nobody sends originals by oversight
    return _form(page, node_named(page, node), kind, values, {}, None)


@router.post("/destination/new")
def create_destination(page: Configurer, node: str, kind: str, sent: Sent) -> Response:
    shape = _shape(page.gateway, kind)
    step = stepped(sent)
    if step is not None:
        return _form(page, node_named(page, node), kind, step.values, step.faults, None)

    def add(tree: Tree) -> None:
        owner = node_tree(tree, node)
        owner["destinations"] = [*owner.get("destinations", []), _written(shape, kind, sent)]

    try:
        after = change(page, sent, ("destination.created", f"{node}/{sent.get('name', '')}"), add, _names_of(node))
    except Faulty as faulty:
        return _form(page, node_named(page, node), kind, without_gaps(shape, sent), faulty.faults, None, 422)
    created = after.node(node)
    number = next(each.id for each in created.destinations if each.name == sent["name"].strip()) if created else 0
    return page.go("/destination", id=str(number), done="created")


@router.get("/destination")
def show_destination(page: Configurer, id: int) -> Response:  # noqa: A002 - the name in the address
    node, destination = found(page, id)
    version = page.gateway.configurations.current().version
    shape = _shape(page.gateway, destination.settings.kind)
    told = _tree(page, node, destination)
    values = values_from(shape, told)
    return page.render(
        "destination.html", node=node, each=destination, shape=shape, values=values, told=told, version=version
    )


@router.get("/destination/edit")
def show_destination_form(page: Configurer, id: int) -> Response:  # noqa: A002 - the name in the address
    node, destination = found(page, id)
    if destination.target is not None:
        raise Problem(409, "This destination has the settings of a target", "change the target in the configuration")
    values = values_from(_shape(page.gateway, destination.settings.kind), _tree(page, node, destination))
    return _form(page, node, destination.settings.kind, values, {}, destination)


@router.post("/destination/edit")
def change_destination(page: Configurer, id: int, sent: Sent) -> Response:  # noqa: A002 - the name in the address
    node, destination = found(page, id)
    kind = destination.settings.kind
    step = stepped(sent)
    if step is not None:
        return _form(page, node, kind, step.values, step.faults, destination)
    wanted = _written(_shape(page.gateway, kind), kind, {**sent, "name": destination.name})

    def put(tree: Tree) -> None:
        destinations = node_tree(tree, node.ae_title)["destinations"]
        destinations[destinations.index(in_document(tree, node, destination))] = wanted

    try:
        change(
            page,
            sent,
            ("destination.changed", path_of(node, destination)),
            put,
            lambda tree: in_document(tree, node, destination),
        )
    except Faulty as faulty:
        return _form(page, node, kind, without_gaps(_shape(page.gateway, kind), sent), faulty.faults, destination, 422)
    return page.go("/destination", id=str(id), done="saved")


@router.get("/destination/delete")
def ask_to_delete_destination(page: Configurer, id: int) -> Response:  # noqa: A002 - the name in the address
    node, destination = found(page, id)
    version = page.gateway.configurations.current().version
    return page.render("destination_delete.html", node=node, each=destination, version=version)


@router.post("/destination/delete")
def delete_destination(page: Configurer, id: int, sent: Sent) -> Response:  # noqa: A002 - the name in the address
    node, destination = found(page, id)

    def delete(tree: Tree) -> None:
        node_tree(tree, node.ae_title)["destinations"].remove(in_document(tree, node, destination))

    told = ("destination.deleted", path_of(node, destination))
    change(page, sent, told, delete, lambda tree: in_document(tree, node, destination))
    return page.go("/node", name=node.ae_title, done="deleted")


def _form(
    page: Page,
    node: ForwardNode,
    kind: str,
    values: dict[str, str],
    faults: Mapping[str, str],
    each: Destination | None,
    status: int = 200,
) -> Response:
    current = page.gateway.configurations.current()
    projects = tuple(project.name for project in current.projects)
    others = tuple(other.name for other in node.destinations if other != each)
    signing_in = tuple(each.name for each in current.web_services.authentications)
    choices = {
        "deidentify.project": projects,
        "morph.project": projects,
        "fallback": others,
        "authentication": signing_in,
    }
    shape = tuple(_with_choices(field, choices) for field in _shape(page.gateway, kind))
    if each is not None:
        shape = tuple(field for field in shape if field.name != "name")
    version = values.get("version") or current.version
    return page.render(
        "destination_form.html",
        status,
        node=node,
        kind=kind,
        sections=sections_of(shape, values, faults),
        values=values,
        faults=faults,
        each=each,
        version=version,
        has_projects=bool(projects),
        is_changed=page.request.method == "POST",
    )


def _shape(gateway: Gateway, kind: str) -> tuple[Field, ...]:
    """First what it is, then how to reach it, then what happens on the way."""
    if kind not in gateway.destination_kinds:
        raise Problem(404, f"There is no kind of destination {kind}")
    polymorphic = {"PseudonymSettings": tuple(gateway.pseudonym_kinds.items())}
    common = _common(tuple(polymorphic["PseudonymSettings"]))
    own = _own(gateway.destination_kinds[kind])
    first = [field for field in common if field.name in _FIRST]
    return (*first, *own, *(field for field in common if field.name not in _FIRST))


@cache
def _common(pseudonym_kinds: tuple[tuple[str, type], ...]) -> tuple[Field, ...]:
    return fields_of(Destination, {"PseudonymSettings": dict(pseudonym_kinds)}, without=_OURS)


@cache
def _own(settings: type) -> tuple[Field, ...]:
    return fields_of(settings, {}, without=_OURS)


def _with_choices(field: Field, choices: Mapping[str, tuple[str, ...]]) -> Field:
    if field.name in choices:
        return replace(field, widget="choice", choices=choices[field.name])
    return (
        replace(field, fields=tuple(_with_choices(each, choices) for each in field.fields)) if field.fields else field
    )


def _written(shape: tuple[Field, ...], kind: str, sent: dict[str, str]) -> Tree:
    return {**tree_from(shape, sent), "kind": kind}


def found(page: Page, number: int) -> tuple[ForwardNode, Destination]:
    """The destination and its forward node. Raises `Problem` 404."""
    known = page.gateway.configurations.current().destination(number)
    if known is None:
        raise Problem(404, "There is no such destination")
    return known


def _tree(page: Page, node: ForwardNode, destination: Destination) -> Tree:
    return in_document(tree_of(page.gateway.configurations.current()), node, destination)


def in_document(tree: Tree, node: ForwardNode, destination: Destination) -> Tree:
    """The destination as a document has it, empty where it does not."""
    owner = named(tree.get("forward_nodes", []), "ae_title", node.ae_title) or {}
    return named(owner.get("destinations", []), "name", destination.name) or {}


def path_of(node: ForwardNode, destination: Destination) -> str:
    """What people call it: ``node/destination``."""
    return f"{node.ae_title}/{destination.name}"


def _names_of(node: str) -> Part:
    def names(tree: Tree) -> list[str]:
        owner = named(tree.get("forward_nodes", []), "ae_title", node) or {}
        return [each["name"] for each in owner.get("destinations", [])]

    return names

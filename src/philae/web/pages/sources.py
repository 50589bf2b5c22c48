"""Who may send to a forward node, one source at a time."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Annotated, Final

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.editing import Tree, named, tree_of
from philae.config.forward_node import Source
from philae.web.forms.fields import Field, fields_of
from philae.web.forms.values import tree_from, values_from
from philae.web.pages.changing import Edit, Faulty, change, node_tree, sent_form
from philae.web.pages.nodes import node_in, node_named
from philae.web.pages.page import Page, readers_with
from philae.web.pages.words import N_
from philae.web.problems import Problem

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]
_HOST_ONLY: Final = N_("Take it from this host only")
_TAKEN: Final = N_("this source is there already")


@router.get("/node/sources/add")
def show_new_source(page: Configurer, name: str) -> Response:
    return _form(page, name, values_from(_shape(), {}), {})


@router.post("/node/sources/add")
def add_source(page: Configurer, name: str, sent: Sent) -> Response:
    def add(tree: Tree) -> None:
        node = node_tree(tree, name)
        node["sources"] = [*node.get("sources", []), _written(node, sent)]

    return _changed(page, name, sent, "source.added", add)


@router.get("/node/sources/edit")
def show_source(page: Configurer, name: str, source: str) -> Response:
    node_named(page, name)
    tree = node_in(tree_of(page.gateway.configurations.current()), name)
    return _form(page, name, values_from(_shape(), _source_in(tree, source)), {}, source)


@router.post("/node/sources/edit")
def change_source(page: Configurer, name: str, source: str, sent: Sent) -> Response:
    def put(tree: Tree) -> None:
        node = node_tree(tree, name)
        before = _source_in(node, source)
        node["sources"][node["sources"].index(before)] = _written(node, sent, before)

    return _changed(page, name, sent, "source.changed", put, source)


@router.post("/node/sources/delete")
def delete_source(page: Configurer, name: str, sent: Sent) -> Response:
    def delete(tree: Tree) -> None:
        node = node_tree(tree, name)
        node["sources"] = [each for each in node.get("sources", []) if each["ae_title"] != sent.get("ae_title")]

    return _changed(page, name, sent, "source.deleted", delete)


def _changed(page: Page, name: str, sent: dict[str, str], action: str, edit: Edit, source: str = "") -> Response:
    try:
        change(page, sent, (action, name), edit, lambda tree: node_in(tree, name).get("sources"))
    except Faulty as faulty:
        return _form(page, name, sent, faulty.faults, source, 422)
    return page.go("/node", name=name, tab="sources", done="deleted" if action == "source.deleted" else "saved")


def _form(
    page: Page, name: str, values: dict[str, str], faults: object, source: str = "", status: int = 200
) -> Response:
    node, version = node_named(page, name), values.get("version") or page.gateway.configurations.current().version
    return page.render(
        "source_form.html",
        status,
        node=node,
        source=source,
        shape=_shape(),
        values=values,
        faults=faults,
        version=version,
    )


def _written(node: Tree, sent: dict[str, str], before: Tree | None = None) -> Tree:
    """Raises `Faulty` where another source has the AE title."""
    written = tree_from(_shape(), sent)
    other = named(node.get("sources", []), "ae_title", written.get("ae_title", ""))
    if other is not None and other is not before:
        raise Faulty({"ae_title": _TAKEN})
    return written


def _source_in(node: Tree, ae_title: str) -> Tree:
    """Raises `Problem` 404."""
    source = named(node.get("sources", []), "ae_title", ae_title)
    if source is None:
        raise Problem(404, "There is no such source")
    return source


@cache
def _shape() -> tuple[Field, ...]:
    return tuple(
        replace(field, label=_HOST_ONLY) if field.name == "check_hostname" else field
        for field in fields_of(Source, {}, without=frozenset())
    )

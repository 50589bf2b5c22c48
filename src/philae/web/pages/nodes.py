"""Forward nodes: the AE titles of the gateway, made and paused and deleted."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.editing import Tree, named
from philae.config.forward_node import ForwardNode
from philae.web.list_filter import nodes_with
from philae.web.pages.changing import Faulty, change, node_tree, sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem
from philae.web.routes_drawing import condition_of, drawing

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/nodes")
def show_nodes(page: Configurer, q: str = "") -> Response:
    """Those that what was typed is found in, by group; last those of none."""
    nodes = page.gateway.configurations.current().forward_nodes
    found = sorted(nodes_with(q, nodes), key=lambda node: (not node.group, node.group))
    groups = [(group, list(members)) for group, members in groupby(found, lambda node: node.group)]
    return page.render("nodes.html", 200, are_some=bool(nodes), groups=groups, q=q, **drawn(page, found))


@router.get("/node/new")
def show_new_node(page: Configurer) -> Response:
    return _form(page, {}, {})


@router.post("/node/new")
def create_node(page: Configurer, sent: Sent) -> Response:
    def add(tree: Tree) -> None:
        tree["forward_nodes"] = [*tree.get("forward_nodes", []), _described(sent)]

    try:
        change(page, sent, ("node.created", sent.get("ae_title", "")), add, _titles)
    except Faulty as faulty:
        return _form(page, sent, faulty.faults, 422)
    return page.go("/node", name=sent["ae_title"].strip(), done="created")


@router.post("/node/paused")
def pause_node(page: Configurer, name: str, sent: Sent) -> Response:
    """Nothing is sent on; what arrives meanwhile waits."""
    paused = sent.get("paused") == "on"

    def put(tree: Tree) -> None:
        node_tree(tree, name)["paused"] = paused

    told = ("node.paused" if paused else "node.resumed", name)
    change(page, sent, told, put, lambda tree: node_in(tree, name).get("paused"))
    return page.go("/node", name=name, done="paused" if paused else "resumed")


@router.get("/node/delete")
def ask_to_delete_node(page: Configurer, name: str) -> Response:
    version = page.gateway.configurations.current().version
    return page.render("node_delete.html", node=node_named(page, name), version=version)


@router.post("/node/delete")
def delete_node(page: Configurer, name: str, sent: Sent) -> Response:
    def delete(tree: Tree) -> None:
        tree["forward_nodes"].remove(node_tree(tree, name))

    change(page, sent, ("node.deleted", name), delete, lambda tree: node_in(tree, name))
    return page.go("/nodes", done="deleted")


def node_named(page: Page, name: str) -> ForwardNode:
    """Raises `Problem` 404."""
    node = page.gateway.configurations.current().node(name)
    if node is None:
        raise Problem(404, f"There is no forward node {name}")
    return node


def node_in(tree: Tree, name: str) -> Tree:
    """The forward node as a document has it, empty where it does not."""
    return named(tree.get("forward_nodes", []), "ae_title", name) or {}


def groups_of(page: Page) -> list[str]:
    """The groups that there are, to choose from."""
    return sorted({node.group for node in page.gateway.configurations.current().forward_nodes} - {""})


def drawn(page: Page, nodes: Sequence[ForwardNode]) -> dict[str, object]:
    """The drawings of the nodes, and how each of their destinations is."""
    standing = {each.ae_title: {one.name: one for one in each.destinations} for each in page.gateway.standing().nodes}
    return {
        "drawings": {node.ae_title: drawing(node) for node in nodes},
        "conditions": {
            node.ae_title: [condition_of(node, each, standing.get(node.ae_title, {})) for each in node.destinations]
            for node in nodes
        },
    }


def _form(page: Page, sent: dict[str, str], faults: object, status: int = 200) -> Response:
    version = sent.get("version") or page.gateway.configurations.current().version
    return page.render("node_new.html", status, sent=sent, faults=faults, version=version, groups=groups_of(page))


def _described(sent: dict[str, str]) -> Tree:
    typed = {name: sent.get(name, "").strip() for name in ("ae_title", "description", "group")}
    return {name: text for name, text in typed.items() if text}


def _titles(tree: Tree) -> list[str]:
    return [each["ae_title"] for each in tree.get("forward_nodes", [])]

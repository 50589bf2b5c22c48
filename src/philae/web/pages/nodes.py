"""Forward nodes: the AE titles of the gateway, who may send to them and where instances go."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.admin.editing import Tree, named
from philae.config.forward_node import ForwardNode
from philae.web.pages.changing import Edit, Faulty, Part, change, node_tree, sent_form
from philae.web.pages.page import Page, readers_with
from philae.web.problems import Problem
from philae.web.routes_drawing import condition_of, drawing

router = APIRouter(include_in_schema=False)

Configurer = Annotated[Page, Depends(readers_with("configure"))]
Sent = Annotated[dict[str, str], Depends(sent_form)]


@router.get("/nodes")
def show_nodes(page: Configurer) -> Response:
    nodes = page.gateway.configurations.current().forward_nodes
    return page.render("nodes.html", 200, nodes=nodes, **_drawn(page, nodes))


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


@router.get("/node")
def show_node(page: Configurer, name: str) -> Response:
    return _shown(page, name, {}, {})


@router.post("/node")
def change_node(page: Configurer, name: str, sent: Sent) -> Response:
    """Its description; its AE title stays: senders and counts know it by that."""

    def describe(tree: Tree) -> None:
        node_tree(tree, name)["description"] = sent.get("description", "").strip()

    return _changed(page, name, sent, "node.described", describe, lambda tree: _node(tree, name).get("description"))


@router.post("/node/paused")
def pause_node(page: Configurer, name: str, sent: Sent) -> Response:
    """Nothing is sent on; what arrives meanwhile waits."""
    paused = sent.get("paused") == "on"

    def put(tree: Tree) -> None:
        node_tree(tree, name)["paused"] = paused

    told = ("node.paused" if paused else "node.resumed", name)
    change(page, sent, told, put, lambda tree: _node(tree, name).get("paused"))
    return page.go("/node", name=name, done="paused" if paused else "resumed")


@router.post("/node/sources/add")
def add_source(page: Configurer, name: str, sent: Sent) -> Response:
    def add(tree: Tree) -> None:
        node = node_tree(tree, name)
        if named(node.get("sources", []), "ae_title", sent.get("ae_title", "").strip()) is not None:
            raise Faulty({"ae_title": "this source is there already"})
        node["sources"] = [*node.get("sources", []), _source(sent)]

    return _changed(page, name, sent, "source.added", add, lambda tree: _node(tree, name).get("sources"))


@router.post("/node/sources/delete")
def delete_source(page: Configurer, name: str, sent: Sent) -> Response:
    def delete(tree: Tree) -> None:
        node = node_tree(tree, name)
        node["sources"] = [each for each in node.get("sources", []) if each["ae_title"] != sent.get("ae_title")]

    return _changed(page, name, sent, "source.deleted", delete, lambda tree: _node(tree, name).get("sources"))


@router.get("/node/delete")
def ask_to_delete_node(page: Configurer, name: str) -> Response:
    version = page.gateway.configurations.current().version
    return page.render("node_delete.html", node=node_named(page, name), version=version)


@router.post("/node/delete")
def delete_node(page: Configurer, name: str, sent: Sent) -> Response:
    def delete(tree: Tree) -> None:
        tree["forward_nodes"].remove(node_tree(tree, name))

    change(page, sent, ("node.deleted", name), delete, lambda tree: _node(tree, name))
    return page.go("/nodes", done="deleted")


def node_named(page: Page, name: str) -> ForwardNode:
    """Raises `Problem` 404."""
    node = page.gateway.configurations.current().node(name)
    if node is None:
        raise Problem(404, f"There is no forward node {name}")
    return node


def _form(page: Page, sent: dict[str, str], faults: object, status: int = 200) -> Response:
    version = sent.get("version") or page.gateway.configurations.current().version
    return page.render("node_new.html", status, sent=sent, faults=faults, version=version)


def _shown(page: Page, name: str, faults: object, sent: dict[str, str], status: int = 200) -> Response:
    node, version = node_named(page, name), page.gateway.configurations.current().version
    values = {"node": node, "version": version, "faults": faults, "sent": sent, "entry": _entry(page, node)}
    return page.render("node.html", status, **values, **_drawn(page, (node,)))


def _drawn(page: Page, nodes: Sequence[ForwardNode]) -> dict[str, object]:
    """The drawings of the nodes, and how each of their destinations is."""
    standing = {each.ae_title: {one.name: one for one in each.destinations} for each in page.gateway.standing().nodes}
    return {
        "drawings": {node.ae_title: drawing(node) for node in nodes},
        "conditions": {
            node.ae_title: [condition_of(node, each, standing.get(node.ae_title, {})) for each in node.destinations]
            for node in nodes
        },
    }


def _entry(page: Page, node: ForwardNode) -> str:
    """What the administrator of a modality enters; the host as this browser reaches it, which may be another's name."""
    machine = page.gateway.machine
    lines = {
        "Description": node.description,
        "AE title": node.ae_title,
        "Host": f"{page.request.url.hostname} (as the browser reaches it; adapt if modalities know it by another name)",
        "Port": str(machine.dicom_port or ""),
        "TLS port": str(machine.dicom_tls_port or ""),
    }
    return "\n".join(f"{key}: {text}" for key, text in lines.items() if text)


def _changed(page: Page, name: str, sent: dict[str, str], action: str, edit: Edit, part: Part) -> Response:
    try:
        change(page, sent, (action, name), edit, part)
    except Faulty as faulty:
        return _shown(page, name, faulty.faults, sent, 422)
    return page.go("/node", name=name, done="saved")


def _described(sent: dict[str, str]) -> Tree:
    return {name: sent[name].strip() for name in ("ae_title", "description") if sent.get(name, "").strip()}


def _source(sent: dict[str, str]) -> Tree:
    source: Tree = {name: sent[name].strip() for name in ("ae_title", "hostname") if sent.get(name, "").strip()}
    return source | ({"check_hostname": True} if sent.get("check_hostname") == "on" else {})


def _titles(tree: Tree) -> list[str]:
    return [each["ae_title"] for each in tree.get("forward_nodes", [])]


def _node(tree: Tree, name: str) -> Tree:
    return named(tree.get("forward_nodes", []), "ae_title", name) or {}

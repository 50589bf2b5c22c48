"""Forward nodes and their destinations, one by one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from philae.admin.editing import Tree, tree_of
from philae.admin.items import NODES, destinations_of
from philae.web.api.editing import Configurer, Current, Editing
from philae.web.api.shapes import DESTINATION, NODE, taken

router = APIRouter(prefix="/api/v1/nodes", tags=["nodes"])

Given = Annotated[Tree, Body()]


@router.get("", summary="Forward nodes")
def read_nodes(current: Current, _caller: Configurer) -> list[Tree]:
    """Each as the configuration document has it, without its destinations."""
    return NODES.all(tree_of(current))


@router.post("", summary="Add a forward node", status_code=201, openapi_extra=taken(NODE))
def add_node(editing: Editing, given: Given) -> Tree:
    """Senders reach it with their next association."""
    return editing.add(NODES, given)


@router.get("/{node}", summary="A forward node")
def read_node(current: Current, _caller: Configurer, node: str) -> Tree:
    return NODES.one(tree_of(current), node)


@router.put("/{node}", summary="Replace a forward node", openapi_extra=taken(NODE))
def put_node(editing: Editing, node: str, given: Given) -> Tree:
    """Its destinations stay as they are, and so does its AE title."""
    return editing.put(NODES, node, given)


@router.delete("/{node}", summary="Delete a forward node with its destinations", status_code=204)
def remove_node(editing: Editing, node: str) -> None:
    """What its destinations had still to deliver fails, and can be retried once they are there again."""
    editing.remove(NODES, node)


@router.get("/{node}/destinations", summary="The destinations of a forward node")
def read_destinations(current: Current, _caller: Configurer, node: str) -> list[Tree]:
    """Each as the configuration document has it; a secret is shown as `<stored>`, and stays when that is sent back."""
    return destinations_of(node).all(tree_of(current))


@router.post("/{node}/destinations", summary="Add a destination", status_code=201, openapi_extra=taken(DESTINATION))
def add_destination(editing: Editing, node: str, given: Given) -> Tree:
    return editing.add(destinations_of(node), given, within=f"{node}/")


@router.get("/{node}/destinations/{destination}", summary="A destination")
def read_destination(current: Current, _caller: Configurer, node: str, destination: str) -> Tree:
    return destinations_of(node).one(tree_of(current), destination)


@router.put("/{node}/destinations/{destination}", summary="Replace a destination", openapi_extra=taken(DESTINATION))
def put_destination(editing: Editing, node: str, destination: str, given: Given) -> Tree:
    """It keeps its name; what it has still to deliver goes by the new settings."""
    return editing.put(destinations_of(node), destination, given, within=f"{node}/")


@router.delete("/{node}/destinations/{destination}", summary="Delete a destination", status_code=204)
def remove_destination(editing: Editing, node: str, destination: str) -> None:
    """What it had still to deliver fails, and can be retried once it is there again."""
    editing.remove(destinations_of(node), destination, within=f"{node}/")

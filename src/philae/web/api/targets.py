"""Targets: receivers that any number of destinations name."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Body

from philae.admin.editing import Tree, tree_of
from philae.admin.items import TARGETS
from philae.admin.targets import remove_target, uses_of_target
from philae.web.api.editing import Configurer, Current, Editing
from philae.web.api.shapes import TARGET, taken

router = APIRouter(prefix="/api/v1/targets", tags=["targets"])

Given = Annotated[Tree, Body()]


@router.get("", summary="Targets")
def read_targets(current: Current, _caller: Configurer) -> list[Tree]:
    """Each as the configuration document has it."""
    return TARGETS.all(tree_of(current))


@router.post("", summary="Add a target", status_code=201, openapi_extra=taken(TARGET))
def add_target(editing: Editing, given: Given) -> Tree:
    return editing.add(TARGETS, given)


@router.get("/{target}", summary="A target")
def read_target(current: Current, _caller: Configurer, target: str) -> Tree:
    return TARGETS.one(tree_of(current), target)


@router.get("/{target}/uses", summary="Who uses a target")
def read_uses(current: Current, _caller: Configurer, target: str) -> list[str]:
    """The destinations that have its settings, as NODE/NAME."""
    tree = tree_of(current)
    TARGETS.one(tree, target)
    return list(uses_of_target(tree, target))


@router.put("/{target}", summary="Replace a target", openapi_extra=taken(TARGET))
def put_target(editing: Editing, target: str, given: Given) -> Tree:
    """It keeps its name; every destination that names it has the new settings."""
    return editing.put(TARGETS, target, given)


@router.delete("/{target}", summary="Delete a target that no destination names", status_code=204)
def remove_unused_target(editing: Editing, target: str) -> None:
    """Answers 409, with the destinations, while it is used."""
    editing.remove(TARGETS, target, remove=remove_target)

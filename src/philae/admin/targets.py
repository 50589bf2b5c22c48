"""Targets: the destinations that name them, and what may be done with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.admin.declined import Declined
from philae.admin.items import TARGETS

if TYPE_CHECKING:
    from philae.admin.editing import Tree


def uses_of_target(tree: Tree, name: str) -> tuple[str, ...]:
    """The destinations that have the target's settings."""
    return tuple(
        f"{node['ae_title']}/{each['name']}"
        for node in tree.get("forward_nodes", [])
        for each in node.get("destinations", [])
        if each.get("target") == name
    )


def remove_target(tree: Tree, name: str) -> None:
    """Raises `Missing`; `Declined`, with the destinations, while it is used."""
    uses = uses_of_target(tree, name)
    if uses:
        raise Declined(f"target {name!r} is used by {', '.join(uses)}; give these another one first")
    TARGETS.remove(tree, name)

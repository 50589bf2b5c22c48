"""Receivers that any number of destinations name."""

from collections.abc import Mapping
from typing import Any

from philae.config.fields import EmailAddress, Frozen, Name
from philae.config.forward_node import ForwardNode
from philae.config.kinds import DestinationSettings, OfKind


class Target(Frozen):
    """A receiver that any number of destinations name."""

    name: Name
    description: str = ""
    contact: EmailAddress | None = None
    settings: OfKind


def with_settings_of(targets: Mapping[str, DestinationSettings], node: Any) -> Any:
    """``node``, given or read, whose destinations have the settings of the targets they name."""
    if isinstance(node, ForwardNode):
        changed = tuple(
            each.model_copy(update={"settings": targets.get(each.target or "", each.settings)})
            for each in node.destinations
        )
        return node.model_copy(update={"destinations": changed})
    if not isinstance(node, dict) or not isinstance(given := node.get("destinations"), list | tuple):
        return node
    return {**node, "destinations": [_with_settings(targets, each) for each in given]}


def _with_settings(targets: Mapping[str, DestinationSettings], destination: Any) -> Any:
    target = destination.get("target") if isinstance(destination, dict) else None
    if isinstance(target, str) and target in targets:
        return {**destination, "settings": targets[target]}
    return destination

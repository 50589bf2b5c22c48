"""The route step: which destination a delivery goes to, and whether it is wanted there."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from philae.config.configuration import Configuration
    from philae.config.destination import Destination
    from philae.config.forward_node import ForwardNode
    from philae.pipeline.model import Delivery


class Unroutable(Exception):
    """The configuration has no place for this delivery: it is held."""


def destinations_of(node: ForwardNode) -> tuple[int, ...]:
    """Ids of the destinations that a new instance of this node is delivered to; fallbacks have to wait."""
    fallbacks = {destination.fallback for destination in node.destinations}
    return tuple(each.id for each in node.destinations if each.enabled and each.name not in fallbacks)


def pinned_destination(delivery: Delivery, configuration: Configuration) -> Destination:
    """The destination as it was configured when the instance was accepted. Raises `Unroutable`."""
    found = configuration.destination(delivery.destination_id)
    if found is None:
        raise Unroutable(f"configuration version {configuration.version} has no destination {delivery.destination_id}")
    return found[1]

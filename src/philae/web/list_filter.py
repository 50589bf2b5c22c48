"""Which items of a list hold what somebody typed above it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from philae.config.destination import Destination
    from philae.config.forward_node import ForwardNode, Source

_ADDRESS: Final = ("ae_title", "hostname", "port", "url", "path", "bucket", "endpoint")
"""Where a destination is, whatever its kind; what proves who the gateway is, is not looked at."""


def nodes_with(typed: str, nodes: Iterable[ForwardNode]) -> list[ForwardNode]:
    """By AE title, description, group, and the names of sources and destinations."""
    return [each for each in nodes if _holds(typed, _texts_of_node(each))]


def sources_with(typed: str, sources: Iterable[Source]) -> list[Source]:
    """By AE title, host and description."""
    return [each for each in sources if _holds(typed, _folded(each.ae_title, each.hostname, each.description))]


def destinations_with(typed: str, destinations: Iterable[Destination]) -> list[Destination]:
    """By name, description, kind, address, project, and who is told."""
    return [each for each in destinations if _holds(typed, _texts_of_destination(each))]


def _holds(typed: str, texts: Sequence[str]) -> bool:
    """Whether each word that was typed is in one of the texts; a number has to be all of one."""
    words = typed.casefold().split()
    return all(any(word == text or (word in text and not text.isdecimal()) for text in texts) for word in words)


def _texts_of_node(node: ForwardNode) -> list[str]:
    inner = [*(each.ae_title for each in node.sources), *(each.name for each in node.destinations)]
    return _folded(node.ae_title, node.description, node.group, *inner)


def _texts_of_destination(destination: Destination) -> list[str]:
    settings, told = destination.settings, destination.notify
    address = [str(getattr(settings, name, "") or "") for name in _ADDRESS]
    people = [destination.contact or "", *(told.emails if told else ())]
    return _folded(destination.name, destination.description, settings.kind, destination.project, *address, *people)


def _folded(*texts: str) -> list[str]:
    return [text.casefold() for text in texts]

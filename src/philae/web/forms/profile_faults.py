"""Where in a profile a fault lies, for pages that show it there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from philae.deid.errors import Fault

LISTS: Final = ("profileElements", "masks")
_PLACE: Final = re.compile(r"(?P<list>profileElements|masks)\[(?P<index>\d+)\](?: (?P<rest>.*))?", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """An item of one of `LISTS`, or the profile itself, and the key in it; empty where all of it is meant."""

    list: str = ""
    index: int = 0
    key: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """An item of one of `LISTS` as it was written, and what is wrong with it."""

    place: Place
    name: str
    codename: str
    line: int
    text: str
    faults: tuple[tuple[str, Fault], ...]
    """Each with the key that it concerns."""


def place_of(fault: Fault) -> Place:
    """Where ``fault.path`` leads; it reads like ``profileElements[2] 'Shift dates' arguments.max_days``."""
    found = _PLACE.fullmatch(fault.path)
    if found is None:
        return Place(key=fault.path.removeprefix("profile").strip())
    rest = found["rest"] or ""
    quote = rest[:1]
    key = rest.rpartition(quote)[2].strip() if quote in ("'", '"') else rest
    return Place(found["list"], int(found["index"]), key)


def parts_of(text: str, faults: Iterable[Fault]) -> tuple[tuple[Part, ...], tuple[Fault, ...]]:
    """The items of a faulty profile, as far as it can be read, and the faults that concern none of them."""
    placed = [(place_of(fault), fault) for fault in faults]
    parts = tuple(
        Part(
            Place(name, index),
            _text(node, "name" if name == "profileElements" else "stationName"),
            _text(node, "codename"),
            node.start_mark.line + 1,
            _source(text, node),
            tuple((place.key, fault) for place, fault in placed if (place.list, place.index) == (name, index)),
        )
        for name in LISTS
        for index, node in enumerate(_items(text, name))
    )
    known = {(part.place.list, part.place.index) for part in parts}
    return parts, tuple(fault for place, fault in placed if (place.list, place.index) not in known)


def _items(text: str, name: str) -> Iterator[Node]:
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, RecursionError):
        return
    if isinstance(root, MappingNode):
        for key, value in root.value:
            if key.value == name and isinstance(value, SequenceNode):
                yield from value.value


def _text(node: Node, name: str) -> str:
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == name and isinstance(value, ScalarNode):
                return str(value.value)
    return ""


def _source(text: str, node: Node) -> str:
    lines = text.splitlines()[node.start_mark.line : node.end_mark.line + (node.end_mark.column > 0)]
    return "\n".join(lines)

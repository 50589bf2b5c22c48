"""PS3.3: the type an attribute has at its place in instances of a SOP class.

Also what a combined action of PS3.15 Table E.1-1 comes down to for that type.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final, NamedTuple, TypeAlias

from philae.dicom.standard.source import table


class AttributeType(StrEnum):
    """Attribute types of PS3.5 7.4, strictest first; ``other`` stands in normalized IODs, which have none of them."""

    REQUIRED = "1"
    CONDITIONAL = "1C"
    MAY_BE_EMPTY = "2"
    CONDITIONAL_MAY_BE_EMPTY = "2C"
    OPTIONAL = "3"
    OTHER = "other"


class _Resolution(NamedTuple):
    """The action of one combined action code by type: 1 or 1C, 2 or 2C, 3 or other, and unknown."""

    required: str
    may_be_empty: str
    optional: str
    unknown: str


_RESOLUTIONS: Final = {
    "Z/D": _Resolution("D", "Z", "Z", "D"),
    "X/D": _Resolution("D", "D", "X", "D"),
    "X/Z/D": _Resolution("D", "Z", "X", "D"),
    "X/Z": _Resolution("X", "Z", "X", "Z"),
    "X/Z/U": _Resolution("U", "Z", "X", "U"),
    "X/Z/U*": _Resolution("U", "Z", "X", "U"),
}


def resolve(symbol: str, attribute_type: AttributeType | None) -> str:
    """The single action (``X``, ``Z``, ``D``, ``U``, ...) of ``symbol``; a symbol that is no combination is itself.

    X/Z removes where a value is required, because neither of its actions leaves one. None means that the type is
    unknown: then the action that keeps most of the dataset's structure is taken.
    """
    resolution = _RESOLUTIONS.get(symbol)
    if resolution is None:
        return symbol
    match attribute_type:
        case AttributeType.REQUIRED | AttributeType.CONDITIONAL:
            return resolution.required
        case AttributeType.MAY_BE_EMPTY | AttributeType.CONDITIONAL_MAY_BE_EMPTY:
            return resolution.may_be_empty
        case AttributeType.OPTIONAL | AttributeType.OTHER:
            return resolution.optional
        case None:
            return resolution.unknown


def attribute_type(sop_class_uid: str, path: tuple[int, ...]) -> AttributeType | None:
    """The type of the attribute at ``path`` (tags of the enclosing sequences, then its own).

    None when the SOP class is unknown or no module of its IOD has the path. Where several modules have it, the only
    mandatory one decides, else the strictest type of the mandatory ones, else of all.
    """
    found = list(_entries(sop_class_uid, path))
    if len(found) < 2:
        return found[0].type if found else None
    mandatory = [entry.type for entry in found if entry.usage == "M"]
    if len(mandatory) == 1:
        return mandatory[0]
    return _strictest(mandatory or [entry.type for entry in found])


def attributes_of(sop_class_uid: str, depth: int) -> Iterator[tuple[int, ...]]:
    """The paths of every attribute of the IOD, in sequences down to ``depth``; none if the SOP class is unknown."""
    standard = _standard()
    modules = standard.iods.get(standard.sop_classes.get(sop_class_uid, ""), ())
    roots = frozenset(standard.modules[module] for module, _ in modules if module in standard.modules)
    yield from _paths((), roots, depth)


def _paths(path: tuple[int, ...], nodes: frozenset[int], depth: int) -> Iterator[tuple[int, ...]]:
    levels = [_standard().nodes[node] for node in nodes]
    for tag in sorted({tag for level in levels for tag in level}):
        yield (*path, tag)
        inside = (level[tag].items for level in levels if tag in level)
        items = frozenset(node for node in inside if node is not None)
        if items and depth:
            yield from _paths((*path, tag), items, depth - 1)


def module_names() -> tuple[str, ...]:
    """The modules of all IODs, such as ``patient-study``."""
    return tuple(sorted({module for modules in _standard().iods.values() for module, _ in modules}))


def tags_of_module(module: str) -> tuple[int, ...]:
    """The attributes of a module, ascending, without those inside its sequences; none of an unknown one."""
    node = _standard().modules.get(module)
    return () if node is None else tuple(sorted(_standard().nodes[node]))


class _Found(NamedTuple):
    usage: str
    type: AttributeType


def _strictest(types: Iterable[AttributeType]) -> AttributeType | None:
    return min((kind for kind in types if kind is not AttributeType.OTHER), default=None)


def _entries(sop_class_uid: str, path: tuple[int, ...]) -> Iterable[_Found]:
    standard = _standard()
    for module, usage in standard.iods.get(standard.sop_classes.get(sop_class_uid, ""), ()):
        entry = standard.entry(module, path)
        if entry is not None:
            yield _Found(usage, entry.type)


class _Entry(NamedTuple):
    """An attribute of a node: its type, and the node of its items if it is a sequence."""

    type: AttributeType
    items: int | None


_Node: TypeAlias = Mapping[int, _Entry]


@dataclass(frozen=True, slots=True)
class _Standard:
    """All IODs. Every distinct level of attributes is one node, shared by all places where it occurs."""

    sop_classes: Mapping[str, str]
    iods: Mapping[str, tuple[tuple[str, str], ...]]
    modules: Mapping[str, int]
    nodes: tuple[_Node, ...]

    def entry(self, module: str, path: tuple[int, ...]) -> _Entry | None:
        items = self.modules.get(module)
        entry = None
        for tag in path:
            entry = None if items is None else self.nodes[items].get(tag)
            if entry is None:
                return None
            items = entry.items
        return entry


@cache
def _standard() -> _Standard:
    sections = table("iods")
    return _Standard(
        sop_classes=sections["sop_classes"],
        iods={iod: tuple((key, usage) for key, usage in modules) for iod, modules in sections["iods"].items()},
        modules=sections["modules"],
        nodes=tuple(_node(node) for node in sections["nodes"]),
    )


def _node(attributes: Mapping[str, Any]) -> _Node:
    return {int(tag, 16): _entry(cell) for tag, cell in attributes.items()}


def _entry(cell: str | tuple[str, int]) -> _Entry:
    """The shared entry of a plain attribute, or a new one of a sequence ``(type, node of its items)``."""
    if isinstance(cell, str):
        return _PLAIN[cell]
    kind, items = cell
    return _Entry(AttributeType(kind), items)


_PLAIN: Final = {kind.value: _Entry(kind, None) for kind in AttributeType}

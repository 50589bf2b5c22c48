"""Information object definitions of PS3.3: modules of every IOD, and every attribute's type by path.

Sub-trees that occur in many places (macros) are stored once: a *node* lists the attributes of one level, and names the
node of a sequence's items by number. So the full depth of the standard fits in a table that loads in milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from pydicom._dicom_dict import DicomDictionary

from tools.standard.layout import JsonValue, Section

Node: TypeAlias = tuple[tuple[int, str, int], ...]
_LEAF = -1
_TAGS = {entry[4]: tag for tag, entry in DicomDictionary.items() if entry[4]}


@dataclass(slots=True)
class _Level:
    """The attributes of one level while a module is read: type and items of each."""

    types: dict[int, str] = field(default_factory=dict)
    items: dict[int, _Level] = field(default_factory=dict)

    def add(self, path: Sequence[int], attribute_type: str) -> None:
        *enclosing, tag = path
        level = self
        for sequence in enclosing:
            level = level.items.setdefault(sequence, _Level())
        level.types[tag] = attribute_type


@dataclass(slots=True)
class _Nodes:
    """All distinct levels, numbered in order of first use (items before what contains them)."""

    numbers: dict[Node, int] = field(default_factory=dict)

    def number(self, level: _Level) -> int:
        node = tuple(
            (tag, level.types.get(tag, ""), self.number(level.items[tag]) if tag in level.items else _LEAF)
            for tag in sorted(level.types.keys() | level.items.keys())
        )
        return self.numbers.setdefault(node, len(self.numbers))


def sections(
    sop_classes: Mapping[str, str],
    iods: Mapping[str, Iterable[Mapping[str, str]]],
    modules: Mapping[str, Iterable[Mapping[str, Any]]],
) -> dict[str, Section]:
    """SOP class -> IOD, IOD -> (module, usage), module -> node, and the nodes."""
    nodes = _Nodes()
    roots: dict[str, JsonValue] = {key: nodes.number(_level(modules[key])) for key in sorted(modules)}
    return {
        "sop_classes": dict(sop_classes),
        "iods": {key: [[module["key"], module["usage"]] for module in parts] for key, parts in iods.items()},
        "modules": roots,
        "nodes": [_as_json(node) for node in nodes.numbers],
    }


def _level(rows: Iterable[Mapping[str, Any]]) -> _Level:
    level = _Level()
    for row in rows:
        path = [_TAGS.get(keyword) for keyword in (*row["path"], row["keyword"])]
        # Overlay rows (60xx) have no single tag; their types decide nothing.
        if (known := [tag for tag in path if tag is not None]) and len(known) == len(path):
            level.add(known, _type(row["type"]))
    return level


def _type(letters: str | None) -> str:
    return letters if letters in ("1", "1C", "2", "2C", "3") else "other"


def _as_json(node: Node) -> dict[str, JsonValue]:
    return {f"{tag:08X}": kind if items == _LEAF else [kind, items] for tag, kind, items in node}

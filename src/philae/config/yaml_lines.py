"""YAML read as text, with the line of every value: nothing is guessed from how a value looks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import yaml
from typing_extensions import override
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

Where = tuple[str | int, ...]
Value = str | list["Value"] | dict[str, "Value"]

LARGEST_DOCUMENT: Final = 100_000
"""Values, after references are followed."""
DEEPEST: Final = 50


@dataclass(frozen=True, slots=True)
class DocumentFault:
    """One thing wrong: where it stands, what it is and what would be right."""

    path: str
    """Such as ``forward_nodes[0].destinations[1].port``; for a profile file, the file and the place in it."""
    line: int
    """Counted from 1, in the document or in the profile file that ``path`` names; 0 if unknown."""
    message: str

    @override
    def __str__(self) -> str:
        return f"line {self.line}, {self.path}: {self.message}" if self.line else f"{self.path}: {self.message}"


@dataclass(slots=True)
class Lines:
    """Where each value of a document starts, and what is wrong with it so far."""

    by_path: dict[Where, int] = field(default_factory=dict)
    faults: list[DocumentFault] = field(default_factory=list)

    def fault(self, where: Where, message: str) -> None:
        """Note a fault at ``where`` or at the nearest value around it."""
        self.faults.append(DocumentFault(path_text(where), self.line(where), message))

    def line(self, where: Where) -> int:
        """The line of a value; of the one around it, if it is not there."""
        while where and where not in self.by_path:
            where = where[:-1]
        return self.by_path.get(where, 1)


def path_text(where: Where) -> str:
    """``forward_nodes[0].destinations[1].port``."""
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in where)
    return text.removeprefix(".") or "document"


def read_yaml(text: str, lines: Lines) -> dict[str, Value]:
    """The mapping that ``text`` holds; keys without a value are left out. Notes every fault in ``lines``."""
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        lines.faults.append(DocumentFault("document", line, f"no YAML: {error.problem}"))
        return {}
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        lines.faults.append(DocumentFault("document", line, "a character that YAML does not allow"))
        return {}
    except RecursionError:
        lines.faults.append(DocumentFault("document", 0, "nested too deeply"))
        return {}
    if root is None:
        return {}
    if not isinstance(root, MappingNode):
        lines.fault((), "not a mapping; start with profiles:, projects: or forward_nodes:")
        return {}
    return _Reader(lines).mapping(root, ())


class _Reader:
    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._count = 0

    def mapping(self, node: MappingNode, where: Where) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._lines.fault(where, "a key that is a list or mapping")
                continue
            key = str(key_node.value)
            self._lines.by_path[(*where, key)] = key_node.start_mark.line + 1
            if key in found:
                self._lines.fault((*where, key), "given twice")
            elif not _is_empty(value_node):
                found[key] = self._value(value_node, (*where, key))
        return found

    def _value(self, node: Node, where: Where) -> Value:
        self._count += 1
        self._lines.by_path.setdefault(where, node.start_mark.line + 1)
        if self._count > LARGEST_DOCUMENT or len(where) > DEEPEST:
            if self._count == LARGEST_DOCUMENT + 1 or len(where) == DEEPEST + 1:
                self._lines.fault(where, "the document is too large from here on")
            return ""
        if isinstance(node, MappingNode):
            return self.mapping(node, where)
        if isinstance(node, SequenceNode):
            return [self._value(item, (*where, index)) for index, item in enumerate(node.value)]
        if not str(node.tag).startswith("tag:yaml.org,2002:"):
            self._lines.fault(where, f"the YAML tag {node.tag}; write the value alone")
        return str(node.value)


def _is_empty(node: Node) -> bool:
    """Whether nothing, or YAML's word for it, was written."""
    return isinstance(node, ScalarNode) and node.style is None and node.value in {"", "~", "null"}

"""YAML read as text with line numbers: every scalar is the characters written, whatever they look like."""

import difflib
from collections.abc import Iterable, Sequence
from typing import Final

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from philae.deid.errors import Fault

_SCALAR_TAGS: Final = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp")}


class Findings:
    """What is wrong with a document, and what is merely worth saying, in the order found."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []

    def fault(self, path: str, line: int, message: str, remedy: str) -> None:
        self.faults.append(Fault(path, line, message, remedy))

    def warn(self, path: str, line: int, message: str, remedy: str) -> None:
        self.warnings.append(Fault(path, line, message, remedy))


def compose(text: str, findings: Findings) -> Node | None:
    """The root of the one document in ``text``; None, with a fault, when there is none to read."""
    try:
        root = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        findings.fault("document", line, f"no YAML: {error.problem}", "correct the indentation or the quotes there")
        return None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        findings.fault("document", line, "a character that YAML does not allow", "save the file as plain UTF-8 text")
        return None
    except RecursionError:
        findings.fault("document", 0, "nested too deeply", "a profile has lists of elements, tags and masks only")
        return None
    if root is None:
        findings.fault("document", 1, "the file is empty", "start with name: and profileElements:")
    return root


def line_of(node: Node) -> int:
    """The line ``node`` starts in, from 1."""
    return int(node.start_mark.line) + 1


def is_empty(node: Node) -> bool:
    """Whether nothing but space was written: ``key:``."""
    return isinstance(node, ScalarNode) and not node.value.strip()


def fields_of(node: Node, path: str, known: Iterable[str] | None, findings: Findings) -> dict[str, Node]:
    """The values of a mapping by key; the last of equal keys counts. Keys not ``known`` are faults (None: any key)."""
    if is_empty(node):
        return {}
    if not isinstance(node, MappingNode):
        findings.fault(path, line_of(node), "not a mapping", "write key: value lines here")
        return {}
    fields: dict[str, Node] = {}
    for key_node, value in node.value:
        key = text_of(key_node, f"{path} key", findings)
        if key is None:
            continue
        if known is not None and key not in known:
            findings.fault(f"{path} {key}", line_of(key_node), "unknown key", suggestion(key, tuple(known)))
            continue
        if key in fields:
            findings.warn(f"{path} {key}", line_of(key_node), "given twice, the last one counts", "remove the others")
        fields[key] = value
    return fields


def items_of(node: Node, path: str, findings: Findings) -> Sequence[Node]:
    """The entries of a list, none when nothing was written."""
    if is_empty(node):
        return ()
    if not isinstance(node, SequenceNode):
        findings.fault(path, line_of(node), "not a list", "start each entry with a dash and a space")
        return ()
    return tuple(node.value)


def text_of(node: Node, path: str, findings: Findings) -> str | None:
    """The characters of a scalar; None when nothing was written, or with a fault when it is no scalar."""
    if not isinstance(node, ScalarNode):
        findings.fault(
            path, line_of(node), "a list or mapping where text is expected", "write one text, quoted if need be"
        )
        return None
    if node.tag not in _SCALAR_TAGS:
        findings.fault(path, line_of(node), f"the YAML tag {node.tag}", "write the text alone")
        return None
    return str(node.value) or None


def suggestion(wrong: str, known: Sequence[str]) -> str:
    """What ``wrong`` was probably meant to be, or everything it could be."""
    by_folded = {word.casefold(): word for word in known}
    close = difflib.get_close_matches(wrong.strip().casefold(), by_folded, n=1, cutoff=0.75)
    return f"did you mean {by_folded[close[0]]}?" if close else f"use one of: {', '.join(known)}"


def quoted(text: str) -> str:
    """``text`` as it may stand in a message: in quotes, on one line, not too long."""
    return repr(text if len(text) <= 60 else f"{text[:57]}...")

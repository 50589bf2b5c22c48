"""Changes what a profile file says of the profile as a whole, and leaves the rest as written, comments included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml
from yaml.nodes import MappingNode, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def with_heading(text: str, wanted: Mapping[str, str]) -> str:
    """``text``, which `load_profile` reads, with other values for keys such as ``name`` and ``version``."""
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(root, MappingNode):
        return text
    for start, end, words in sorted(_edits(text, root, wanted), reverse=True):
        text = f"{text[:start]}{words}{text[end:]}"
    return text


def _edits(text: str, root: MappingNode, wanted: Mapping[str, str]) -> Iterator[tuple[int, int, str]]:
    written = set()
    for key, value in root.value:
        if key.value in wanted and isinstance(value, ScalarNode):
            written.add(key.value)
            start, end = value.start_mark.index, value.end_mark.index
            behind = "\n" if text[start:end].endswith("\n") else ""
            before = "" if text[start - 1 : start].isspace() else " "
            yield start, end, f"{before}{_scalar(wanted[key.value])}{behind}"
    first = root.value[0][0].start_mark
    between = ", " if root.flow_style else "\n" + " " * first.column
    for key in wanted:
        if key not in written and wanted[key]:
            yield first.index, first.index, f"{key}: {_scalar(wanted[key])}{between}"


def _scalar(text: str) -> str:
    written: str = yaml.safe_dump(text, default_style='"', allow_unicode=True, width=len(text) + 1000)
    return written.rstrip("\n")

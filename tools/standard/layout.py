"""How a generated table is laid out as JSON: stable, compact, one row a line so that a diff can be reviewed."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TypeAlias

JsonValue: TypeAlias = "str | int | bool | Sequence[JsonValue] | Mapping[str, JsonValue] | None"
Section: TypeAlias = "Sequence[JsonValue] | Mapping[str, JsonValue]"


def as_text(header: Mapping[str, JsonValue], sections: Mapping[str, Section]) -> str:
    """The file's text. Mappings are sorted by key; sequences keep their order."""
    parts = [f'"header": {_compact(header)}', *(f"{_compact(name)}: {_lines(rows)}" for name, rows in sections.items())]
    return "{\n" + ",\n".join(parts) + "\n}\n"


def _lines(rows: Section) -> str:
    if isinstance(rows, Mapping):
        return "{\n" + ",\n".join(f"{_compact(key)}:{_compact(rows[key])}" for key in sorted(rows)) + "\n}"
    return "[\n" + ",\n".join(_compact(row) for row in rows) + "\n]"


def _compact(value: JsonValue) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

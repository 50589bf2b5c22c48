"""Tables E.1-1, E.3.4-1 and E.3.10-1 of PS3.15: what to do with attributes, content items, private attributes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tools.standard.attributes import keyword_of
from tools.standard.layout import JsonValue
from tools.standard.sources import SourceFault

_PATTERNS = {"50xxxxxx": "50XXXXXX", "60xx3000": "60XX3000", "60xx4000": "60XX4000", "PRIVATE": "private"}


def rows(rules: Iterable[Mapping[str, Any]]) -> dict[str, JsonValue]:
    """Table E.1-1 by tag (8 hexadecimal digits), families as ``50XXXXXX`` and ``private``."""
    table: dict[str, JsonValue] = {}
    for rule in rules:
        tag = _PATTERNS.get(rule["tag"]) or f"{int(rule['tag'], 16):08X}"
        if tag in table:
            raise SourceFault(f"Table E.1-1 has {tag} twice")
        table[tag] = {
            "name": rule["name"],
            "keyword": "" if rule["tag"] in _PATTERNS else keyword_of(int(tag, 16), rule["name"]),
            "basic": rule["basic"],
        } | _extras(rule)
    return table


def content_items(items: Iterable[Mapping[str, Any]]) -> list[JsonValue]:
    """Table E.3.4-1: concept name codes with the action of the Basic Profile, sorted by scheme, code, value type."""
    table: list[JsonValue] = []
    for item in sorted(items, key=lambda item: (item["scheme"], item["code"], item["value_type"], item["meaning"])):
        facts = {name: item[name] for name in ("scheme", "code", "meaning", "value_type", "basic")}
        table.append(facts | _extras(item))
    return table


def safe_private(rows: Iterable[Mapping[str, str]]) -> list[JsonValue]:
    """Table E.3.10-1: private creator, group, low byte of the element, VR and VM."""
    safe = [row for row in rows if row["IsInDICOMRetainSafePrivateTags"] == "True"]
    return [
        {
            "creator": row["Private Creator"],
            "group": row["Group"].upper(),
            "element": row["Element"].upper().removeprefix("XX"),
            "vr": row["VR"],
            "vm": row["VM"],
        }
        for row in sorted(safe, key=lambda row: (row["Private Creator"], row["Group"], row["Element"]))
    ]


def _extras(row: Mapping[str, Any]) -> dict[str, JsonValue]:
    retired: dict[str, JsonValue] = {"retired": True} if row["retired"] else {}
    options = {option.replace("_", "-"): action for option, action in row["options"].items()}
    return retired | ({"options": options} if options else {})

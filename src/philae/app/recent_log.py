"""Reads the newest lines of the general log for people."""

from __future__ import annotations

import json
import os
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from philae.admin.redaction import redacted
from philae.web.machine import LogLine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST_BYTES: Final = 1 << 20
MOST_LINES: Final = 300
_OWN: Final = frozenset({"timestamp", "level", "event", "color_message"})


def log_since(path: Path, begin: datetime) -> list[LogLine]:
    """Lines of ``path``, and of the file that it was before it was full, newest first."""
    found: list[LogLine] = []
    for file in (path, path.with_name(f"{path.name}.1")):
        for line in _lines(file):
            parsed = _parsed(line)
            if parsed is not None and parsed.at < begin:
                return found
            if parsed is not None:
                found.append(parsed)
            if len(found) == MOST_LINES:
                return found
    return found


def _lines(file: Path) -> Iterator[bytes]:
    """The last first; no more than `MOST_BYTES`, of which the first line may be cut off."""
    try:
        with file.open("rb") as opened:
            size = opened.seek(0, os.SEEK_END)
            opened.seek(max(0, size - MOST_BYTES))
            yield from reversed(opened.read().splitlines())
    except FileNotFoundError:
        return


def _parsed(line: bytes) -> LogLine | None:
    """None for what is no event."""
    try:
        event: dict[str, Any] = json.loads(line)
        at = datetime.fromisoformat(event["timestamp"])
    except (ValueError, KeyError, TypeError):
        return None
    facts = " ".join(f"{name}={value}" for name, value in event.items() if name not in _OWN)
    return LogLine(at, str(event.get("level", "")), redacted(str(event.get("event", ""))), redacted(facts))

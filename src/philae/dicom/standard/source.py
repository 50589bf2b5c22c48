"""Reads one generated table."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

_DATA: Final = Path(__file__).with_name("data")


def table(name: str) -> dict[str, Any]:
    """The sections of ``data/<name>.json``. Raises FileNotFoundError if there is no such table."""
    sections: dict[str, Any] = json.loads((_DATA / f"{name}.json").read_bytes())
    return sections

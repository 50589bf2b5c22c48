"""The vectors that Karnak's own tests and runs give, by origin and block."""

import json
from functools import cache
from pathlib import Path
from typing import Any


@cache
def _vectors() -> dict[str, Any]:
    path = Path(__file__).parents[1] / "golden" / "golden.json"
    return dict(json.loads(path.read_text(encoding="utf-8")))


def golden(origin: str, block: str) -> Any:
    """The vectors of ``block`` under ``origin``, "unit_test" or "running"."""
    return _vectors()[origin][block]

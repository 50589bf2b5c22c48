"""Clients that deliver files; each module has a ``deliver_to``."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

Share = Sequence[Path]
Deliver = Callable[[Share], None]
"""Delivers files over one connection; raises when one of them was not taken."""


def client(module: str, settings: Mapping[str, Any]) -> Deliver:
    """Return what the client in ``module`` does with these settings."""
    deliver: Deliver = import_module(f"benchmarks.clients.{module}").deliver_to(settings)
    return deliver

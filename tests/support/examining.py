"""What the doctor finds out about a destination, and peers that ail."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from philae.admin.doctor import Case, Finding, Verdict, examine
from philae.config.destination import Destination
from philae.config.kinds import DestinationSettings
from philae.destinations import examination_of
from tests.support.lanes import make_node


def case_of(settings: DestinationSettings, lately: Mapping[tuple[str, str], int] | None = None, **more: Any) -> Case:
    calling, store = more.pop("calling", ""), more.pop("store", False)
    destination = Destination(id=1, name="out", settings=settings, **more)
    return Case(make_node(destination), destination, lately or {}, calling, store)


def findings(
    settings: DestinationSettings, lately: Mapping[tuple[str, str], int] | None = None, **more: Any
) -> dict[str, Finding]:
    """By step."""
    found = list(examine(examination_of(case_of(settings, lately, **more))))
    assert len({each.step for each in found}) == len(found)
    return {each.step: each for each in found}


def verdicts(found: Mapping[str, Finding]) -> dict[str, str]:
    return {name: each.verdict.value for name, each in found.items()}


def failure(found: Mapping[str, Finding]) -> Finding:
    """The one step that failed."""
    (failed,) = [each for each in found.values() if each.verdict is Verdict.FAILED]
    return failed


@contextmanager
def mute() -> Iterator[int]:
    """The port of a server that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield listener.getsockname()[1]

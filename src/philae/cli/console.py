"""What commands print: results on stdout, progress and complaints on stderr."""

from __future__ import annotations

import json
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

SHOWN: Final = 50
"""Complaints of one kind that are printed; the others are counted."""


def say(text: str) -> None:
    """Print a result."""
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """Print what somebody has to look at."""
    sys.stderr.write(f"{text}\n")


def print_json(document: object) -> None:
    """Print a result for programs."""
    say(json.dumps(document, indent=2, ensure_ascii=False))


def complain_of(lines: Iterable[str], remark: str = "") -> None:
    """Print the first lines and how many more there are; ``remark`` says where to find those."""
    hidden = 0
    for number, line in enumerate(lines):
        if number < SHOWN:
            complain(line)
        else:
            hidden += 1
    if hidden:
        complain(f"... and {hidden} more{remark}")


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A bar on stderr if that is a terminal; call what this gives with the number of things that are done."""
    if not sys.stderr.isatty():
        yield lambda _count: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda count: bar.advance(task, count)

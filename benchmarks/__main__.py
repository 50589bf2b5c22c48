"""python -m benchmarks: every program in turn on the same work, then tables of medians and ratios."""

import argparse
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks import (
    deliver,
    engine,
    gateway,
    idle,
    ledger,
    many,
    memory,
    monitoring,
    notified,
    outage,
    pages,
    pixels,
    receive,
    stow_in,
    watched,
)
from benchmarks.measure import Case, interleave
from benchmarks.settings import Settings, quick
from benchmarks.table import as_json, machine, markdown
from benchmarks.targets import verdicts

SECTIONS: dict[str, Callable[[Settings], Iterator[Case]]] = {
    "receive": receive.cases,
    "engine": engine.cases,
    "gateway": gateway.cases,
    "deliver": deliver.cases,
    "memory": memory.cases,
    "idle": idle.cases,
    "stow in": stow_in.cases,
    "many": many.cases,
    "outage": outage.cases,
    "ledger": ledger.cases,
    "monitoring": monitoring.cases,
    "pages": pages.cases,
    "watched": watched.cases,
    "notified": notified.cases,
    "pixels": pixels.cases,
}


def main() -> int:
    """Measure what was asked for, print Markdown, write JSON; 0 when every run went through, else 1."""
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))  # so that every server is ended
    arguments = parsed(sys.argv[1:])
    settings = quick(arguments.folder) if arguments.quick else Settings(arguments.folder)
    settings = replace(settings, peers=frozenset(arguments.peer), rounds=arguments.rounds or settings.rounds)
    on = machine(settings.folder)
    results = []
    for name, cases in SECTIONS.items():
        if name in arguments.sections:
            results += interleave(list(cases(settings)), settings.rounds)
    kept = list(verdicts(results))
    order = list(dict.fromkeys(result.section for result in results))
    results.sort(key=lambda result: order.index(result.section))
    print(markdown(results, kept))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(as_json(results, kept, settings, on) + "\n")
    return 1 if any(result.faults for result in results) else 0


def parsed(words: Sequence[str]) -> argparse.Namespace:
    """The command line; every section when it names none."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    what = f"what to measure: {', '.join(SECTIONS)}; nothing is everything"
    parser.add_argument("sections", nargs="*", type=_section, metavar="SECTION", help=what)
    parser.add_argument("--quick", action="store_true", help="few instances, one round: minutes, noisy figures")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write everything to FILE")
    parser.add_argument("--rounds", type=int, help="how often each program takes its turn")
    parser.add_argument(
        "--peer", action="append", default=[], help="only programs whose name begins so; may be repeated"
    )
    parser.add_argument(
        "--folder", type=Path, default=Path("build/bench"), help="where to work: on the disk that is to be measured"
    )
    arguments = parser.parse_args(words)
    arguments.sections = arguments.sections or [*SECTIONS]
    arguments.folder = arguments.folder.absolute()
    return arguments


def _section(name: str) -> str:
    """``choices`` would refuse a command line that names none."""
    if name not in SECTIONS:
        raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(SECTIONS)}")
    return name


if __name__ == "__main__":
    sys.exit(main())

"""Results as Markdown tables for people and as JSON for comparison."""

import json
import os
import platform
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

from benchmarks.measure import Result
from benchmarks.settings import Settings
from benchmarks.targets import Verdict

HEADINGS = {
    "rate": "inst/s",
    "sender_rate": "sender done, inst/s",
    "drain_rate": "drained, inst/s",
    "cpu_ms": "CPU ms/inst",
    "receive_ms": "receiving, CPU ms/inst",
    "send_ms": "sending, CPU ms/inst",
    "peak_mb": "peak MB, largest process",
    "added_mb": "added MB",
    "seconds": "s",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "p99_ms": "p99 ms",
    "count_p95_ms": "p95 ms, counting",
    "cpu_p95_ms": "p95 ms of a processor",
    "kb": "kB",
    "core_percent": "% of a core",
    "rows": "ledger rows",
    "mails": "mails",
}


def markdown(results: Sequence[Result], verdicts: Sequence[Verdict]) -> str:
    """Return one table per section, with rate and CPU also as ratios to the first peer of its setting."""
    parts = [_section(name, list(rows)) for name, rows in groupby(results, key=lambda result: result.section)]
    if verdicts:
        lines = [_verdict(verdict) for verdict in verdicts]
        parts.append("\n".join(["## Promises", "", *_table(("promise", "required", "measured", "kept"), lines)]))
    return "\n\n".join(parts)


def as_json(
    results: Sequence[Result], verdicts: Sequence[Verdict], settings: Settings, on: Mapping[str, object]
) -> str:
    """Return everything that was measured, ``on`` which machine."""
    told = {
        "machine": dict(on),
        "settings": {key: value for key, value in asdict(settings).items() if key not in ("folder", "peers")},
        "results": [asdict(result) for result in results],
        "promises": [asdict(verdict) for verdict in verdicts],
    }
    return json.dumps(told, indent=2)


def machine(folder: Path) -> dict[str, object]:
    """Return what the figures depend on, the load of others just now included."""
    return {
        "cores": os.cpu_count(),
        "load_before": os.getloadavg()[0],
        "system": platform.platform(),
        "python": platform.python_version(),
        "file_system": _file_system(folder),
    }


def _section(name: str, results: list[Result]) -> str:
    figures = [figure for figure in HEADINGS if any(figure in result.figures for result in results)]
    headings = [
        "workload",
        "assoc.",
        "peer",
        *(HEADINGS[figure] for figure in figures),
        "rate ratio",
        "CPU ratio",
        "fault",
    ]
    lines = []
    for result, rate, cpu in zip(results, _ratios(results, "rate"), _ratios(results, "cpu_ms"), strict=True):
        cells = [_cell(result, figure) for figure in figures]
        fault = result.faults[0].strip().splitlines()[-1][:80] if result.faults else ""
        lines.append([result.workload, str(result.associations or ""), result.peer, *cells, rate, cpu, fault])
    filled = [column for column in range(len(headings)) if column < 3 or any(line[column] for line in lines)]
    rows = [[line[column] for column in filled] for line in lines]
    return "\n".join([f"## {name.capitalize()}", "", *_table([headings[column] for column in filled], rows)])


def _ratios(results: Iterable[Result], figure: str) -> Iterator[str]:
    """Return ``figure`` of each result over that of the first peer that has it in the same setting."""
    first: dict[tuple[str, str, int], float] = {}
    for result in results:
        value = result.figures.get(figure)
        yield f"{value / first.setdefault(result.setting, value):.2f}" if value else ""


def _cell(result: Result, figure: str) -> str:
    if figure not in result.figures:
        return ""
    middle, low, high = result.figures[figure], result.lowest[figure], result.highest[figure]
    spread = f" ({_number(low)}-{_number(high)})" if figure == "rate" and low != high else ""
    return _number(middle) + spread


def _verdict(verdict: Verdict) -> list[str]:
    measured = "not measured" if verdict.measured is None else _number(verdict.measured)
    return [verdict.promise, verdict.required, measured, "yes" if verdict.kept else "NO"]


def _number(value: float) -> str:
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


def _table(headings: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    rows = [[cell.replace("|", "/") for cell in line] for line in (headings, *lines)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(headings))]
    texts = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    return [texts[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|", *texts[1:]]


def _file_system(folder: Path) -> str:
    """Return the type of the file system that holds ``folder`` (a spool's figures depend on it)."""
    mounts = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    inside = [(len(mount[1]), mount[2]) for mount in mounts if folder.resolve().is_relative_to(mount[1])]
    return max(inside)[1] if inside else "unknown"

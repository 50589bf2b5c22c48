"""``philae deid``: de-identify a file or a tree of files."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final, NamedTuple

import typer

from philae.cli.console import progress
from philae.cli.engine_options import Engine, EngineOptions, build_engine
from philae.cli.failure import FAILED, Failure, Misuse
from philae.cli.option_group import takes
from philae.cli.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from philae.deid.files.deidentify import Job, Outcome
    from philae.deid.files.folder_walk import Found

_WORTH_FORKING: Final = 64
"""Fewer files than this are done before other processes have started."""


class Policy(StrEnum):
    """What a file comes to whose output still holds an original identifier."""

    HOLD = "hold"
    WARN = "warn"
    OFF = "off"


class _Setup(NamedTuple):
    """How files are de-identified, and what tells a source under this set-up from all others."""

    job: Job
    key_of: Callable[[Found], bytes]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("deid")(deid)


@takes(EngineOptions)
def deid(
    source: Annotated[Path, typer.Argument(metavar="SRC", help="A DICOM file, or a folder of any depth.")],
    destination: Annotated[
        Path,
        typer.Argument(
            metavar="DST",
            help="For a folder: where the outputs go, as StudyUID/SeriesUID/SOPUID.dcm. For a file: the output, "
            "or an existing folder to put it in.",
        ),
    ],
    *,
    options: EngineOptions,
    report: Annotated[
        Path | None,
        typer.Option(
            "--report",
            metavar="FILE",
            help="What became of each source file, with its new UIDs: JSON lines, or CSV if it ends with .csv. "
            "It names the source files: keep it as safe as them.",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
    processes: Annotated[
        int | None, typer.Option("--processes", metavar="N", min=1, max=256, help="Default: one a core.")
    ] = None,
    tripwire: Annotated[
        Policy,
        typer.Option(
            "--tripwire",
            help="What happens to a file whose output still holds one of its own names, IDs or UIDs: hold writes no "
            "output, warn does and says so, off does not look.",
        ),
    ] = Policy.HOLD,
) -> None:
    """De-identify SRC into DST.

    A run that was interrupted, or is repeated when there are more files, skips what is done. What is no DICOM file is
    reported and not copied. Exit code 1: some file failed.
    """
    setup = _set_up(build_engine(options), tripwire)
    _check(source, destination)
    summary = Summary(single=not source.is_dir())
    with ExitStack() as stack:
        if source.is_dir():
            outcomes = _tree(setup, source, destination, processes, stack)
        else:
            outcomes = _one(setup, source, destination, stack)
        if report is not None:
            outcomes = _reported(outcomes, report, stack)
        for outcome in outcomes:
            summary.add(outcome)
    summary.tell(source, destination, report, as_json=as_json)
    if summary.failed:
        raise typer.Exit(FAILED)


def _check(source: Path, destination: Path) -> None:
    if not source.exists():
        raise Misuse(f"{source} does not exist; name a DICOM file or a folder")
    if source.is_dir() and destination.exists() and not destination.is_dir():
        raise Misuse(f"{destination} is a file; a folder needs a folder as destination")
    if destination.exists() and destination.samefile(source):
        raise Misuse(f"{destination} is the source itself; name another destination, originals are never overwritten")
    if not source.is_dir() and not destination.is_dir() and not destination.absolute().parent.is_dir():
        raise Misuse(f"the folder of {destination} does not exist; create it first")


def _set_up(engine: Engine, policy: Policy) -> _Setup:
    from datetime import UTC, datetime

    from philae.deid.files.deidentify import Job
    from philae.deid.tripwire import Tripwire

    now = datetime.now(UTC)
    if policy is Policy.OFF:
        return _Setup(Job(engine.compiled, engine.pseudonyms, now, ask=engine.ask), engine.key_of)
    tripwire, holds = Tripwire(engine.compiled), policy is Policy.HOLD
    job = Job(engine.compiled, engine.pseudonyms, now, tripwire, holds=holds, ask=engine.ask)
    return _Setup(job, engine.key_of)


def _one(setup: _Setup, source: Path, destination: Path, stack: ExitStack) -> Iterator[Outcome]:
    from philae.deid.files.deidentify import deidentify_file
    from philae.deid.files.folder_walk import found_at

    if destination.is_dir():
        return _into_folder(setup, [found_at(source.resolve())], destination, 1, stack)
    return iter([deidentify_file(setup.job, source, destination)])


def _tree(setup: _Setup, source: Path, destination: Path, processes: int | None, stack: ExitStack) -> Iterator[Outcome]:
    from philae.deid.files.faces import fronts_of
    from philae.deid.files.folder_walk import files_below

    root, leave_out = source.resolve(), (destination.resolve(),)
    if processes is None:
        is_small = sum(1 for _ in islice(files_below(root, leave_out), _WORTH_FORKING)) < _WORTH_FORKING
        processes = 1 if is_small else len(os.sched_getaffinity(0))
    job = replace(setup.job, fronts=fronts_of(files_below(root, leave_out), setup.job.compiled))
    setup = setup._replace(job=job)
    outcomes = _into_folder(setup, files_below(root, leave_out), destination, processes, stack)
    total = sum(1 for _ in files_below(root, leave_out)) if sys.stderr.isatty() else None
    advance = stack.enter_context(progress("de-identifying", total))
    return _advancing(outcomes, advance)


def _into_folder(
    setup: _Setup, sources: Iterable[Found], destination: Path, processes: int, stack: ExitStack
) -> Iterator[Outcome]:
    from philae.deid.files.deidentify import deidentify_tree
    from philae.deid.files.journal import InUse
    from philae.deid.files.output_folder import OutputFolder
    from philae.deid.files.workers import Workers

    workers = stack.enter_context(Workers(setup.job, processes))
    try:
        folder = stack.enter_context(OutputFolder(destination, setup.key_of))
    except InUse as error:
        raise Failure(f"another run is writing into {destination}; wait for its end") from error
    return _uninterrupted(deidentify_tree(sources, folder, workers))


def _uninterrupted(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    from philae.deid.files.workers import WorkersLost

    try:
        yield from outcomes
    except WorkersLost as error:
        raise Failure(
            "a worker process was killed, perhaps for want of memory; the same command goes on where this run "
            "stopped, --processes 1 needs the least memory"
        ) from error


def _advancing(outcomes: Iterable[Outcome], advance: Callable[[int], None]) -> Iterator[Outcome]:
    for outcome in outcomes:
        yield outcome
        advance(1)


def _reported(outcomes: Iterable[Outcome], report: Path, stack: ExitStack) -> Iterator[Outcome]:
    from philae.cli.report_file import ReportFile

    rows = stack.enter_context(ReportFile(report))
    for outcome in outcomes:
        rows.write(outcome)
        yield outcome

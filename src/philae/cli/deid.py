"""``philae deid``: de-identify a file or a tree of files."""

from __future__ import annotations

import os
import sys
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.console import progress
from philae.cli.engine_options import (
    Engine,
    ProfileOption,
    ProjectNameOption,
    PseudonymOption,
    PseudonymTagOption,
    SecretFileOption,
    SecretOption,
    build_engine,
)
from philae.cli.failure import FAILED, Failure, Misuse
from philae.cli.summary import Summary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from philae.admin.deidentify import Job, Outcome
    from philae.admin.folder_walk import Found

_WORTH_FORKING: Final = 64
"""Fewer files than this are done before other processes have started."""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("deid")(deid)


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
    profile: ProfileOption,
    secret: SecretOption = None,
    secret_file: SecretFileOption = None,
    pseudonym: PseudonymOption = None,
    pseudonym_tag: PseudonymTagOption = None,
    project_name: ProjectNameOption = "philae",
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
) -> None:
    """De-identify SRC into DST.

    A run that was interrupted, or is repeated when there are more files, skips what is done. What is no DICOM file is
    reported and not copied. Exit code 1: some file failed.
    """
    engine = build_engine(profile, secret, secret_file, pseudonym, pseudonym_tag, project_name)
    _check(source, destination)
    summary = Summary(single=not source.is_dir())
    with ExitStack() as stack:
        if source.is_dir():
            outcomes = _tree(engine, source, destination, processes, stack)
        else:
            outcomes = _one(engine, source, destination, stack)
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


def _job(engine: Engine) -> Job:
    from datetime import UTC, datetime

    from philae.admin.deidentify import Job

    return Job(engine.compiled, engine.pseudonyms, datetime.now(UTC))


def _one(engine: Engine, source: Path, destination: Path, stack: ExitStack) -> Iterator[Outcome]:
    from philae.admin.deidentify import deidentify_file
    from philae.admin.folder_walk import found_at

    if destination.is_dir():
        return _into_folder(engine, [found_at(source.resolve())], destination, 1, stack)
    return iter([deidentify_file(_job(engine), source, destination)])


def _tree(
    engine: Engine, source: Path, destination: Path, processes: int | None, stack: ExitStack
) -> Iterator[Outcome]:
    from philae.admin.folder_walk import files_below

    root, leave_out = source.resolve(), (destination.resolve(),)
    if processes is None:
        is_small = sum(1 for _ in islice(files_below(root, leave_out), _WORTH_FORKING)) < _WORTH_FORKING
        processes = 1 if is_small else len(os.sched_getaffinity(0))
    outcomes = _into_folder(engine, files_below(root, leave_out), destination, processes, stack)
    total = sum(1 for _ in files_below(root, leave_out)) if sys.stderr.isatty() else None
    advance = stack.enter_context(progress("de-identifying", total))
    return _advancing(outcomes, advance)


def _into_folder(
    engine: Engine, sources: Iterable[Found], destination: Path, processes: int, stack: ExitStack
) -> Iterator[Outcome]:
    from philae.admin.deidentify import deidentify_tree
    from philae.admin.journal import InUse
    from philae.admin.output_folder import OutputFolder
    from philae.admin.workers import Workers

    workers = stack.enter_context(Workers(_job(engine), processes))
    try:
        folder = stack.enter_context(OutputFolder(destination, engine.key_of))
    except InUse as error:
        raise Failure(f"another run is writing into {destination}; wait for its end") from error
    return _uninterrupted(deidentify_tree(sources, folder, workers))


def _uninterrupted(outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    from philae.admin.workers import WorkersLost

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

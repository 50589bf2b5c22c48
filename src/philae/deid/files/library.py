"""Files and folders for programs that use the engine as a library."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from philae.deid.errors import DeidError
from philae.deid.files.deidentify import Job, Outcome, Result, deidentify_tree
from philae.deid.files.deidentify import deidentify_file as _deidentify_file
from philae.deid.files.faces import fronts_of
from philae.deid.files.folder_walk import files_below
from philae.deid.files.output_folder import OutputFolder
from philae.deid.files.pseudonym_choice import FromPatient, Given
from philae.deid.files.source_keys import SourceKeys
from philae.deid.files.workers import Workers
from philae.deid.profile_file import dump_profile
from philae.deid.tripwire import Tripwire

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from philae.deid.engine import CompiledProfile


def deidentify_file(
    source: str | PathLike[str],
    target: str | PathLike[str],
    compiled: CompiledProfile,
    *,
    pseudonym: str | None = None,
    now: datetime | None = None,
) -> Outcome:
    """Write ``target`` from the DICOM file ``source``; it appears whole or not at all.

    Without ``pseudonym`` it is derived as the gateway does. Raises `DeidError` if there is no output, `OSError` if
    ``target`` cannot be written.
    """
    outcome = _deidentify_file(_job(compiled, pseudonym, now), Path(source), Path(target))
    if outcome.result is not Result.WRITTEN:
        raise DeidError(outcome.reason)
    return outcome


def deidentify_folder(
    source: str | PathLike[str],
    destination: str | PathLike[str],
    compiled: CompiledProfile,
    *,
    pseudonym: str | None = None,
    now: datetime | None = None,
    processes: int = 1,
) -> Iterator[Outcome]:
    """Work off every file below ``source`` and yield what became of each, in their order.

    Outputs are named ``StudyUID/SeriesUID/SOPUID.dcm`` by their new UIDs. What an earlier call has finished is skipped.
    A file that fails ends nothing: look at `Outcome.result`. Raises `OSError` if ``destination`` cannot be written,
    `InUse` if another run writes into it.
    """
    root, target = Path(source).resolve(), Path(destination).resolve()
    set_up = (dump_profile(compiled.profile), repr(compiled.project), repr(pseudonym))
    key_of = SourceKeys(compiled.keys, set_up)
    job = replace(_job(compiled, pseudonym, now), fronts=fronts_of(files_below(root, (target,)), compiled))
    with Workers(job, processes) as workers, OutputFolder(target, key_of) as folder:
        yield from deidentify_tree(files_below(root, (target,)), folder, workers)


def _job(compiled: CompiledProfile, pseudonym: str | None, now: datetime | None) -> Job:
    choice = FromPatient(compiled.keys) if pseudonym is None else Given(pseudonym)
    return Job(compiled, choice, now or datetime.now(UTC), Tripwire(compiled))

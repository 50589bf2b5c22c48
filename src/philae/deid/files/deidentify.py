"""De-identify a file or a tree of files with the engine."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from enum import StrEnum
from errno import EACCES, EDQUOT, EEXIST, ENOENT, ENOSPC, EPERM, EROFS
from itertools import islice
from typing import TYPE_CHECKING, Final

from philae.deid.errors import DeidError
from philae.deid.files.instance_file import DirectoryFile, InstanceFile, SourceChanged, is_uid, write_instance
from philae.deid.pixels.face_figures import NO_FACE, FaceFigures
from philae.deid.requests import NO_REPLIES
from philae.deid.tripwire import IdentifierLeft
from philae.dicom.layout import layout_of
from philae.dicom.part10 import NotDicom
from philae.dicom.scan import MalformedDataset, identify, read_header
from philae.dicom.values import first_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import TypeAlias

    from philae.deid.engine import CompiledProfile
    from philae.deid.files.folder_walk import Found
    from philae.deid.files.output_folder import OutputFolder, Task
    from philae.deid.files.pseudonym_choice import PseudonymChoice
    from philae.deid.files.workers import Workers
    from philae.deid.pixels.face_survey import Fronts
    from philae.deid.plan import Plan
    from philae.deid.requests import Reply, Request
    from philae.deid.tripwire import Tripwire
    from philae.dicom.scan import Encoded

    Ask: TypeAlias = Callable[[Collection[Request]], Mapping[Request, Reply]]

_OUTPUT_ERRORS: Final = (ENOSPC, EDQUOT, EROFS, EACCES, EPERM, ENOENT, EEXIST)
_SERIES_INSTANCE_UID: Final = 0x0020000E
BATCH: Final = 32
"""Files that a worker gets at once."""


class Result(StrEnum):
    """What became of one source file."""

    WRITTEN = "written"
    """With a ``reason`` if the tripwire warned of a leak."""
    PRESENT = "present"
    """The output was there, byte for byte: a source with the same content came before."""
    DONE = "done"
    """By an earlier run; the source has not changed since."""
    EXCLUDED = "excluded"
    """The profile says that it is not to leave."""
    NOT_DICOM = "not_dicom"
    REFUSED = "refused"
    """A DICOMDIR: DICOM, but no instance."""
    FAILED = "failed"
    """An instance that could not be de-identified or written; ``reason`` says why."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one source file; the UIDs are the new ones, empty unless there is an output."""

    source: Path
    result: Result
    reason: str = ""
    sop_class_uid: str = ""
    sop_instance_uid: str = ""
    study_instance_uid: str = ""
    series_instance_uid: str = ""
    size: int = 0
    """Bytes of the output."""
    pixels: str = ""
    """What was done to its pixels."""
    face: FaceFigures = NO_FACE


@dataclass(frozen=True, slots=True)
class Job:
    """How files are de-identified; ``now`` is the start of the run and goes into every output.

    A leak that ``tripwire`` finds fails the file if it ``holds``; otherwise it is the outcome's reason.
    """

    compiled: CompiledProfile
    pseudonyms: PseudonymChoice
    now: datetime
    tripwire: Tripwire | None = None
    holds: bool = True
    ask: Ask | None = None
    """Fetches what the profile asks of web services; without it such instances fail."""
    fronts: Fronts | None = field(default=None, repr=False)
    """What is put in front of faces whose series were looked at before."""

    def replies(self, encoded: Encoded, pseudonym: str) -> Mapping[Request, Reply]:
        """What web services say of the instance."""
        if self.ask is None:
            return NO_REPLIES
        requests = self.compiled.requests(encoded, pseudonym=pseudonym)
        return self.ask(requests) if requests else NO_REPLIES

    def warning(self, encoded: Encoded, plan: Plan) -> str:
        """What the tripwire has to say, empty if nothing. Raises `IdentifierLeft`."""
        if self.tripwire is None:
            return ""
        try:
            self.tripwire.check(encoded, plan)
        except IdentifierLeft as error:
            if self.holds:
                raise
            return str(error)
        return ""


def deidentify_file(job: Job, source: Path, target: Path) -> Outcome:
    """Write ``target`` from ``source``; it appears whole, in place of any file of that name, or not at all.

    Raises `OSError` when ``target`` cannot be written.
    """
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        outcome = prepare(job, source, unfinished)
        if outcome.result is Result.WRITTEN:
            unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return outcome


def deidentify_tree(sources: Iterable[Found], folder: OutputFolder, workers: Workers) -> Iterator[Outcome]:
    """Work off ``sources`` into ``folder`` and yield what became of each, in their order.

    The outputs do not depend on the number of workers: files are prepared side by side and published in order.
    Raises `OSError` when the output cannot be written, `WorkersLost` when a worker process was killed.
    """
    batches = _batches(folder.tasks(sources))
    for batch, prepared in workers.work_off(batches):
        pending = iter(prepared)
        for task in batch:
            yield task.outcome or folder.publish(task, next(pending))


def prepare(job: Job, source: Path, unfinished: Path) -> Outcome:
    """De-identify ``source`` into the new file ``unfinished``, which exists only if the result is WRITTEN.

    Raises `OSError` when ``unfinished`` cannot be written.
    """
    try:
        file = InstanceFile(source)
    except NotDicom as error:
        return Outcome(source, Result.NOT_DICOM, str(error))
    except DirectoryFile as error:
        return Outcome(source, Result.REFUSED, str(error))
    except OSError as error:
        return Outcome(source, Result.FAILED, f"cannot be read: {error.strerror}")
    with file:
        try:
            return _prepared(job, source, file, unfinished)
        except (DeidError, MalformedDataset, SourceChanged) as error:
            return Outcome(source, Result.FAILED, str(error))
        except OSError as error:
            if error.errno in _OUTPUT_ERRORS:
                raise
            return Outcome(source, Result.FAILED, f"cannot be read: {error.strerror}")


def _prepared(job: Job, source: Path, file: InstanceFile, unfinished: Path) -> Outcome:
    pseudonym = job.pseudonyms.pseudonym(file.encoded)
    replies = job.replies(file.encoded, pseudonym)
    output = job.compiled.output(file.encoded, pseudonym=pseudonym, now=job.now, replies=replies, fronts=job.fronts)
    plan = output.plan
    if plan.excluded is not None:
        return Outcome(source, Result.EXCLUDED, plan.excluded)
    if not (is_uid(plan.sop_class_uid) and is_uid(plan.sop_instance_uid)):
        return Outcome(source, Result.FAILED, "its SOP Class UID or SOP Instance UID would be no UID")
    return Outcome(
        source=source,
        result=Result.WRITTEN,
        reason=job.warning(file.encoded, plan),
        sop_class_uid=plan.sop_class_uid,
        sop_instance_uid=plan.sop_instance_uid,
        study_instance_uid=plan.study_instance_uid,
        series_instance_uid=_series(plan, file.encoded),
        size=write_instance(unfinished, file, output),
        pixels=output.remark,
        face=output.face,
    )


def _series(plan: Plan, encoded: Encoded) -> str:
    """The Series Instance UID that the output has."""
    for _, _, data, cause in plan.edits:
        if cause.tag == _SERIES_INSTANCE_UID and not cause.path:
            if not data:
                return ""
            _, _, value, length = read_header(data, 0, len(data), layout_of(encoded.syntax))
            return first_text(data[value : value + length])
    return identify(encoded.source, encoded.start, encoded.end, encoded.syntax, complete=False).series_instance_uid


def _batches(tasks: Iterable[Task]) -> Iterator[list[Task]]:
    remaining = iter(tasks)
    while batch := list(islice(remaining, BATCH)):
        yield batch

"""The folder that a run writes into: names without patients, nothing half-written, nothing done twice."""

from __future__ import annotations

import filecmp
import re
import shutil
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from philae.deid.files.deidentify import Outcome, Result
from philae.deid.files.folder_walk import STATE_FOLDER
from philae.deid.files.journal import Entry, Journal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Self

    from philae.deid.files.folder_walk import Found

_NOT_OF_A_UID: Final = re.compile(r"[^0-9.]")
_UNFINISHED: Final = "unfinished-"
_FINISHED: Final = (Result.WRITTEN, Result.PRESENT, Result.EXCLUDED)


@dataclass(frozen=True, slots=True)
class Task:
    """One source file, and where its output is prepared; ``outcome`` is known where nothing is left to do."""

    source: Path
    unfinished: Path
    key: bytes = b""
    outcome: Outcome | None = None


class OutputFolder:
    """Outputs as ``StudyUID/SeriesUID/SOPUID.dcm``, and beside them a folder with the journal.

    One run at a time may use it, as a context manager. ``key_of`` gives a source its key in the journal: a hash that
    only who knows the project's secret can make, of everything that its output depends on.
    """

    def __init__(self, root: Path, key_of: Callable[[Found], bytes]) -> None:
        """Raises `InUse` or `OSError`."""
        self._root = root
        self._key_of = key_of
        state = root / STATE_FOLDER
        state.mkdir(parents=True, exist_ok=True)
        self._journal = Journal(state / "journal")
        for left_behind in state.glob(f"{_UNFINISHED}*"):
            shutil.rmtree(left_behind, ignore_errors=True)
        # A new name each time: workers of a run that was killed may go on writing for a moment.
        self._unfinished = Path(mkdtemp(prefix=_UNFINISHED, dir=state))

    def tasks(self, sources: Iterable[Found]) -> Iterator[Task]:
        """What is to be done, in the order of ``sources``."""
        numbers = count()
        for found in sources:
            key = self._key_of(found)
            yield Task(found.path, self._unfinished / str(next(numbers)), key, self._known(found, key))

    def publish(self, task: Task, outcome: Outcome) -> Outcome:
        """Give a prepared output its name, if no other has it, and record what became of the source."""
        if outcome.result is Result.WRITTEN:
            target = self._root / name_of(outcome)
            outcome = self._compared(task, outcome, target)
            self._record(task, outcome)
            if outcome.result is Result.WRITTEN:
                _move(task.unfinished, target)
            else:
                task.unfinished.unlink()
        else:
            self._record(task, outcome)
        return outcome

    def close(self) -> None:
        """Leave only outputs and the journal."""
        shutil.rmtree(self._unfinished, ignore_errors=True)
        self._journal.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _known(self, found: Found, key: bytes) -> Outcome | None:
        if found.problem:
            return Outcome(found.path, Result.FAILED, found.problem)
        entry = self._journal.entry(key)
        if entry is None:
            return None
        outcome = Outcome(
            found.path,
            Result(entry.result),
            entry.reason,
            entry.sop_class_uid,
            entry.sop_instance_uid,
            entry.study_instance_uid,
            entry.series_instance_uid,
            entry.size,
        )
        if outcome.result is Result.EXCLUDED:
            return outcome
        return replace(outcome, result=Result.DONE) if self._is_there(outcome) else None

    def _is_there(self, outcome: Outcome) -> bool:
        try:
            return (self._root / name_of(outcome)).stat().st_size == outcome.size
        except OSError:
            return False

    def _compared(self, task: Task, outcome: Outcome, target: Path) -> Outcome:
        if not target.exists():
            return outcome
        if filecmp.cmp(task.unfinished, target, shallow=False):
            return replace(outcome, result=Result.PRESENT)
        reason = (
            f"{target.relative_to(self._root)} exists with other content, from another source with the same "
            "SOP Instance UID, or from a run that this folder has no record of; choose an empty folder"
        )
        return Outcome(outcome.source, Result.FAILED, reason)

    def _record(self, task: Task, outcome: Outcome) -> None:
        if outcome.result in _FINISHED:
            self._journal.record(task.key, Entry(**{name: getattr(outcome, name) for name in Entry.__slots__}))


def name_of(outcome: Outcome) -> Path:
    """``StudyUID/SeriesUID/SOPUID.dcm`` of an output: digits and dots, whatever the UIDs hold."""
    uids = (outcome.study_instance_uid, outcome.series_instance_uid, outcome.sop_instance_uid)
    study, series, instance = (_NOT_OF_A_UID.sub("_", uid).strip(".") or "none" for uid in uids)
    return Path(study, series, f"{instance}.dcm")


def _move(unfinished: Path, target: Path) -> None:
    try:
        unfinished.rename(target)
    except FileNotFoundError:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished.rename(target)

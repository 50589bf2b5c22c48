"""Worker processes that prepare outputs side by side."""

from __future__ import annotations

import os
import signal
import time
from collections import deque
from threading import Thread
from typing import TYPE_CHECKING, Final

from philae.deid.files.deidentify import prepare

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future, ProcessPoolExecutor
    from pathlib import Path
    from typing import Self

    from philae.deid.files.deidentify import Job, Outcome
    from philae.deid.files.output_folder import Task

_AHEAD: Final = 3
"""Batches a process that may be prepared before they are published."""
_WATCH_S: Final = 1.0

_jobs: list[Job] = []
"""In a worker process: its job."""


class WorkersLost(Exception):
    """A worker process was killed, most likely for want of memory."""


class Workers:
    """Prepares batches in ``processes`` processes, or in this one if that is 1; a context manager.

    Processes are forked when it is made, so make it before any thread is started.
    """

    def __init__(self, job: Job, processes: int) -> None:
        self._job = job
        self._processes = processes
        self._pool = _forked(job, processes) if processes > 1 else None

    def work_off(self, batches: Iterable[Sequence[Task]]) -> Iterator[tuple[Sequence[Task], list[Outcome]]]:
        """Each batch in order, with what became of those of its tasks that have no outcome yet."""
        if self._pool is None:
            for batch in batches:
                yield batch, [prepare(self._job, source, unfinished) for source, unfinished in _open(batch)]
        else:
            yield from self._side_by_side(self._pool, batches)

    def close(self) -> None:
        """End the processes; what they are at is finished, what they have not begun is dropped."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _side_by_side(
        self, pool: ProcessPoolExecutor, batches: Iterable[Sequence[Task]]
    ) -> Iterator[tuple[Sequence[Task], list[Outcome]]]:
        from concurrent.futures.process import BrokenProcessPool  # noqa: PLC0415 - costs start-up time

        under_way: deque[tuple[Sequence[Task], Future[list[Outcome]]]] = deque()
        try:
            for batch in batches:
                under_way.append((batch, pool.submit(_prepare_batch, _open(batch))))
                if len(under_way) >= _AHEAD * self._processes:
                    done, future = under_way.popleft()
                    yield done, future.result()
            while under_way:
                done, future = under_way.popleft()
                yield done, future.result()
        except BrokenProcessPool as error:
            raise WorkersLost from error


def _open(batch: Sequence[Task]) -> list[tuple[Path, Path]]:
    return [(task.source, task.unfinished) for task in batch if task.outcome is None]


def _forked(job: Job, processes: int) -> ProcessPoolExecutor:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - costs start-up time
    from multiprocessing import get_context  # noqa: PLC0415

    pool = ProcessPoolExecutor(processes, get_context("fork"), _begin, (job, os.getpid()))
    pool.submit(os.getpid).result()
    return pool


def _begin(job: Job, parent: int) -> None:
    """The parent alone answers to Ctrl-C; a worker ends when it is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _jobs.append(job)
    Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_S)
    os._exit(1)


def _prepare_batch(pairs: list[tuple[Path, Path]]) -> list[Outcome]:
    return [prepare(_jobs[0], source, unfinished) for source, unfinished in pairs]

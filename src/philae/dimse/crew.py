"""Threads kept for the next association: starting one costs more than serving a short association."""

from collections.abc import Callable
from queue import SimpleQueue
from threading import Semaphore, Thread

Task = Callable[[], None]


class Crew:
    """Runs each task at once, on an idle thread or a new one. A task that raises takes its thread with it."""

    def __init__(self) -> None:
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._idle = Semaphore(0)
        self._closed = False

    def run(self, task: Task) -> None:
        """Raises RuntimeError when the system has no thread left."""
        if self._idle.acquire(blocking=False):
            self._tasks.put(task)
        else:
            Thread(target=self._work, args=(task,), name="association", daemon=True).start()

    def close(self) -> None:
        """Idle threads end now, the others after their task."""
        self._closed = True
        while self._idle.acquire(blocking=False):
            self._tasks.put(None)

    def _work(self, first: Task) -> None:
        task: Task | None = first
        while task is not None:
            task()
            if self._closed:
                return
            self._idle.release()
            task = self._tasks.get()

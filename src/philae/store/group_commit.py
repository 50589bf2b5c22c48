"""Many threads that each want one thing written, in as few transactions as possible."""

from __future__ import annotations

from threading import Lock
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from philae.pipeline.ports import LedgerUnavailable, NotRecorded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from philae.store.database import Database, Transaction

T = TypeVar("T")
LARGEST_GROUP: Final = 256


class _Entry(Generic[T]):
    """One thing to be written, and what became of it."""

    __slots__ = ("error", "item", "leads", "waiting", "written")

    def __init__(self, item: T) -> None:
        self.item = item
        self.waiting = Lock()
        self.waiting.acquire()
        self.leads = False
        self.written = False
        self.error: LedgerUnavailable | None = None


class GroupCommit(Generic[T]):
    """Whoever comes first writes for all who wait by the time the database is free; the others sleep until it is in."""

    def __init__(self, database: Database, write: Callable[[Transaction, Sequence[T]], None]) -> None:
        self._database = database
        self._write = write
        self._mutex = Lock()
        self._pending: list[_Entry[T]] = []
        self._led = False

    def submit(self, item: T) -> None:
        """Return when ``item`` is durable. Raises `NotRecorded` when this one could not be written."""
        entry = _Entry(item)
        with self._mutex:
            self._pending.append(entry)
            entry.leads = not self._led
            self._led = True
        if not entry.leads:
            entry.waiting.acquire()
        if entry.leads:
            self._lead()
        if not entry.written:
            raise NotRecorded(str(entry.error or "the write broke off")) from entry.error

    def _lead(self) -> None:
        group: list[_Entry[T]] = []
        try:
            self._write_group(group)
        except LedgerUnavailable as error:
            self._after_failure(group or self._take(group), error)
        finally:
            group = group or self._take(group)
            self._hand_over()
            for entry in group:
                if not entry.leads:
                    entry.waiting.release()

    def _write_group(self, group: list[_Entry[T]]) -> None:
        with self._database.write(durable=True) as transaction:
            self._take(group)
            self._write(transaction, [entry.item for entry in group])
        for entry in group:
            entry.written = True

    def _after_failure(self, group: list[_Entry[T]], error: LedgerUnavailable) -> None:
        """A row that the database refuses must not take the others with it: they are written one by one."""
        for entry in group:
            entry.error = error
        if len(group) == 1 or not self._database.refused_values(error):
            return
        for entry in group:
            try:
                with self._database.write(durable=True) as transaction:
                    self._write(transaction, [entry.item])
                entry.written = True
            except LedgerUnavailable as own_error:
                entry.error = own_error

    def _take(self, group: list[_Entry[T]]) -> list[_Entry[T]]:
        with self._mutex:
            group += self._pending[:LARGEST_GROUP]
            del self._pending[:LARGEST_GROUP]
        return group

    def _hand_over(self) -> None:
        """The oldest of those who came meanwhile leads next."""
        with self._mutex:
            if self._pending:
                self._pending[0].leads = True
                self._pending[0].waiting.release()
            else:
                self._led = False

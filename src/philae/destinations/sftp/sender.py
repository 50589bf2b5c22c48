"""Delivery by SFTP, as Part 10 files that appear whole or not at all."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import chain
from posixpath import basename, dirname
from typing import TYPE_CHECKING, Final

import asyncssh

from philae.destinations.sftp.session import Session, words
from philae.dicom.part10 import write_meta
from philae.pipeline.layout import file_name
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Refused, State, TryAgain

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Iterable, Iterator, Sequence
    from typing import TypeVar

    from philae.config.forward_node import ForwardNode
    from philae.destinations.sftp.settings import SftpSettings
    from philae.pipeline.model import Outgoing

    Ended = Receipt | TryAgain | Refused
    Result = TypeVar("Result")

_LOST = (
    asyncssh.ConnectionLost,
    asyncssh.SFTPConnectionLost,
    asyncssh.SFTPNoConnection,
    ConnectionError,
    BrokenPipeError,
)
AT_ONCE: Final = 4
"""Uploads that are under way; of one SOP instance there is one."""
_SAME_FOR_ALL = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)


class SftpSender:
    """One session; its event loop runs while something is asked of it.

    Several uploads are under way at once: one is prepared and sent while the server syncs another.
    """

    def __init__(self, settings: SftpSettings, _node: ForwardNode) -> None:
        self._settings = settings
        self._where = f"{settings.hostname}:{settings.port}"
        self._runner: asyncio.Runner | None = None
        self._session: Session | None = None
        self._opening = asyncio.Lock()

    def deliver(
        self, _wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Ended]]:
        """Upload each instance; the last is not said to be there before the markers are."""
        folders: dict[str, None] = {}
        under_way: deque[tuple[Outgoing, asyncio.Task[Ended]]] = deque()
        try:
            for outgoing in outgoings:
                while len(under_way) == AT_ONCE or _is_among(outgoing, under_way):
                    yield self._ended(under_way)
                under_way.append((outgoing, self._begun(outgoing, folders)))
            while len(under_way) > 1:
                yield self._ended(under_way)
            if under_way:
                last = self._ended(under_way)
                self._mark(folders)
                yield last
        finally:
            self._give_up([task for _, task in under_way])

    def close(self) -> None:
        """Log out."""
        if self._session is not None:
            with suppress(asyncssh.Error, OSError, TimeoutError):
                self._run(self._session.close())
        self._session = None
        if self._runner is not None:
            self._runner.close()
            self._runner = None

    def _begun(self, outgoing: Outgoing, folders: dict[str, None]) -> asyncio.Task[Ended]:
        return self._loop().create_task(self._answer(outgoing, folders))

    def _ended(self, under_way: deque[tuple[Outgoing, asyncio.Task[Ended]]]) -> tuple[Outgoing, Ended]:
        outgoing, task = under_way[0]
        ended = self._run(task)
        under_way.popleft()
        return outgoing, ended

    def _give_up(self, tasks: Sequence[asyncio.Task[Ended]]) -> None:
        """What nobody waits for any more was not tried, whatever the server has of it."""
        if tasks:
            self._drop(self._session)
            self._run(_cancelled(tasks))

    async def _answer(self, outgoing: Outgoing, folders: dict[str, None]) -> Ended:
        name = file_name(self._settings.layout, outgoing)
        pattern = next((each for each in self._settings.exclude if _fits(name, each)), None)
        if pattern is not None:
            return Receipt(State.EXCLUDED, f"its name fits {pattern}, which the destination excludes")
        try:
            given, was_there = await self._stored(name, outgoing)
        except _SAME_FOR_ALL as error:
            raise TryAgain(f"cannot write below {self._settings.path} at {self._where}: {words(error)}") from error
        except asyncssh.SFTPFailure as error:
            await self._check_room(outgoing)
            return TryAgain(f"{self._where} did not take it: {words(error)}")
        except (asyncssh.Error, OSError) as error:
            self._drop(self._session)
            return TryAgain(f"{self._where} did not take it: {words(error)}")
        folders[dirname(given)] = None
        return Receipt(State.ALREADY_PRESENT if was_there else State.SENT, given)

    async def _stored(self, name: str, outgoing: Outgoing) -> tuple[str, bool]:
        """A session that was idle may have ended at the other end: then a new one is opened, once."""
        was_idle = self._session is not None
        session = await self._opened()
        try:
            return await session.store(name, _temporary(outgoing), _pieces(outgoing))
        except _LOST:
            if not was_idle:
                raise
        self._drop(session)
        session = await self._opened()
        return await session.store(name, _temporary(outgoing), _pieces(outgoing))

    async def _check_room(self, outgoing: Outgoing) -> None:
        """Raises `TryAgain` when it would fail with any instance."""
        try:
            is_full = await (await self._opened()).is_full(outgoing.body.length)
        except (asyncssh.Error, OSError):
            return
        if is_full:
            raise TryAgain(f"cannot write below {self._settings.path} at {self._where}: the disk is full")

    def _mark(self, folders: Collection[str]) -> None:
        if self._settings.marker:
            self._run(self._marked(folders))

    async def _marked(self, folders: Collection[str]) -> None:
        try:
            for folder in folders:
                await (await self._opened()).mark(folder, self._settings.marker)
        except (asyncssh.Error, OSError) as error:
            self._drop(self._session)
            raise TryAgain(f"cannot write {self._settings.marker} at {self._where}: {words(error)}") from error

    async def _opened(self) -> Session:
        async with self._opening:
            if self._session is None:
                self._session = await Session.open(self._settings)
            return self._session

    def _drop(self, session: Session | None) -> None:
        """Hang up, unless there is a newer session already."""
        if session is not None and self._session is session:
            session.abort()
            self._session = None

    def _run(self, what: Coroutine[object, object, Result] | asyncio.Task[Result]) -> Result:
        return self._loop().run_until_complete(what)

    def _loop(self) -> asyncio.AbstractEventLoop:
        if self._runner is None:
            self._runner, self._opening = asyncio.Runner(), asyncio.Lock()
        return self._runner.get_loop()


def _is_among(outgoing: Outgoing, under_way: Iterable[tuple[Outgoing, object]]) -> bool:
    return any(each.sop_instance_uid == outgoing.sop_instance_uid for each, _ in under_way)


async def _cancelled(tasks: Sequence[asyncio.Task[Ended]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(basename(name), pattern)


def _temporary(outgoing: Outgoing) -> str:
    return f".{outgoing.delivery.instance.id:x}-{outgoing.delivery.destination_id}.part"


def _pieces(outgoing: Outgoing) -> Iterator[bytes | memoryview]:
    meta = write_meta(outgoing.sop_class_uid, outgoing.sop_instance_uid, outgoing.transfer_syntax_uid)
    return chain((meta,), outgoing.body.buffers())

"""Delivery by SFTP, as Part 10 files that appear whole or not at all."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from fnmatch import fnmatchcase
from itertools import chain
from posixpath import basename, dirname
from typing import TYPE_CHECKING

import asyncssh

from philae.destinations.sftp.session import Session, words
from philae.dicom.part10 import write_meta
from philae.pipeline.layout import file_name
from philae.pipeline.model import Receipt
from philae.pipeline.outcome import Refused, State, TryAgain

if TYPE_CHECKING:
    from collections.abc import Collection, Coroutine, Iterator
    from typing import TypeVar

    from philae.config.model import ForwardNode
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
_SAME_FOR_ALL = (asyncssh.SFTPPermissionDenied, asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)


class SftpSender:
    """One session; its event loop runs while something is asked of it."""

    def __init__(self, settings: SftpSettings, _node: ForwardNode) -> None:
        self._settings = settings
        self._where = f"{settings.hostname}:{settings.port}"
        self._runner: asyncio.Runner | None = None
        self._session: Session | None = None

    def deliver(
        self, _wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, Ended]]:
        """Upload each instance; the last is not said to be there before the markers are."""
        last: tuple[Outgoing, Ended] | None = None
        folders: dict[str, None] = {}
        for outgoing in outgoings:
            if last is not None:
                yield last
            last = outgoing, self._answer(outgoing, folders)
        if last is not None:
            self._mark(folders)
            yield last

    def close(self) -> None:
        """Log out."""
        if self._session is not None and self._runner is not None:
            with suppress(asyncssh.Error, OSError, TimeoutError):
                self._run(self._session.close())
        self._session = None
        if self._runner is not None:
            self._runner.close()
            self._runner = None

    def _answer(self, outgoing: Outgoing, folders: dict[str, None]) -> Ended:
        name = file_name(self._settings.layout, outgoing)
        pattern = next((each for each in self._settings.exclude if _fits(name, each)), None)
        if pattern is not None:
            return Receipt(State.EXCLUDED, f"its name fits {pattern}, which the destination excludes")
        try:
            given, was_there = self._stored(name, outgoing)
        except _SAME_FOR_ALL as error:
            raise TryAgain(f"cannot write below {self._settings.path} at {self._where}: {words(error)}") from error
        except asyncssh.SFTPFailure as error:
            self._check_room(outgoing)
            return TryAgain(f"{self._where} did not take it: {words(error)}")
        except (asyncssh.Error, OSError) as error:
            self._drop()
            return TryAgain(f"{self._where} did not take it: {words(error)}")
        folders[dirname(given)] = None
        return Receipt(State.ALREADY_PRESENT if was_there else State.SENT, given)

    def _stored(self, name: str, outgoing: Outgoing) -> tuple[str, bool]:
        """A session that was idle may have ended at the other end: then a new one is opened, once."""
        was_idle = self._session is not None
        try:
            return self._run(self._opened().store(name, _temporary(outgoing), _pieces(outgoing)))
        except _LOST:
            if not was_idle:
                raise
        self._drop()
        return self._run(self._opened().store(name, _temporary(outgoing), _pieces(outgoing)))

    def _check_room(self, outgoing: Outgoing) -> None:
        """Raises `TryAgain` when it would fail with any instance."""
        try:
            is_full = self._run(self._opened().is_full(outgoing.body.length))
        except (asyncssh.Error, OSError):
            return
        if is_full:
            raise TryAgain(f"cannot write below {self._settings.path} at {self._where}: the disk is full")

    def _mark(self, folders: Collection[str]) -> None:
        if not self._settings.marker:
            return
        try:
            for folder in folders:
                self._run(self._opened().mark(folder, self._settings.marker))
        except (asyncssh.Error, OSError) as error:
            self._drop()
            raise TryAgain(f"cannot write {self._settings.marker} at {self._where}: {words(error)}") from error

    def _opened(self) -> Session:
        if self._session is None:
            self._session = self._run(Session.open(self._settings))
        return self._session

    def _drop(self) -> None:
        if self._session is not None:
            self._session.abort()
            self._session = None

    def _run(self, coroutine: Coroutine[object, object, Result]) -> Result:
        if self._runner is None:
            self._runner = asyncio.Runner()
        return self._runner.run(coroutine)


def _fits(name: str, pattern: str) -> bool:
    return fnmatchcase(name, pattern) or fnmatchcase(basename(name), pattern)


def _temporary(outgoing: Outgoing) -> str:
    return f".{outgoing.delivery.instance.id:x}-{outgoing.delivery.destination_id}.part"


def _pieces(outgoing: Outgoing) -> Iterator[bytes | memoryview]:
    meta = write_meta(outgoing.sop_class_uid, outgoing.sop_instance_uid, outgoing.transfer_syntax_uid)
    return chain((meta,), outgoing.body.buffers())

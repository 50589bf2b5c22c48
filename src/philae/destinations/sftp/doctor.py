"""What may ail an SFTP destination: the host key, the login, the rights in the folder."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

import asyncssh

from philae.admin.doctor import Endpoint, Ill, Said, Step
from philae.destinations.sftp.session import Session, words
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from philae.admin.doctor import Case
    from philae.destinations.sftp.settings import SftpSettings


class SftpDoctor:
    """One session; writes a file below the destination's folder that it takes away again."""

    def __init__(self, settings: SftpSettings, _case: Case) -> None:
        self._settings = settings
        self._runner = asyncio.Runner()
        self._opened: Session | None = None
        self._not_logged_in: TryAgain | None = None
        self._name = f".philae-doctor-{uuid4().hex}"
        self._left = ""

    @property
    def endpoint(self) -> Endpoint:
        """The server."""
        return Endpoint(self._settings.hostname, self._settings.port, patience_s=self._settings.connect_timeout_s)

    def steps(self) -> Iterator[Step]:
        """As a delivery goes, and back."""
        yield Step("host key", self._trust)
        yield Step("login", self._log_in)
        yield Step("write", lambda: self._tried("write", self._write))
        yield Step("rename", lambda: self._tried("rename", self._rename))
        yield Step("delete", lambda: self._tried("delete", self._delete))

    def close(self) -> None:
        """Leave nothing behind and log out."""
        with suppress(asyncssh.Error, OSError):
            if self._opened is not None and self._left:
                self._runner.run(self._opened.remove(self._left))
        with suppress(asyncssh.Error, OSError):
            if self._opened is not None:
                self._runner.run(self._opened.close())
        self._opened = None
        self._runner.close()

    def _trust(self) -> Said:
        """The server proves its key before it asks who we are: a login that is denied comes after that."""
        try:
            self._opened = self._runner.run(Session.open(self._settings))
        except TryAgain as error:
            if isinstance(error.__cause__, asyncssh.HostKeyNotVerifiable):
                raise Ill(
                    str(error), "ask the server's administrator which key is right; host_key takes several, one a line"
                ) from error
            if not isinstance(error.__cause__, asyncssh.PermissionDenied | asyncssh.ChannelOpenError):
                raise Ill(str(error), "see that an SSH server listens there, and its log") from error
            self._not_logged_in = error
        return Said("the server shows the key that host_key names")

    def _log_in(self) -> Said:
        if self._not_logged_in is not None:
            how = "key, and that the server knows its public half" if self._settings.key else "password"
            raise Ill(str(self._not_logged_in), f"check username and {how}; SFTP has to be enabled for it")
        return Said(f"logged in as {self._settings.username}")

    def _tried(self, verb: str, act: Callable[[Session], Coroutine[object, object, None]]) -> Said:
        if self._opened is None:
            raise AssertionError("the login is an earlier step")
        try:
            self._runner.run(act(self._opened))
        except (asyncssh.Error, OSError) as error:
            raise Ill(
                f"cannot {verb} below {self._settings.path}: {words(error)}",
                f"give {self._settings.username} the right to it, make room, or correct path",
            ) from error
        return Said(f"a file below {self._settings.path}")

    async def _write(self, session: Session) -> None:
        self._left = f"{self._name}.part"
        await session.write(self._left, b"written by philae doctor; may be deleted")

    async def _rename(self, session: Session) -> None:
        final = f"{self._name}.dcm"
        await session.rename(self._left, final)
        self._left = final

    async def _delete(self, session: Session) -> None:
        await session.remove(self._left)
        self._left = ""

"""One SFTP session with a server whose key is known: upload under a temporary name, then give the final one."""

from __future__ import annotations

import asyncio
from posixpath import dirname
from typing import TYPE_CHECKING, Final

import asyncssh

from philae.pipeline.layout import free_names
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.destinations.sftp.settings import SftpSettings

Buffer = bytes | memoryview
_CIPHERS: Final = (
    "aes128-gcm@openssh.com",
    "aes256-gcm@openssh.com",
    "chacha20-poly1305@openssh.com",
    "aes256-ctr",
    "aes128-ctr",
)
"""The quickest first, on processors with instructions for AES."""
CHUNK: Final = 1 << 20
"""Bytes that are under way at once."""


class Session:
    """An open connection and the folders that are known to exist on it."""

    def __init__(
        self, connection: asyncssh.SSHClientConnection, client: asyncssh.SFTPClient, settings: SftpSettings
    ) -> None:
        self._connection = connection
        self._client = client
        self._root = settings.path.rstrip("/") or "/"
        self._patience_s = settings.response_timeout_s
        self._folders: set[str] = set()

    @classmethod
    async def open(cls, settings: SftpSettings) -> Session:
        """Raises `TryAgain` in words fit for people."""
        where = f"{settings.hostname}:{settings.port}"
        try:
            connection = await _connected(settings)
        except asyncssh.HostKeyNotVerifiable as error:
            raise TryAgain(
                f"cannot trust {where}: it shows another key than host_key; find out why before you correct that"
            ) from error
        except asyncssh.PermissionDenied as error:
            raise TryAgain(f"cannot log in at {where} as {settings.username}: {error.reason}") from error
        except (OSError, asyncssh.Error, asyncssh.KeyImportError) as error:
            raise TryAgain(f"cannot connect to {where}: {words(error)}") from error
        try:
            async with asyncio.timeout(settings.response_timeout_s):
                return cls(connection, await connection.start_sftp_client(), settings)
        except (asyncssh.Error, OSError) as error:
            connection.abort()
            raise TryAgain(f"cannot start SFTP at {where}: {words(error)}") from error

    async def close(self) -> None:
        """Say good-bye."""
        async with asyncio.timeout(self._patience_s):
            self._client.exit()
            self._connection.close()
            await self._connection.wait_closed()

    def abort(self) -> None:
        """Hang up."""
        self._connection.abort()

    async def store(self, name: str, temporary: str, pieces: Iterator[Buffer]) -> tuple[str, bool]:
        """The name below the root that the file now has, and whether it had it before.

        Raises TimeoutError when nothing goes on for too long.
        """
        folder = dirname(f"{self._root}/{name}")
        part = f"{folder}/{temporary}"
        async with asyncio.timeout(self._patience_s) as patience:
            await self._make(folder)
            try:
                size = await self._upload(part, pieces, patience)
            except asyncssh.SFTPNoSuchFile:
                self._folders.clear()
                raise
            return await self._named(part, f"{self._root}/{name}", size, patience)

    async def _named(self, part: str, final: str, size: int, patience: asyncio.Timeout) -> tuple[str, bool]:
        for name in free_names(final):
            if await self._is_given(part, name):
                return name.removeprefix(f"{self._root}/"), False
            if await self._same(part, name, size, patience):
                await self._client.remove(part)
                return name.removeprefix(f"{self._root}/"), True
            self._renew(patience)
        raise AssertionError("names never end")

    def _renew(self, patience: asyncio.Timeout) -> None:
        patience.reschedule(asyncio.get_running_loop().time() + self._patience_s)

    async def mark(self, folder: str, marker: str) -> None:
        """Make the marker, or make it new."""
        path = f"{self._root}/{folder}/{marker}" if folder else f"{self._root}/{marker}"
        async with asyncio.timeout(self._patience_s), self._client.open(path, "wb"):
            return

    async def write(self, name: str, content: bytes) -> None:
        """A small file directly below the root, which is made if it is not there."""
        async with asyncio.timeout(self._patience_s):
            await self._client.makedirs(self._root, exist_ok=True)
            async with self._client.open(f"{self._root}/{name}", "wb") as file:
                await file.write(content)

    async def rename(self, name: str, new_name: str) -> None:
        """Give a file below the root another name."""
        async with asyncio.timeout(self._patience_s):
            await self._client.rename(f"{self._root}/{name}", f"{self._root}/{new_name}")

    async def remove(self, name: str) -> None:
        """Delete a file below the root."""
        async with asyncio.timeout(self._patience_s):
            await self._client.remove(f"{self._root}/{name}")

    async def is_full(self, size: int) -> bool:
        """Whether the server says that ``size`` bytes have no room; many have no other word for it than failure."""
        async with asyncio.timeout(self._patience_s):
            try:
                room = await self._client.statvfs(self._root)
            except asyncssh.SFTPError:
                return False
        return room.bavail * room.frsize < size

    async def _make(self, folder: str) -> None:
        if folder not in self._folders:
            await self._client.makedirs(folder, exist_ok=True)
            self._folders.add(folder)

    async def _upload(self, part: str, pieces: Iterator[Buffer], patience: asyncio.Timeout) -> int:
        size = 0
        async with self._client.open(part, "wb") as file:
            for chunk in _chunks(pieces):
                size += await file.write(chunk)
                self._renew(patience)
            try:
                await file.fsync()
            except asyncssh.SFTPOpUnsupported:
                return size
        return size

    async def _is_given(self, part: str, name: str) -> bool:
        """Rename, which never replaces a file; False when there is one."""
        try:
            await self._client.rename(part, name)
        except asyncssh.SFTPFailure:  # version 3 of the protocol has no better word for it
            if not await self._client.exists(name):
                raise
            return False
        return True

    async def _same(self, one: str, other: str, size: int, patience: asyncio.Timeout) -> bool:
        if (await self._client.stat(other)).size != size:
            return False
        async with self._client.open(one, "rb") as left, self._client.open(other, "rb") as right:
            for _ in range(0, size, CHUNK):
                if await left.read(CHUNK) != await right.read(CHUNK):
                    return False
                self._renew(patience)
        return True


async def _connected(settings: SftpSettings) -> asyncssh.SSHClientConnection:
    """Nothing of the operating system's user counts: no agent, no configuration, no known hosts but ours."""
    keys = [asyncssh.import_public_key(key) for key in settings.host_keys]
    own = [asyncssh.read_private_key(settings.key, settings.passphrase)] if settings.key else None
    return await asyncssh.connect(
        settings.hostname,
        settings.port,
        username=settings.username,
        password=settings.password,
        client_keys=own,
        known_hosts=(keys, [], []),
        agent_path=None,
        config=None,
        gss_host=None,
        x509_trusted_certs=None,
        encryption_algs=_CIPHERS,
        connect_timeout=settings.connect_timeout_s,
        login_timeout=settings.connect_timeout_s,
    )


def _chunks(pieces: Iterator[Buffer]) -> Iterator[bytes]:
    gathered: list[Buffer] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += len(piece)
        if size >= CHUNK:
            yield b"".join(gathered)
            gathered, size = [], 0
    if gathered:
        yield b"".join(gathered)


def words(error: Exception) -> str:
    """What went wrong."""
    if isinstance(error, TimeoutError):
        return "no answer in time"
    if isinstance(error, OSError):
        return f"{error.strerror or error}{f' ({error.filename})' if error.filename else ''}"
    return getattr(error, "reason", "") or str(error) or type(error).__name__

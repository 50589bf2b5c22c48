"""Keeps people from filling our memory: bodies are read whole before anybody looks who sent them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from fastapi import HTTPException, Request
from fastapi.concurrency import run_in_threadpool

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST: Final = 128 << 20
"""Bytes: a million rows of pseudonyms."""
LARGEST_OF_STRANGERS: Final = 1 << 20
"""Of a request whose credentials let nobody in."""
_STREAMED: Final = "/dicomweb/"


class BodyLimit:
    """A body that is too large ends in 413. STOW-RS, which streams to the disk, has a limit of its own."""

    def __init__(self, app: ASGIApp, knows: Callable[[Request], bool]) -> None:
        """``knows``: whether the credentials of a request let anybody in; asked about large bodies only."""
        self._app = app
        self._knows = knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith(_STREAMED):
            await self._app(scope, receive, send)
            return
        largest, size = LARGEST_OF_STRANGERS, 0

        async def bounded() -> Message:
            nonlocal largest, size
            message = await receive()
            size += len(message.get("body", b""))
            if size > largest == LARGEST_OF_STRANGERS and await run_in_threadpool(self._knows, Request(scope)):
                largest = LARGEST
            if size > largest:
                raise HTTPException(413, f"a body of up to {largest >> 20} MiB is taken here")
            return message

        await self._app(scope, bounded, send)

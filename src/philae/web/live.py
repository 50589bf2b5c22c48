"""What is live, looked at once for everybody who watches, and only while somebody does."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from philae.pipeline.ports import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from philae.admin.overview import Overview

LOOK_EVERY_S: Final = 2.0
SILENCE_S: Final = 15.0
"""Who hears nothing for so long is told that all is well, so that a dead connection is noticed."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One look, and what was made of it to be sent."""

    overview: Overview
    sent: dict[object, bytes] = field(default_factory=dict)

    def told(self, key: object, make: Callable[[Overview], bytes]) -> bytes:
        """What ``make`` makes of it, made once for everybody with the same ``key``."""
        if key not in self.sent:
            self.sent[key] = make(self.overview)
        return self.sent[key]


class Live:
    """Looks for all watchers of this process; used on its event loop, but for `close`."""

    def __init__(self, look: Callable[[], Overview]) -> None:
        self._look = look
        self._is_open = False
        self._watchers = 0
        self._latest: Seen | None = None
        self._turn = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def open(self) -> None:
        """From now on watchers are told what changes; before, each sees how things stand once."""
        self._is_open = True

    def close(self) -> None:
        """Let every watcher go. From any thread."""
        self._is_open = False
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._turn.set)

    async def follow(self) -> AsyncIterator[Seen | None]:
        """How everything stands, now and whenever it changed; None after every silence."""
        self._loop = asyncio.get_running_loop()
        self._watchers += 1
        told: Seen | None = None
        try:
            if not self._is_open:
                yield Seen(await asyncio.to_thread(self._look))
            while self._is_open:
                self._start()
                if self._latest is not None and self._latest is not told:
                    told = self._latest
                    yield told
                elif not await self._next_turn():
                    yield None
        finally:
            self._watchers -= 1

    async def _next_turn(self) -> bool:
        """Whether anything changed before the silence was too long."""
        try:
            await asyncio.wait_for(self._turn.wait(), SILENCE_S)
        except TimeoutError:
            return False
        return True

    def _start(self) -> None:
        if self._reader is None or self._reader.done():
            self._latest = None
            self._turn = asyncio.Event()
            self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """Look until nobody watches any more; a ledger that does not answer is asked again."""
        while self._watchers and self._is_open:
            try:
                found = await asyncio.to_thread(self._look)
            except LedgerUnavailable:
                found = None
            if found is not None and (self._latest is None or found != self._latest.overview):
                self._latest = Seen(found)
                self._turn.set()
                self._turn = asyncio.Event()
            await asyncio.sleep(LOOK_EVERY_S)

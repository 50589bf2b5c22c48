"""One look for everybody who watches."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from threading import Condition
from typing import Any

import pytest

from philae.pipeline.ports import LedgerUnavailable
from philae.web import live as live_room
from philae.web.live import Live, Seen
from tests.support.awaiting import awaited


class Looks:
    """A look each time it is asked; what is seen changes when it is told to."""

    def __init__(self) -> None:
        self.count = 0
        self._changed = Condition()
        self.seen: Any = "first"
        self.fault: Exception | None = None

    async def wait_for(self, count: int) -> None:
        """Return once it looked so often."""
        await asyncio.wait_for(asyncio.to_thread(self._wait_for, count), 30)

    def _wait_for(self, count: int) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self.count >= count)

    def __call__(self) -> Any:
        with self._changed:
            self.count += 1
            self._changed.notify_all()
        if self.fault:
            raise self.fault
        return self.seen


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_room, "LOOK_EVERY_S", 0.01)


async def first_of(live: Live, wanted: Callable[[Any], bool]) -> Seen:
    async for seen in live.follow():
        if seen is not None and wanted(seen.overview):
            return seen
    raise AssertionError("nobody was told")


def test_many_watchers_are_told_by_one_look() -> None:
    looks = Looks()
    live = Live(looks)
    live.open()

    async def watch() -> list[Seen]:
        watchers = [asyncio.create_task(first_of(live, lambda seen: seen == "second")) for _ in range(200)]
        await asyncio.sleep(0)
        await first_of(live, lambda seen: seen == "first")
        before, looks.seen = looks.count, "second"
        found = await asyncio.gather(*watchers)
        assert looks.count - before <= 3
        return found

    found = awaited(watch())

    assert len({id(each) for each in found}) == 1


def test_what_is_told_is_made_once_for_all_who_read_the_same() -> None:
    made: list[object] = []
    seen = Seen(Looks()())

    def make(found: object) -> bytes:
        made.append(found)
        return f"text of {found}".encode()

    assert [seen.told(key, make) for key in ("en", "en", "fr")] == [b"text of first"] * 3
    assert len(made) == 2


def test_nobody_is_told_what_did_not_change_and_nothing_is_looked_at_for_nobody() -> None:
    looks = Looks()
    live = Live(looks)
    live.open()

    async def watch() -> list[Any]:
        told: list[Any] = []

        async def listen() -> None:
            async for seen in live.follow():
                told.append(seen)  # noqa: PERF401 - it never ends by itself

        listening = asyncio.create_task(listen())
        await looks.wait_for(5)
        listening.cancel()
        await asyncio.wait([listening])
        await asyncio.sleep(0.05)
        after = looks.count
        await asyncio.sleep(0.05)
        assert looks.count == after
        return told

    assert [each.overview for each in awaited(watch())] == ["first"]


def test_a_ledger_that_does_not_answer_is_asked_again() -> None:
    looks = Looks()
    looks.fault = LedgerUnavailable("gone")
    live = Live(looks)
    live.open()

    async def watch() -> Seen:
        watching = asyncio.create_task(first_of(live, lambda seen: seen == "first"))
        await looks.wait_for(2)
        looks.fault = None
        return await watching

    seen: Any = awaited(watch()).overview
    assert seen == "first"


def test_closing_lets_every_watcher_go() -> None:
    live = Live(Looks())
    live.open()

    async def watch() -> None:
        async def all_of_it() -> int:
            return len([seen async for seen in live.follow()])

        watchers = [asyncio.create_task(all_of_it()) for _ in range(3)]
        await first_of(live, lambda _: True)
        live.close()
        assert max(await asyncio.wait_for(asyncio.gather(*watchers), 10)) <= 1

    awaited(watch())

"""The event stream of what is live: one for a visitor, whatever page it is that he looks at."""

from __future__ import annotations

from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from philae.web.auth import is_still_in
from philae.web.live import SILENCE_S
from philae.web.pages.page import Page, readers_with

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from philae.admin.overview import Overview
    from philae.web.live import Live, Seen

router = APIRouter(include_in_schema=False)

Reader = Annotated[Page, Depends(readers_with("status"))]


@router.get("/live/events")
async def stream_events(page: Reader, request: Request, part: str = "") -> StreamingResponse:
    """``opened``, the deliveries that there ever were, on every change; with ``part=standing`` that of the first page."""
    live: Live = request.app.state.live
    return StreamingResponse(_events(page, live, part), media_type="text/event-stream")


async def _events(page: Page, live: Live, part: str) -> AsyncIterator[bytes]:
    """Until the visitor is signed out, which is looked at every `SILENCE_S`."""
    yield b"retry: 5000\n\n"
    asked_at = monotonic()
    async for seen in live.follow():
        if monotonic() - asked_at > SILENCE_S:
            asked_at = monotonic()
            if not await run_in_threadpool(is_still_in, page.gateway, page.caller):
                return
        yield _told(page, seen, part) if seen is not None else b": nothing new\n\n"


def _told(page: Page, seen: Seen, part: str) -> bytes:
    """As it goes out: hundreds may follow, and most of them read the same."""
    if part == "standing":
        return seen.told((page.language.code, page.caller.scopes), partial(_standing, page))
    return seen.told("opened", _opened)


def _opened(found: Overview) -> bytes:
    return _event("opened", str(found.status.deliveries.opened))


def _standing(page: Page, found: Overview) -> bytes:
    return _opened(found) + _event("standing", page.text("home_standing.html", overview=found))


def _event(name: str, data: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in data.splitlines())
    return f"event: {name}\n{lines}\n".encode()

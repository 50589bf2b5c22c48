"""Who did what, newest first."""

from __future__ import annotations

from difflib import unified_diff
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query
from fastapi.responses import Response

from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

_ON_A_PAGE: Final = 50
_LARGEST: Final = (1 << 63) - 1


@router.get("/audit")
def show_audit(
    page: Annotated[Page, Depends(readers_with("audit"))],
    before: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
    actor: str = "",
    action: str = "",
) -> Response:
    typed = {name: value.strip() for name, value in (("actor", actor), ("action", action)) if value.strip()}
    events = page.gateway.audit.events(before=before, limit=_ON_A_PAGE, **typed)
    rows = [(number, event, difference(event.before, event.after)) for number, event in events]
    after = events[-1][0] if len(events) == _ON_A_PAGE else None
    older = {**typed, "before": str(after)} if after else {}
    return page.render("audit.html", rows=rows, older=older, typed=typed, is_first=before is None)


def difference(before: str, after: str) -> list[tuple[str, str]]:
    """Lines that differ, with what surrounds them, each with the kind that it is shown as."""
    kinds = {"+": "add", "-": "del", "@": "at"}
    lines = list(unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=2))[2:]
    return [(kinds.get(line[:1], "same"), line) for line in lines]

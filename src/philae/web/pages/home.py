"""The first page: where everything stands."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from philae.web.pages.page import Page, readers_with

router = APIRouter(include_in_schema=False)

Reader = Annotated[Page, Depends(readers_with("status"))]


@router.get("/")
def show_home(page: Reader) -> Response:
    return _shown(page, "home.html")


@router.get("/live/home")
def show_standing(page: Reader) -> Response:
    """The part that changes."""
    return _shown(page, "home_standing.html")


def _shown(page: Page, template: str) -> Response:
    status = page.gateway.standing()
    return page.render(template, status=status, alarms=page.gateway.alarms(), words=status.deliveries.as_words())

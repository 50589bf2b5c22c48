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
    return page.render("home.html", overview=page.gateway.overview())

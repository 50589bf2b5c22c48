"""Problems as pages; who is not signed in is sent to do so."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from fastapi.responses import RedirectResponse, Response

from philae.web.auth import gateway_of
from philae.web.language import language_of
from philae.web.pages.page import Page

if TYPE_CHECKING:
    from fastapi import Request

    from philae.web.problems import Problem


def show_problem(request: Request, problem: Problem) -> Response:
    """What a browser shows for a problem."""
    page = Page(request, gateway_of(request), language_of(request))
    if problem.status == 401:
        return _to_sign_in(page)
    body = problem.body
    faults = body.get("faults", [])
    return page.render("problem.html", problem.status, title=body["title"], detail=body["detail"], faults=faults)


def _to_sign_in(page: Page) -> Response:
    """A fragment that cannot be had makes the whole page go."""
    if "hx-request" in page.request.headers:
        return Response(status_code=401, headers={"HX-Redirect": "/sign-in"})
    to = page.here if page.request.method == "GET" else "/"
    return RedirectResponse(f"/sign-in?{urlencode({'to': to})}" if to != "/" else "/sign-in", 303)

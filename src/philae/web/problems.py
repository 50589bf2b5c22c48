"""Errors as RFC 9457 problem details; for those who want to look at them, as pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from philae.admin.declined import Declined
from philae.config.document import DocumentFaults
from philae.pipeline.ports import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fastapi import FastAPI, Request, Response

MEDIA_TYPE: Final = "application/problem+json"


class Told(BaseModel):
    """A problem as RFC 9457 has it."""

    title: str
    status: int
    detail: str = ""
    faults: list[dict[str, object]] = []


_KINDS: Final = {
    401: "No API token, or one that is unknown or has expired",
    403: "The API token lacks the scope",
    404: "There is no such thing",
    409: "Not possible as things are",
    412: "Changed meanwhile",
    415: "The body has another media type than this call takes",
    422: "The request, or the document in it, has faults",
    503: "The ledger is not available",
}
RESPONSES: Final[dict[int | str, dict[str, Any]]] = {
    status: {"description": words, "content": {MEDIA_TYPE: {"schema": Told.model_json_schema()}}}
    for status, words in _KINDS.items()
}
"""For the OpenAPI document: what any call may answer instead."""


class Problem(Exception):
    """Ends a request with ``status`` and a body that says why."""

    def __init__(
        self, status: int, title: str, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: object
    ) -> None:
        super().__init__(title)
        self.status = status
        self.headers = dict(headers or {})
        self.body: dict[str, object] = {"title": title, "status": status, "detail": detail, **more}


def answer_with_problems(app: FastAPI) -> None:
    """Every error of ``app`` becomes a problem."""
    app.add_exception_handler(Problem, _problem)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    app.add_exception_handler(DocumentFaults, _faults)
    app.add_exception_handler(Declined, _declined)
    app.add_exception_handler(LedgerUnavailable, _unavailable)


def _answer(request: Request, problem: Problem) -> Response:
    shown: Callable[[Request, Problem], Response] | None = getattr(request.app.state, "show_problem", None)
    if shown is not None and "text/html" in request.headers.get("accept", ""):
        return shown(request, problem)
    return JSONResponse(problem.body, problem.status, problem.headers, media_type=MEDIA_TYPE)


async def _problem(request: Request, error: Any) -> Response:
    return _answer(request, error)


async def _http(request: Request, error: Any) -> Response:
    return _answer(request, Problem(error.status_code, str(error.detail), headers=error.headers))


async def _invalid(request: Request, error: Any) -> Response:
    faults = [
        {"path": ".".join(map(str, each["loc"])), "message": each["msg"].removeprefix("Value error, ")}
        for each in error.errors()
    ]
    return _answer(request, Problem(422, "The request does not have the expected form", faults=faults))


async def _faults(request: Request, error: Any) -> Response:
    faults = [{"path": each.path, "line": each.line, "message": each.message} for each in error.faults]
    return _answer(request, Problem(422, "The document has faults; nothing was changed", faults=faults))


async def _declined(request: Request, error: Any) -> Response:
    return _answer(request, Problem(409, "Not possible", str(error)))


async def _unavailable(request: Request, error: Any) -> Response:
    return _answer(request, Problem(503, "The ledger is not available", str(error), headers={"Retry-After": "5"}))

"""Errors as RFC 9457 problem details; for those who want to look at them, as pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from philae.admin.csv_rows import RowFaults
from philae.admin.declined import ChangedMeanwhile, Declined, Missing
from philae.admin.pseudonym_editing import Collisions
from philae.config.document import DocumentFaults
from philae.deid.errors import ProfileFaults
from philae.pipeline.ports import LedgerUnavailable
from philae.web.methods import methods_of

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
    400: "The body cannot be read",
    401: "No API token, or one that is unknown or has expired",
    403: "The API token lacks the scope",
    404: "There is no such thing",
    409: "Not possible as things are",
    412: "Somebody else has changed it since the version of If-Match",
    413: "The body is too large",
    415: "The body has another media type than this call takes",
    422: "The request, or the document in it, has faults",
    503: "The ledger is not available",
}


def problem(words: str) -> dict[str, Any]:
    """For the OpenAPI document: an answer that is one."""
    return {
        "description": words,
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"#/components/schemas/{Told.__name__}"}}},
    }


RESPONSES: Final[dict[int | str, dict[str, Any]]] = {status: problem(words) for status, words in _KINDS.items()}
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
    app.add_exception_handler(ProfileFaults, _profile_faults)
    app.add_exception_handler(RowFaults, _row_faults)
    app.add_exception_handler(Collisions, _collisions)
    app.add_exception_handler(Declined, _declined)
    app.add_exception_handler(Missing, _missing)
    app.add_exception_handler(ChangedMeanwhile, _changed)
    app.add_exception_handler(LedgerUnavailable, _unavailable)


def _answer(request: Request, problem: Problem) -> Response:
    shown: Callable[[Request, Problem], Response] | None = getattr(request.app.state, "show_problem", None)
    if shown is not None and "text/html" in request.headers.get("accept", ""):
        return shown(request, problem)
    return JSONResponse(problem.body, problem.status, problem.headers, media_type=MEDIA_TYPE)


async def _problem(request: Request, error: Any) -> Response:
    return _answer(request, error)


async def _http(request: Request, error: Any) -> Response:
    headers = dict(error.headers or {})
    if error.status_code == 404:
        return _answer(request, Problem(404, "There is nothing at this address", "check how it is written"))
    if error.status_code == 405:
        headers["Allow"] = ", ".join(methods_of(request))
    return _answer(request, Problem(error.status_code, str(error.detail), headers=headers))


async def _invalid(request: Request, error: Any) -> Response:
    faults = [
        {"path": ".".join(map(str, each["loc"])), "message": each["msg"].removeprefix("Value error, ")}
        for each in error.errors()
    ]
    return _answer(request, Problem(422, "The request does not have the expected form", faults=faults))


async def _faults(request: Request, error: Any) -> Response:
    faults = [{"path": each.path, "line": each.line, "message": each.message} for each in error.faults]
    return _answer(request, Problem(422, "The document has faults; nothing was changed", faults=faults))


async def _profile_faults(request: Request, error: Any) -> Response:
    faults = [{"path": each.path, "line": each.line, "message": each.message} for each in error.faults]
    return _answer(request, Problem(422, "The profile has faults; nothing was changed", faults=faults))


async def _row_faults(request: Request, error: Any) -> Response:
    faults = [{"line": each.line, "message": each.message} for each in error.faults]
    return _answer(request, Problem(422, str(error), f"the first {len(faults)} of them are told", faults=faults))


async def _collisions(request: Request, error: Any) -> Response:
    faults = [{"row": each.index, "message": each.words} for each in error.collisions]
    return _answer(request, Problem(409, str(error), faults=faults))


async def _missing(request: Request, error: Any) -> Response:
    return _answer(request, Problem(404, "There is no such thing", str(error)))


async def _changed(request: Request, _: Any) -> Response:
    status = 412 if "if-match" in request.headers else 409
    detail = "nothing was changed; read it again, and change that"
    return _answer(request, Problem(status, "Somebody else changed this meanwhile", detail))


async def _declined(request: Request, error: Any) -> Response:
    return _answer(request, Problem(409, "Not possible", str(error)))


async def _unavailable(request: Request, error: Any) -> Response:
    return _answer(request, Problem(503, "The ledger is not available", str(error), headers={"Retry-After": "5"}))

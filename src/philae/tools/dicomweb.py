"""What a DICOMweb server offers: one harmless question for each service (PS3.18)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

import httpx2

from philae.admin.doctor import Ill, Said, Step, Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from philae.admin.address_book import WebEndpoint

TIMEOUT_S: Final = 5.0
NOWHERE: Final = "2.25.329800735698586629295641978511506172918"
"""A study, series and instance that no server has."""
_JSON: Final = {"Accept": "application/dicom+json"}
_OFFERED: Final = frozenset({200, 204, 206, 400, 404, 406})
_NOT_OFFERED: Final = frozenset({405, 501})
_CLOSED: Final = frozenset({401, 403})


@dataclass(frozen=True, slots=True)
class Question:
    """A request that changes nothing."""

    method: str
    path: str


_QUESTIONS: Final = {
    "STOW-RS": Question("OPTIONS", "/studies"),
    "QIDO-RS": Question("GET", "/studies?limit=1"),
    "WADO-RS": Question("GET", f"/studies/{NOWHERE}/metadata"),
    "WADO-URI": Question("GET", f"?requestType=WADO&studyUID={NOWHERE}&seriesUID={NOWHERE}.1&objectUID={NOWHERE}.2"),
    "UPS-RS": Question("GET", "/workitems?limit=1"),
    "Capabilities": Question("GET", "/"),
}


@dataclass(frozen=True, slots=True)
class WebCheck:
    """`philae.admin.doctor.Examination` of an endpoint; ``reach`` are the steps until a connection is made."""

    endpoint: WebEndpoint
    reach: Callable[[], Iterable[Step]] = tuple

    def steps(self) -> Iterator[Step]:
        """The connection, then each service."""
        yield from self.reach()
        for service in self.endpoint.services:
            yield Step(service, partial(ask, self.endpoint.url, service))

    def close(self) -> None:
        """Nothing stays open."""


def ask(url: str, service: str) -> Said:
    """Whether the server offers the service. Follows no redirection, reads no body. Raises `Ill`."""
    question = _QUESTIONS[service]
    try:
        with (
            httpx2.Client(timeout=TIMEOUT_S, trust_env=False) as client,
            client.stream(question.method, url.rstrip("/") + question.path, headers=_JSON) as answer,
        ):
            return _said(answer.status_code, answer.headers.get("allow"))
    except httpx2.TimeoutException as error:
        raise Ill(
            f"no answer within {TIMEOUT_S:g} s", "see whether the server is overloaded; its log may say"
        ) from error
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise Ill(f"no HTTP: {error}", "see whether URL and port are right, and http or https") from error


def _said(status: int, allow: str | None) -> Said:
    """By the methods that the server allows, if it names them; else by the status."""
    if allow is not None:
        if "POST" in allow.upper():
            return Said(f"supported: HTTP {status}, it takes POST")
        return _not_offered(f"HTTP {status}, it allows {allow}")
    if status in _CLOSED:
        return Said(
            f"inconclusive: HTTP {status}, authentication required",
            Verdict.WARNING,
            "the Test of a destination asks with its credentials",
        )
    if status in _NOT_OFFERED:
        return _not_offered(f"HTTP {status}")
    if status in _OFFERED:
        return Said(f"supported: HTTP {status}")
    return Said(f"inconclusive: HTTP {status}", Verdict.WARNING, "open the URL in a browser, or see the server's log")


def _not_offered(words: str) -> Said:
    return Said(f"not supported: {words}", Verdict.WARNING, "enable it in the server, or take it off the list")

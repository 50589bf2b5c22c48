"""One HTTP exchange: the text of a good answer, or why there is none."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic
from typing import TYPE_CHECKING, Final

import httpx2

if TYPE_CHECKING:
    from collections.abc import Mapping

_MOST_BYTES: Final = 1 << 20
_UNAUTHORIZED: Final = 401
_TRY_AGAIN: Final = frozenset({408, 425, 429, 500, 502, 503, 504})


class NoAnswer(Exception):
    """Why there is no answer, without any value of a patient; ``may_pass`` if the next attempt can succeed."""

    def __init__(self, reason: str, *, may_pass: bool = False, status: int = 0) -> None:
        super().__init__(reason)
        self.may_pass = may_pass
        self.status = status

    @property
    def is_unauthorized(self) -> bool:
        return self.status == _UNAUTHORIZED


@dataclass(frozen=True, slots=True)
class Call:
    """What to send."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    content: str | None = field(default=None, repr=False)


def host_of(url: str) -> str:
    """The host of a URL. Raises `NoAnswer` if it has none, or another scheme than HTTP's."""
    try:
        parsed = httpx2.URL(url)
    except httpx2.InvalidURL:
        raise NoAnswer("the URL is none") from None
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise NoAnswer("the URL is not one of HTTP with a host")
    return parsed.host


def answer_to(call: Call, client: httpx2.Client, timeout_s: float) -> str:
    """The body of a 2xx answer that is complete within ``timeout_s``. Raises `NoAnswer`."""
    host = host_of(call.url)
    deadline = monotonic() + timeout_s
    try:
        with client.stream(call.method, call.url, headers=dict(call.headers), content=call.content) as response:
            if not response.is_success:
                raise _refusal(host, response.status_code)
            body = _body(response, host, deadline)
            return body.decode(response.encoding or "utf-8", "replace")
    except httpx2.TimeoutException:
        raise NoAnswer(f"host {host} did not answer in time", may_pass=True) from None
    except (httpx2.HTTPError, httpx2.InvalidURL, LookupError) as error:
        raise NoAnswer(f"host {host} cannot be asked: {type(error).__name__}", may_pass=True) from None


def _refusal(host: str, status: int) -> NoAnswer:
    return NoAnswer(f"host {host} answered {status}", may_pass=status in _TRY_AGAIN, status=status)


def _body(response: httpx2.Response, host: str, deadline: float) -> bytes:
    body = bytearray()
    for part in response.iter_bytes():
        body += part
        if len(body) > _MOST_BYTES:
            raise NoAnswer(f"host {host} answered more than {_MOST_BYTES} bytes")
        if monotonic() > deadline:
            raise NoAnswer(f"host {host} did not answer in time", may_pass=True)
    return bytes(body)

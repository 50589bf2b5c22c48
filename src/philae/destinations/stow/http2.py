"""One HTTP/2 connection: the same as one of HTTP/1.1, for servers and proxies that want it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import httpx2

from philae.config.tls import UnusableCertificate
from philae.destinations.stow.connection import LARGEST_ANSWER, Answer, Broken
from philae.dicom.implementation import IMPLEMENTATION_VERSION_NAME
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from philae.config.tls import ClientTls
    from philae.destinations.stow.connection import Request

_PIECE: Final = 64 * 1024
"""A longer one is copied anew for each frame that is cut off it."""


class Http2Connection:
    """As `Connection`, but a request goes out only when its answer is wanted: the client does both in one."""

    def __init__(self, url: str, tls: ClientTls, *, connect_s: float, response_s: float) -> None:
        parts = urlsplit(url)
        self._where = f"{parts.hostname}:{parts.port or 443}"
        self._tls = tls
        self._timeout = httpx2.Timeout(response_s, connect=connect_s)
        self._response_s = response_s
        self._client: httpx2.Client | None = None
        self._request: Request | None = None

    def send(self, request: Request) -> None:
        """Remember the request."""
        self._request = request

    def answer(self) -> Answer:
        """What the server says of the request. Raises `Broken`, or `TryAgain` when it cannot be reached.

        A connection that the server ended may have been used before: then the request is sent again, once.
        """
        request, was_idle = self._request, self._client is not None
        if request is None:
            raise Broken("nothing was asked")
        try:
            return self._exchanged(self._opened(), request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise TryAgain(f"cannot connect to {self._where}: {str(error) or 'no answer in time'}") from error
        except httpx2.TimeoutException as error:
            self.close()
            raise Broken(f"{self._where} did not answer within {self._response_s:g} s") from error
        except httpx2.HTTPError as error:
            self.close()
            if was_idle:
                return self.answer()
            raise Broken(f"{self._where} broke off: {type(error).__name__}") from error

    def close(self) -> None:
        """Hang up."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _opened(self) -> httpx2.Client:
        """A client with one connection; it makes a new one where the server ended the last. Raises `TryAgain`."""
        if self._client is None:
            try:
                context = self._tls.context()
            except UnusableCertificate as error:
                raise TryAgain(str(error)) from error
            limits = httpx2.Limits(max_connections=1, max_keepalive_connections=1, keepalive_expiry=None)
            self._client = httpx2.Client(
                http2=True, verify=context, timeout=self._timeout, limits=limits, trust_env=False
            )
        return self._client

    def _exchanged(self, client: httpx2.Client, request: Request) -> Answer:
        headers = {**request.headers, "User-Agent": IMPLEMENTATION_VERSION_NAME}
        content = None
        if request.method != "GET":
            headers["Content-Length"] = str(request.length)
            content = _pieces(request.body())
        with client.stream(request.method, request.url, headers=headers, content=content) as response:
            body = bytearray()
            for piece in response.iter_raw():
                body += piece
                if len(body) > LARGEST_ANSWER:
                    raise httpx2.ReadError("an answer without end")
            return Answer(response.status_code, dict(response.headers), bytes(body))


def _pieces(buffers: Iterable[bytes | memoryview]) -> Iterator[bytes]:
    for buffer in buffers:
        for start in range(0, len(buffer), _PIECE):
            yield bytes(buffer[start : start + _PIECE])

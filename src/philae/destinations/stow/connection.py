"""One HTTP connection that stays open: requests with bodies in pieces, answers of bounded size."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from philae.config.tls import UnusableCertificate
from philae.dicom.implementation import IMPLEMENTATION_VERSION_NAME
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from philae.config.tls import ClientTls

LARGEST_ANSWER: Final = 16 << 20
_GONE: Final = (ConnectionError, ssl.SSLEOFError, ssl.SSLZeroReturnError)
"""The peer has closed the connection; what it said before may still wait to be read."""


class Broken(Exception):
    """A request was begun and no whole answer came; what the server made of it is unknown."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request whose body can be read again, because the server may hang up on a connection that was idle."""

    method: str
    url: str
    headers: Mapping[str, str]
    length: int = 0
    body: Callable[[], Iterable[bytes | memoryview]] = tuple


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes


class Connection:
    """To one server, opened when needed; one request at a time."""

    def __init__(self, url: str, tls: ClientTls, *, connect_s: float, response_s: float) -> None:
        parts = urlsplit(url)
        self._secure = parts.scheme == "https"
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if self._secure else 80)
        self._tls = tls
        self._connect_s = connect_s
        self._response_s = response_s
        self._http: HTTPConnection | None = None
        self._used = False
        self._request: Request | None = None
        self._fault: OSError | None = None

    def send(self, request: Request) -> None:
        """Send the whole request. Raises `TryAgain` when the server cannot be reached."""
        self._request, self._fault = request, None
        http = self._open()
        try:
            _transmit(http, request)
        except OSError as error:
            self._fault = error

    def answer(self) -> Answer:
        """What the server says of the request sent last. Raises `Broken`, or `TryAgain` when it is not there any more.

        A connection that was idle may have been closed at the other end: then the request is sent again, once.
        """
        try:
            return self._received()
        except Broken as broken:
            if not self._used or self._request is None or not isinstance(broken.__cause__, _GONE):
                raise
        self.send(self._request)
        return self._received()

    def close(self) -> None:
        """Hang up."""
        if self._http is not None:
            self._http.close()
            self._http = None

    def _open(self) -> HTTPConnection:
        if self._http is not None:
            self._used = True
            return self._http
        http = self._made()
        try:
            http.connect()
        except OSError as error:
            raise TryAgain(f"cannot connect to {self._host}:{self._port}: {_words(error)}") from error
        http.sock.settimeout(self._response_s)
        self._http, self._used = http, False
        return http

    def _made(self) -> HTTPConnection:
        if not self._secure:
            return HTTPConnection(self._host, self._port, timeout=self._connect_s)
        try:
            context = self._tls.context()
        except UnusableCertificate as error:
            raise TryAgain(str(error)) from error
        return HTTPSConnection(self._host, self._port, timeout=self._connect_s, context=context)

    def _received(self) -> Answer:
        """Read what the server said, even if it hung up while it was sent to. Raises `Broken`."""
        http = self._http
        if http is None:
            raise Broken("the connection was closed") from self._fault
        try:
            if self._fault is not None and not isinstance(self._fault, _GONE):
                raise self._fault
            answer, stays_open = _read(http)
        except (OSError, HTTPException) as error:
            self.close()
            cause = self._fault or error
            raise Broken(f"{self._host}:{self._port} {_broken(cause, self._response_s)}") from cause
        if self._fault is not None or not stays_open:
            self.close()
        return answer


def _transmit(http: HTTPConnection, request: Request) -> None:
    parts = urlsplit(request.url)
    http.putrequest(request.method, parts.path + (f"?{parts.query}" if parts.query else ""), skip_accept_encoding=True)
    for name, value in request.headers.items():
        http.putheader(name, value)
    http.putheader("User-Agent", IMPLEMENTATION_VERSION_NAME)
    if request.method != "GET":
        http.putheader("Content-Length", str(request.length))
    http.endheaders()
    for buffer in request.body():
        http.send(buffer)


def _read(http: HTTPConnection) -> tuple[Answer, bool]:
    with http.getresponse() as response:
        body = response.read(LARGEST_ANSWER + 1)
        if len(body) > LARGEST_ANSWER:
            raise HTTPException("an answer without end")
        if response.length:  # `read` with a size says nothing of a body that was cut
            raise HTTPException("an answer that was cut short")
        headers = {name.lower(): value for name, value in response.getheaders()}
        return Answer(response.status, headers, body), not response.will_close


def _broken(error: Exception, response_s: float) -> str:
    if isinstance(error, TimeoutError):
        return f"did not answer within {response_s:g} s"
    if isinstance(error, HTTPException):
        return f"gave {str(error) or 'no answer'}"
    return f"broke off: {_words(error)}"


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted, {error.verify_message}"
    if isinstance(error, TimeoutError):
        return "no answer in time"
    return (error.strerror if isinstance(error, OSError) else "") or str(error) or type(error).__name__

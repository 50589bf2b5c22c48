"""An HTTP server that answers what a test says, the wrong things above all."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import SHUT_RDWR
from threading import Event, Thread
from typing import Any

JSON = "application/dicom+json"
XML = "application/dicom+xml"


@dataclass(frozen=True)
class Asked:
    """One request as the server got it."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int

    @property
    def instances(self) -> list[bytes]:
        """The parts of a multipart body, without their headers."""
        boundary = self.headers["content-type"].partition("boundary=")[2].encode()
        assert self.body.endswith(b"--" + boundary + b"--\r\n")
        parts = self.body.split(b"--" + boundary + b"\r\n")[1:]
        return [
            part.partition(b"\r\n\r\n")[2].removesuffix(b"--" + boundary + b"--\r\n").removesuffix(b"\r\n")
            for part in parts
        ]


@dataclass(frozen=True)
class Reply:
    """What to answer; ``cut`` announces so many bytes more than are sent, ``hang`` says nothing until the test ends."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    cut: int = 0
    hang: bool = False
    hang_up: bool = False
    """Close the connection, after the answer if there is a status."""


def of_type(content_type: str, body: str | bytes, status: int = 200) -> Reply:
    return Reply(status, body.encode() if isinstance(body, str) else body, {"Content-Type": content_type})


def stored(
    uids: Sequence[str], failed: dict[str, int | None] | None = None, status: int = 200, warning: int = 0
) -> Reply:
    """A Store Instances Response in JSON."""
    content: dict[str, Any] = {}
    if uids:
        content["00081199"] = {"vr": "SQ", "Value": [_item(uid, "00081196", warning or None) for uid in uids]}
    if failed:
        content["00081198"] = {"vr": "SQ", "Value": [_item(uid, "00081197", code) for uid, code in failed.items()]}
    return of_type(JSON, json.dumps(content), status)


def _item(uid: str, tag: str, code: int | None) -> dict[str, Any]:
    item: dict[str, Any] = {"00081155": {"vr": "UI", "Value": [uid]}}
    return item if code is None else {**item, tag: {"vr": "US", "Value": [code]}}


@dataclass
class ScriptedServer:
    """``answer`` gets the number of the request, counted from 1, and the request."""

    answer: Callable[[int, Asked], Reply]
    asked: list[Asked] = field(default_factory=list)
    ended: Event = field(default_factory=Event)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/dicom-web"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Http

    def do_POST(self) -> None:
        scripted_server = self.server.scripted
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, body, self.client_address[1])
        scripted_server.asked.append(asked)
        self._say(scripted_server.answer(len(scripted_server.asked), asked))

    do_PUT = do_POST  # noqa: N815 - the name is that of the base class
    do_GET = do_POST  # noqa: N815 - the name is that of the base class
    do_OPTIONS = do_POST  # noqa: N815 - the name is that of the base class

    def log_message(self, *_: Any) -> None:
        """Tests are quiet."""

    def _say(self, reply: Reply) -> None:
        if reply.hang:
            self.server.scripted.ended.wait(60)
        elif reply.status:
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body) + reply.cut))
            self.end_headers()
            self.wfile.write(reply.body)
        if reply.hang or reply.hang_up or reply.cut:
            self.close_connection = True
            self.connection.shutdown(SHUT_RDWR)


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, scripted_server: ScriptedServer, tls: ssl.SSLContext | None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripted = scripted_server
        self._tls = tls

    def get_request(self) -> Any:
        connected, address = super().get_request()
        return (connected if self._tls is None else self._tls.wrap_socket(connected, server_side=True)), address

    def handle_error(self, *_: Any) -> None:
        """What a client did to it is the test's affair."""


@contextmanager
def scripted(
    answer: Callable[[int, Asked], Reply] | Reply, tls: ssl.SSLContext | None = None
) -> Iterator[ScriptedServer]:
    """A server on the loopback interface."""
    server = ScriptedServer(answer if callable(answer) else lambda _number, _asked: answer)
    http = _Http(server, tls)
    server.port = http.server_address[1]
    thread = Thread(target=http.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield server
    finally:
        server.ended.set()
        http.shutdown()
        http.server_close()
        thread.join()

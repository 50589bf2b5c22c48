"""Hypercorn over TLS: a server that speaks HTTP/2."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any

from hypercorn.asyncio import serve
from hypercorn.config import Config

from tests.support.gateway import wait_for_port
from tests.support.listening import Certificates, free_port


@dataclass
class Http2Server:
    """Takes every instance; ``asked`` holds version, path and body of each request."""

    port: int = field(default_factory=free_port)
    hangs: bool = False
    asked: list[tuple[str, str, bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}/dicom-web"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """An ASGI application."""
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            event = await receive()
            body, more = body + event.get("body", b""), event.get("more_body", False)
        self.asked.append((scope["http_version"], scope["path"], body))
        if self.hangs:
            await asyncio.sleep(60)
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})


@contextmanager
def http2_server(
    keys: Certificates, *, requests_per_connection: int = 1000, hangs: bool = False
) -> Iterator[Http2Server]:
    """On the loopback interface; it ends each connection after so many requests, as proxies do."""
    server = Http2Server(hangs=hangs)
    key, certificate = keys.server_files
    config = Config()
    config.bind = [f"127.0.0.1:{server.port}"]
    config.keyfile, config.certfile, config.errorlog = key, certificate, None
    config.keep_alive_max_requests = requests_per_connection
    config.graceful_timeout = 0.1
    ended = Event()

    async def stop() -> None:
        await asyncio.to_thread(ended.wait)

    thread = Thread(target=lambda: asyncio.run(serve(server, config, shutdown_trigger=stop)))
    thread.start()
    try:
        wait_for_port(server.port)
        yield server
    finally:
        ended.set()
        thread.join()

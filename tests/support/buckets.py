"""An S3 endpoint on the loopback interface, with one bucket."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.request import Request, urlopen
from xml.etree import ElementTree as ET

from moto.server import ThreadedMotoServer

from tests.support.gateway import wait_for_port


class Bucket:
    """Named ``studies``; asked over HTTP."""

    def __init__(self, port: int) -> None:
        self.endpoint = f"http://127.0.0.1:{port}"
        self.reset()

    def reset(self) -> None:
        """An empty bucket."""
        self._ask("/moto-api/reset", "POST")
        self._ask("/studies", "PUT")

    def settings(self, **changes: Any) -> dict[str, Any]:
        keys = {"access_key_id": "testing", "secret_access_key": "testing"}
        return {"bucket": "studies", "endpoint": self.endpoint, **keys, **changes}

    def keys(self) -> list[str]:
        listing = ET.fromstring(self._ask("/studies?list-type=2"))
        return [element.text or "" for element in listing.iter() if element.tag.endswith("Key")]

    def objects(self) -> dict[str, bytes]:
        return {key: self._ask(f"/studies/{key}") for key in self.keys()}

    def _ask(self, path: str, method: str = "GET") -> bytes:
        signed = {"Authorization": "AWS4-HMAC-SHA256 Credential=testing/20260101/us-east-1/s3/aws4_request"}
        with urlopen(Request(self.endpoint + path, headers=signed, method=method), timeout=30) as response:
            content: bytes = response.read()
            return content


@contextmanager
def bucket() -> Iterator[Bucket]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer("127.0.0.1", 0)
    server.start()
    _, port = server.get_host_and_port()
    wait_for_port(port)
    try:
        yield Bucket(port)
    finally:
        server.stop()

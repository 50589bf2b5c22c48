"""Requests to a gateway's web port, without a library between."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any

BOUNDARY = "part"


@dataclass(frozen=True)
class Answer:
    """What came back; header names are in small letters."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """Sends each request over a connection of its own."""

    port: int
    token: str = ""

    def request(
        self, method: str, path: str, body: bytes | str | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        own = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            data = body.encode() if isinstance(body, str) else body
            connection.request(method, path, data, own | (headers or {}))
            answer = connection.getresponse()
            found = {name.lower(): value for name, value in answer.getheaders()}
            return Answer(answer.status, found, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.request("GET", path, headers=headers)

    def stow(self, path: str, *files: bytes, accept: str = "application/dicom+json", more: bytes = b"") -> Answer:
        """Files as the parts of one request; ``more`` follows its end."""
        headers = {
            "Content-Type": f'multipart/related; type="application/dicom"; boundary={BOUNDARY}',
            "Accept": accept,
        }
        return self.request("POST", path, related(*files) + more, headers)


def related(*files: bytes, content_type: str = "application/dicom") -> bytes:
    """A multipart/related body (RFC 2387)."""
    head = f"--{BOUNDARY}\r\nContent-Type: {content_type}\r\n\r\n".encode()
    parts = b"".join(head + file + b"\r\n" for file in files)
    return parts + f"--{BOUNDARY}--\r\n".encode()

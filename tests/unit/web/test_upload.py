"""Files that are sent with forms: bounded and never on disk."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from starlette.requests import Request

from philae.web import upload
from philae.web.problems import Problem
from philae.web.upload import LARGEST, sent_upload
from tests.support.awaiting import awaited

BOUNDARY = b"limit"


def form(content: bytes) -> bytes:
    field = b'--limit\r\ncontent-disposition: form-data; name="project"\r\n\r\nTrial\r\n'
    head = b'--limit\r\ncontent-disposition: form-data; name="file"; filename="a.dcm"\r\n\r\n'
    return field + head + content + b"\r\n--limit--\r\n"


def sending(*chunks: bytes, content_type: bytes = b"multipart/form-data; boundary=limit") -> Request:
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    return Request({"type": "http", "method": "POST", "headers": [(b"content-type", content_type)]}, receive)


def waited(call: Callable[[Request], Awaitable[upload.Upload]], request: Request) -> upload.Upload:
    async def run() -> upload.Upload:
        return await call(request)

    return awaited(run())


def test_a_file_stays_in_memory_whatever_its_size(monkeypatch: pytest.MonkeyPatch) -> None:
    on_disk: list[object] = []
    monkeypatch.setattr(tempfile.SpooledTemporaryFile, "rollover", on_disk.append)
    content = bytes(3 << 20)

    sent = waited(sent_upload, sending(form(content)))

    assert sent.content == content
    assert sent.values == {"project": "Trial"}
    assert on_disk == []


def test_reading_ends_where_a_form_is_too_large() -> None:
    whole = form(bytes(LARGEST))
    chunks = [whole[at : at + (8 << 20)] for at in range(0, len(whole), 8 << 20)]

    with pytest.raises(Problem) as refused:
        waited(sent_upload, sending(*chunks, b"never read"))

    assert refused.value.status == 413


def test_a_form_without_a_file_is_taken_too() -> None:
    sent = waited(sent_upload, sending(b"project=Trial", content_type=b"application/x-www-form-urlencoded"))

    assert (sent.values, sent.content) == ({"project": "Trial"}, b"")


def test_a_form_that_is_none_is_refused() -> None:
    with pytest.raises(Problem) as refused:
        waited(sent_upload, sending(b"x", content_type=b"multipart/form-data"))

    assert refused.value.status == 400

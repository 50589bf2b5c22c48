from __future__ import annotations

from pathlib import Path

import pytest

from philae.web import body_limit
from tests.support.web import visitor, web_gateway


@pytest.mark.parametrize(
    "path, media_type",
    [("/api/v1/projects", "application/json"), ("/sign-in", "application/x-www-form-urlencoded")],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}])
def test_a_body_that_is_too_large_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, media_type: str, headers: dict[str, str]
) -> None:
    monkeypatch.setattr(body_limit, "LARGEST", 3000)
    monkeypatch.setattr(body_limit, "LARGEST_OF_STRANGERS", 1000)
    sent = {"Content-Type": media_type, **headers}

    with web_gateway(tmp_path) as gateway:
        answer = visitor(gateway).post(path, content=4000 * b"x", headers=sent)

    assert answer.status_code == 413


def test_a_stranger_may_send_less_than_who_has_credentials(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "LARGEST_OF_STRANGERS", 1000)
    body = b'{"name": "' + 2000 * b"x" + b'"}'
    headers = {"Content-Type": "application/json", "Accept": "application/json"}

    with web_gateway(tmp_path) as gateway:
        client = visitor(gateway)
        stranger = client.post("/api/v1/projects", content=body, headers=headers)
        known = client.post("/api/v1/projects", content=body, headers={**headers, "Authorization": "Bearer nonsense"})

    assert (stranger.status_code, known.status_code) == (413, 401)

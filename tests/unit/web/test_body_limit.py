from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from philae.admin.tokens import issue
from philae.admin.users import Role
from philae.web import body_limit
from tests.support.web import signed_in, visitor, web_gateway


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


def test_only_who_is_let_in_may_send_more_than_a_stranger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "LARGEST_OF_STRANGERS", 1000)
    body = b'{"name": "' + 2000 * b"x" + b'"}'
    headers = {"Content-Type": "application/json", "Accept": "application/json"}

    with web_gateway(tmp_path) as gateway:
        _, text = issue(gateway.tokens, "known", ["configure"], datetime.now(UTC), None)
        credentials: list[dict[str, str]] = [
            {},
            {"Authorization": "Bearer nonsense"},
            {"Authorization": "Basic eDp4"},
            {"Cookie": "philae_session=nonsense"},
            {"Authorization": f"Bearer {text}"},
        ]
        strangers = visitor(gateway)
        sent = [strangers.post("/api/v1/projects", content=body, headers={**headers, **each}) for each in credentials]
        sent.append(signed_in(gateway, Role.ADMIN).post("/api/v1/projects", content=body, headers=headers))

    assert [each.status_code for each in sent] == [413, 413, 413, 413, 422, 422]

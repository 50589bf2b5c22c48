from __future__ import annotations

from pathlib import Path

import pytest
from starlette.datastructures import Headers

from philae.admin.users import Role
from philae.web.origin import is_foreign
from tests.support.web import signed_in, web_gateway


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example", "host": "philae.test"},
        {"origin": "null", "host": "philae.test"},
        {"sec-fetch-site": "cross-site", "origin": "http://philae.test", "host": "philae.test"},
    ],
)
def test_another_site_is_told_by_what_browsers_say(headers: dict[str, str]) -> None:
    assert is_foreign(Headers(headers))


@pytest.mark.parametrize(
    "headers",
    [{}, {"sec-fetch-site": "same-origin"}, {"origin": "http://philae.test:8080", "host": "philae.test:8080"}],
)
def test_our_own_pages_and_programs_are_not_foreign(headers: dict[str, str]) -> None:
    assert not is_foreign(Headers(headers))


def test_another_site_cannot_make_a_browser_that_is_signed_in_change_anything(tmp_path: Path) -> None:
    with web_gateway(tmp_path) as gateway:
        browser = signed_in(gateway, Role.ADMIN)

        answer = browser.post("/users", data={"name": "mallory"}, headers={"sec-fetch-site": "cross-site"})

        assert answer.status_code == 403
        assert [user.name for user in gateway.users.all()] == ["anna"]

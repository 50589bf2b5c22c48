"""What holds for every answer, whatever the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from philae.admin.users import Role
from tests.support.web import signed_in, web_gateway


@pytest.mark.parametrize("path", ["/monitoring/", "/api/v1/users/", "/static"])
def test_nobody_is_led_to_the_host_that_a_request_names(tmp_path: Path, path: str) -> None:
    with web_gateway(tmp_path) as gateway:
        answer = signed_in(gateway, Role.ADMIN).get(path, headers={"host": "elsewhere.example"})

    assert answer.status_code == 404
    assert "elsewhere.example" not in answer.text
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/monitoring", "/sign-in", "/no-such-page", "/api/v1/deliveries", "/healthz"])
def test_nothing_is_kept_by_a_browser_or_shown_within_another_page(tmp_path: Path, path: str) -> None:
    with web_gateway(tmp_path) as gateway:
        headers = signed_in(gateway, Role.ADMIN).get(path).headers

    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("language, words", [("en", "There is nothing at this address"), ("fr", "à cette adresse")])
def test_who_mistypes_an_address_is_told_so(tmp_path: Path, language: str, words: str) -> None:
    with web_gateway(tmp_path) as gateway:
        answer = signed_in(gateway, Role.USER).get("/monitring", headers={"accept-language": language})

    assert answer.status_code == 404
    assert words in answer.text

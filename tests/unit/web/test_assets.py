"""The files that pages load: small on the wire, asked for once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from philae.web.assets import STATIC, url_of
from tests.support.web import visitor, web_gateway


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with web_gateway(tmp_path_factory.mktemp("assets")) as gateway:
        yield visitor(gateway, **{"accept-encoding": "gzip"})


@pytest.mark.parametrize("name", ["philae.css", "philae.js", "editing.css", "editing.js", "drafts.js"])
def test_a_file_travels_compressed_and_is_asked_for_once(browser: TestClient, name: str) -> None:
    answer = browser.get(url_of(name))

    assert answer.headers["content-encoding"] == "gzip"
    assert "immutable" in answer.headers["cache-control"]
    assert answer.content == (STATIC / name).read_bytes()


def test_pages_name_every_file_by_its_content(browser: TestClient) -> None:
    page = browser.get("/sign-in").text

    assert page.count("/static/") == page.count("?v=") > 5


def test_what_may_change_under_its_name_is_not_kept(browser: TestClient) -> None:
    assert browser.get("/static/philae.css").headers["cache-control"] == "no-store"

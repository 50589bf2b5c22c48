"""A gateway with one forward node, a project and a token for everything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from philae.web.gateway import Gateway
from tests.support.api import Api
from tests.support.documents import document, node, to_folder, to_stow
from tests.support.web import web_gateway


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    stow = to_stow("https://archive.example.org/rs", basic={"username": "philae", "password": "well-kept"})
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out"), stow))) as gateway:
        yield gateway


@pytest.fixture
def api(gateway: Gateway) -> Api:
    return Api(gateway)

"""What is found in a list by what was typed above it, and what never is."""

from __future__ import annotations

from pathlib import Path

import pytest

from philae.config.configuration import Configuration
from philae.web.list_filter import destinations_with
from tests.support.documents import document, node, to_folder, to_stow
from tests.support.web import web_gateway


@pytest.fixture
def current(tmp_path: Path) -> Configuration:
    archive = to_stow(
        "https://archive.example.org/rs", "archive", description="Long term", headers={"X-Key": "hush"}, token="secret"
    )
    pacs = {"name": "PACS", "kind": "dicom", "ae_title": "ARCHIVE2", "hostname": "10.0.0.8", "port": 11112}
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out"), archive, pacs))) as gateway:
        return gateway.configurations.current()


@pytest.mark.parametrize(
    "typed,names",
    [
        ("", ["local", "archive", "PACS"]),
        ("archive", ["archive", "PACS"]),
        ("TERM long", ["archive"]),
        ("example.org", ["archive"]),
        ("dicom 10.0", ["PACS"]),
        ("11112", ["PACS"]),
        ("1111", []),
        ("trial", ["local", "archive"]),
        ("hush", []),
        ("secret", []),
    ],
)
def test_destinations_are_found_by_what_people_know_of_them_and_never_by_a_secret(
    current: Configuration, typed: str, names: list[str]
) -> None:
    found = destinations_with(typed, current.forward_nodes[0].destinations)

    assert [each.name for each in found] == names

"""The Test button of a destination."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from philae.admin.users import Role
from tests.support.documents import document, node, to_folder
from tests.support.web import signed_in, web_gateway


@pytest.fixture
def anna(tmp_path: Path) -> Iterator[TestClient]:
    (tmp_path / "out").mkdir()
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out")))) as gateway:
        yield signed_in(gateway, Role.ADMIN)


def test_a_page_that_asks_for_steps_gets_the_table_and_then_a_row_each(anna: TestClient) -> None:
    *parts, rest = anna.post("/destination/examine?id=1", headers={"x-steps": "1"}).text.split("\x1e")

    table, *rows = parts
    assert rest == ""
    assert "<tbody></tbody>" in table
    assert len(rows) > 1
    assert all(row.strip().startswith("<tr>") and row.count("<tr>") == 1 for row in rows)


def test_without_script_all_steps_are_on_a_page(anna: TestClient) -> None:
    page = anna.post("/destination/examine?id=1").text

    assert "<h1" in page
    assert page.count('<td class="fw-bold">') > 1


def test_a_french_visitor_reads_what_the_steps_found_in_french(anna: TestClient, tmp_path: Path) -> None:
    (tmp_path / "out").rmdir()

    rows = unescape(anna.post("/destination/examine?id=1", headers={"x-steps": "1", "accept-language": "fr"}).text)

    assert '<td class="fw-bold">dossier</td>' in rows
    assert f"{tmp_path / 'out'} n\u2019est pas là ; le premier envoi le crée, sous {tmp_path}" in rows
    assert "→ si un disque ou un partage doit y être monté, montez-le" in rows
    assert "un fichier peut être écrit" in rows
    assert "pas demandé ; il enverrait une instance inventée" in rows
    assert not re.search(r"\b(the|is|it|can|be)\b", re.sub("<[^>]*>", "", rows))


def test_a_destination_that_is_not_there_is_no_step(anna: TestClient) -> None:
    assert anna.post("/destination/examine?id=99", headers={"x-steps": "1"}).status_code == 404

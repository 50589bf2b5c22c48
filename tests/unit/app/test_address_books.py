from __future__ import annotations

import logging
from pathlib import Path

import pytest

from philae.app.address_books import fill_address_books
from philae.config.settings import Settings
from philae.store.address_book import dicom_nodes, web_endpoints
from philae.store.database import Database, sqlite_url
from philae.store.schema import migrate


def test_files_fill_the_books_once_and_a_file_with_a_fault_is_told_and_left_out(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    database = Database(sqlite_url(tmp_path / "philae.db"))
    migrate(database)
    nodes, endpoints = tmp_path / "nodes.csv", tmp_path / "endpoints.csv"
    nodes.write_text("Archive,ARCHIVE,10.0.0.5,104\n")
    endpoints.write_text("Archive,no address\n")
    settings = Settings(data=tmp_path, tools_nodes=nodes, tools_endpoints=endpoints)

    with caplog.at_level(logging.INFO):
        fill_address_books(settings, database)
        fill_address_books(settings, database)

    assert [entry.named for _, entry in dicom_nodes(database).all()] == ["ARCHIVE@10.0.0.5:104"]
    assert web_endpoints(database).all() == []
    assert [each.getMessage() for each in caplog.records] == 2 * ["address_book.read", "address_book.not_read"]
    assert "line 1: url" in caplog.records[1].__dict__["reason"]
    database.close()


def test_a_file_that_is_not_there_does_not_stop_the_gateway(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    database = Database(sqlite_url(tmp_path / "philae.db"))
    migrate(database)

    fill_address_books(Settings(data=tmp_path, tools_nodes=tmp_path / "missing.csv"), database)

    assert "missing.csv" in caplog.records[0].__dict__["file"]
    database.close()

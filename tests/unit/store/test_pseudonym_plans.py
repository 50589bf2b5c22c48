"""Looking a patient up, and looking for deliveries that wait for one, cost no scan of a table."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from philae.store.database import Database, sqlite_url
from philae.store.pseudonyms import SqlPseudonyms
from philae.store.schema import migrate


@pytest.mark.parametrize("named", ["patient", "waiting"])
def test_no_table_is_scanned(named: str, tmp_path: Path) -> None:
    database = Database(sqlite_url(tmp_path / "philae.db"))
    migrate(database)
    rows = SqlPseudonyms(database)
    text = {"patient": rows._of_patient, "waiting": rows._waiting._held}[named].text

    with database.read() as connection:
        parameters = dict.fromkeys(re.findall(r":(\w+)", text), 1)
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", parameters)]
    database.close()

    assert plan
    assert [step for step in plan if step.startswith("SCAN")] == []
    assert any("ix_delivery_ended" in step for step in plan) or named == "patient"

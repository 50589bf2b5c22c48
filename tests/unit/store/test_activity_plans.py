"""The first page asks for the last fault of each destination every other second."""

from __future__ import annotations

from pathlib import Path

import pytest

from philae.pipeline.outcome import State
from philae.store.activity import SqlActivityBook
from philae.store.database import Database, sqlite_url
from philae.store.schema import migrate


@pytest.mark.parametrize("state", [State.HELD, State.FAILED])
def test_the_last_fault_is_at_the_end_of_an_index(tmp_path: Path, state: State) -> None:
    database = Database(sqlite_url(tmp_path / "philae.db"))
    migrate(database)
    statement = SqlActivityBook(database)._newest[state]

    with database.read() as connection:
        asked = statement.bind({"at_destination": 1})
        plan = [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement.text}", dict(asked))]
    database.close()

    assert plan == [
        "SEARCH delivery USING INDEX ix_delivery_ended (destination_id=? AND state=? AND instance_id>? AND instance_id<?)"
    ]

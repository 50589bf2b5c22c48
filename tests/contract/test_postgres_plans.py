"""PostgreSQL reads no more of a long ledger than it answers; the plans of SQLite are looked at in tests/unit/store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
import sqlalchemy as sa

from philae.pipeline.model import Lane
from philae.pipeline.outcome import State
from philae.store.claiming import Claiming
from philae.store.database import Database, Statement
from philae.store.finding import Shape, select_count, select_facts
from philae.store.schema import migrate
from philae.store.tables import metadata
from philae.store.tallies import Tallies
from tests.support.postgres import empty_tables

MANY = 20_000
"""Deliveries to each of three destinations, one of which takes none."""
SOME = 64
ANY_TIME = {"first": 0, "last": (1 << 63) - 1, "last_destination": 0, "most": SOME}
ENDED = tuple((destination_id, int(State.SENT)) for destination_id in (2, 3))
ROWS = f"""INSERT INTO delivery (instance_id, destination_id, slot, state, config_version, attempts, not_before, changed_at)
    SELECT number, destination_id, number % 64,
        CASE destination_id WHEN 1 THEN {State.QUEUED:d} ELSE {State.SENT:d} END, 1, 0, 0, number
    FROM generate_series(1, {MANY}) AS number CROSS JOIN generate_series(1, 3) AS destination_id"""


@pytest.fixture(scope="module")
def database(postgres_url: str) -> Iterator[Database]:
    database = Database(postgres_url)
    migrate(database)
    empty_tables(postgres_url, metadata)
    with database.change() as connection:
        connection.execute(sa.text(ROWS))
        connection.execute(sa.text("ANALYZE delivery"))
    yield database
    empty_tables(postgres_url, metadata)
    database.close()


def rows_read(database: Database, statement: Statement, values: Mapping[str, Any]) -> int:
    """By all scans of its plan together."""
    with database.look() as looking:
        looking._cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}", statement.bind(values))
        ((found,),) = looking._cursor.fetchall()
    return sum(scanned(found[0]["Plan"]))


def scanned(plan: Mapping[str, Any]) -> Iterator[int]:
    if "Scan" in plan["Node Type"] and "Relation Name" in plan:
        yield int(plan["Actual Rows"] * plan["Actual Loops"])
    for part in plan.get("Plans", ()):
        yield from scanned(part)


@pytest.mark.parametrize("lanes", [1, 4])
def test_a_batch_is_claimed_without_reading_the_queue(database: Database, lanes: int) -> None:
    claiming = Claiming(database, Tallies(database))

    batch = claiming._statement(Lane(1, 0, lanes))

    assert 0 < rows_read(database, batch, {"destination_id": 1, "most": SOME}) < MANY / 20


@pytest.mark.parametrize("runs", [ENDED, ((1, int(State.QUEUED)),), (*ENDED, (1, int(State.QUEUED)))])
def test_a_page_of_what_stands_so_is_found_without_reading_all_of_it(
    database: Database, runs: tuple[tuple[int, int], ...]
) -> None:
    shape = Shape(runs=runs, on_sqlite=False)

    read = [
        rows_read(database, database.prepare(each(shape)), ANY_TIME | {"last_destination": 1 << 30})
        for each in (select_facts, select_count)
    ]

    assert all(0 < rows < MANY / 20 for rows in read), read

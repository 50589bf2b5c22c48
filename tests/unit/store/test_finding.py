from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from philae.pipeline.outcome import State
from philae.store.database import Database, sqlite_url
from philae.store.finding import IDENTIFIERS, Shape, select_count, select_facts
from philae.store.schema import migrate


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "philae.db"))
    migrate(database)
    yield database
    database.close()


ENDED = tuple((destination_id, int(state)) for destination_id in (1, 2, 3) for state in State if state >= State.SENT)
SHAPES = [
    Shape(),
    Shape(runs=ENDED),
    Shape(runs=((1, int(State.QUEUED)), (1, int(State.SENDING)))),
    Shape(runs=ENDED, has_code=True),
    *(Shape((name,), keys=2, states=(6, 7), destinations=(1,)) for name in IDENTIFIERS),
    Shape(IDENTIFIERS, keys=1),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_no_search_reads_a_whole_table(database: Database, shape: Shape) -> None:
    """What leads it is an index on what is asked about; only what asks about nothing but dates walks the deliveries."""
    steps = _plan(database, database.prepare(select_count(shape)).text)

    read = [step for step in steps if re.match(r"(SCAN|SEARCH) (delivery|instance)", step)]
    leading = [step for step in read if "=?)" not in step]
    assert not [step for step in read if step.startswith("SCAN")]
    assert all(" INDEX ix_" in step for step in leading) or shape == Shape()


def test_a_page_is_put_together_by_key(database: Database) -> None:
    steps = _plan(database, database.prepare(select_facts(Shape())).text)

    assert "SEARCH delivery USING PRIMARY KEY (instance_id=? AND destination_id=?)" in steps
    assert "SEARCH instance USING INTEGER PRIMARY KEY (rowid=?)" in steps


def _plan(database: Database, text: str) -> list[str]:
    parameters = dict.fromkeys(re.findall(r":(\w+)", text), 1)
    with database.look() as looking:
        looking._cursor.execute(f"EXPLAIN QUERY PLAN {text}", parameters)
        return [row[3] for row in looking._cursor.fetchall()]

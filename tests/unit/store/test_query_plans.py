from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from philae.pipeline.model import Lane
from philae.store.claiming import Claiming
from philae.store.database import Database, sqlite_url
from philae.store.leasing import Leasing
from philae.store.notices import Notices
from philae.store.opening import Opening
from philae.store.queued import queued_destinations
from philae.store.schema import migrate
from philae.store.settling import Settling
from philae.store.tallies import Tallies


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database(sqlite_url(tmp_path / "philae.db"))
    migrate(database)
    yield database
    database.close()


def test_nothing_on_the_way_of_an_instance_scans_a_table(database: Database) -> None:
    tallies = Tallies(database)
    claiming, settling = Claiming(database, tallies), Settling(database, tallies, Notices(database, dict))
    leasing, opening = Leasing(database, tallies), Opening(database, tallies)
    statements = [
        *(claiming._statement(Lane(1, 0, count)) for count in (1, 4, 64)),
        claiming._take,
        settling._held,
        settling._end,
        settling._finish,
        leasing._sending,
        leasing._requeue,
        opening._instance,
        database.prepare(queued_destinations()),
    ]

    plans = [_plan(database, statement.text) for statement in statements]

    scans = [step for plan in plans for step in plan if step.startswith("SCAN")]
    assert set(scans) - {"SCAN found"} - {scan for scan in scans if "oldest" in scan} == set()


def _plan(database: Database, text: str) -> list[str]:
    import re

    parameters = dict.fromkeys(re.findall(r":(\w+)", text), 1)
    with database.look() as looking:
        looking._cursor.execute(f"EXPLAIN QUERY PLAN {text}", parameters)
        return [row[3] for row in looking._cursor.fetchall()]

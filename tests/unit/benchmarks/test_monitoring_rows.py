"""A ledger made out of nothing is one that the gateway could have written."""

from pathlib import Path

from benchmarks.monitoring_rows import seeded
from philae.admin.deliveries import Wanted, every_one
from philae.store.database import Database, sqlite_url
from philae.store.deliveries import SqlDeliveryBook
from philae.store.ledger import SqlLedger
from philae.store.reading import recount


def test_its_counts_are_those_of_its_rows(tmp_path: Path) -> None:
    path = seeded(tmp_path, 400)

    database = Database(sqlite_url(path))
    counts, rows = SqlLedger(database).counts(), recount(database)
    found = sum(1 for _ in every_one(SqlDeliveryBook(database), Wanted()))
    database.close()

    assert seeded(tmp_path, 400) == path
    assert {key: value for key, value in counts.opened_by_destination.items() if value} == rows.opened_by_destination
    assert {key: value for key, value in counts.by_destination.items() if any(value.values())} == rows.by_destination
    assert counts.accepted == rows.accepted == found // 2 == 200

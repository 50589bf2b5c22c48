"""Makes a ledger long: copies of real finished rows, older than the real ones."""

import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.processes import PeerFailed
from philae.store.tables.deliveries import delivery, tally
from philae.store.tables.instances import accepted, instance

SQLITE_MAGIC = b"SQLite format 3\0"


def ledger_in(data: Path) -> Path:
    """Return the SQLite file below ``data`` that holds the ledger.

    Raises:
        PeerFailed: there is none.

    """
    for path in sorted(path for path in data.rglob("*") if path.is_file()):
        with path.open("rb") as file:
            if file.read(len(SQLITE_MAGIC)) != SQLITE_MAGIC:
                continue
        with closing(sqlite3.connect(path)) as database:
            if database.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (delivery.name,)).fetchone():
                return path
    raise PeerFailed(f"no ledger found in {data.name}")


def multiply(path: Path, rows: int) -> int:
    """Copy every instance with its deliveries until there are about ``rows``, and return how many there are.

    Ids grow with time, so copies get lower ones; keys of UIDs are spread as real ones are. Counts follow, so that the
    accounting identity holds. Nothing may run on the ledger meanwhile.
    """
    with closing(sqlite3.connect(path)) as database, database:
        count, lowest, highest = database.execute(f"SELECT count(*), min(id), max(id) FROM {instance.name}").fetchone()
        copies, span = max(0, rows // count - 1), highest - lowest + 1
        if lowest <= copies * span:
            raise PeerFailed("the ledger's ids leave no room for older rows")
        for step in range(copies, 0, -1):
            _copy(database, lowest, step * span)
        for table, columns in ((accepted, ("instances",)), (tally, ("opened", "sent"))):
            changes = ", ".join(f"{column} = {column} * {copies + 1}" for column in columns)
            database.execute(f"UPDATE {table.name} SET {changes}")
        return int(count * (copies + 1))


def _copy(database: sqlite3.Connection, lowest: int, shift: int) -> None:
    for table, changed in (
        (instance, {"id": f"id - {shift}", "uid_key": "random()"}),
        (delivery, {"instance_id": f"instance_id - {shift}"}),
    ):
        key = next(iter(changed))
        names = ", ".join(column.name for column in table.columns)
        values = ", ".join(changed.get(column.name, column.name) for column in table.columns)
        database.execute(
            f"INSERT INTO {table.name} ({names}) SELECT {values} FROM {table.name} WHERE {key} >= {lowest}"
        )

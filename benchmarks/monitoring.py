"""How long people wait for deliveries that they look for in a long ledger, and how fast an export runs."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.measure import Case, Sample, percentile
from benchmarks.monitoring_rows import SELDOM, seeded
from benchmarks.settings import Settings
from philae.admin.deliveries import MOST_COUNTED, Key, Status, Wanted, every_row, page_of
from philae.admin.deliveries_csv import csv_of
from philae.admin.deliveries_rules import RuleBook
from philae.config.configuration import Configuration
from philae.pipeline.outcome import State
from philae.store.database import Database, sqlite_url
from philae.store.deliveries import SqlDeliveryBook

PEER = "Philae"
SEARCHES = 40
SHOWN = 50
IDENTIFIERS = ("study_instance_uid", "series_instance_uid", "sop_instance_uid", "patient_id")

Search = Callable[[SqlDeliveryBook, random.Random], tuple[Wanted, Key | None]]


def cases(settings: Settings) -> Iterator[Case]:
    """Return every kind of search, then the export."""
    if settings.wants(PEER):
        for name, search in _searches().items():
            yield Case("monitoring", name, 0, PEER, partial(_search, settings, search))
        yield Case("monitoring", "CSV export", 0, PEER, partial(_export, settings))


def _searches() -> dict[str, Search]:
    found: dict[str, Search] = {
        "newest": lambda _, __: (Wanted(), None),
        "some page": lambda book, by: (Wanted(), _key(book, by)),
    }
    found["a day"] = lambda book, by: (_day(book, by), None)
    for name in IDENTIFIERS:
        found[f"original {name}"] = partial(_identified, name, "")
        found[f"sent {name}"] = partial(_identified, name, "sent_")
    for status in Status:
        found[f"status {status.value}"] = partial(_standing, Wanted(states=status.states))
    found["one node"] = partial(_standing, Wanted(node="NODE2"))
    found["a node's errors"] = partial(_standing, Wanted(node="NODE2", states=Status.ERROR.states))
    found["seldom used"] = partial(_standing, Wanted(destination=f"to{SELDOM}"))
    found["errors of a day"] = lambda book, by: (_day(book, by, Status.ERROR.states), None)
    return found


def _standing(wanted: Wanted, book: SqlDeliveryBook, by: random.Random) -> tuple[Wanted, Key | None]:
    return wanted, _key(book, by) if by.random() < 0.5 else None


def _identified(name: str, prefix: str, book: SqlDeliveryBook, by: random.Random) -> tuple[Wanted, Key | None]:
    (found,) = book.page(Wanted(states=frozenset({State.SENT})), _key(book, by), 1)
    return Wanted(**{name: getattr(found, f"{prefix}{name}")}), None


def _day(book: SqlDeliveryBook, by: random.Random, states: frozenset[State] = frozenset()) -> Wanted:
    at = datetime.fromtimestamp(_key(book, by).instance_id / (1_000_000 << 10), UTC)
    return Wanted(since=at - timedelta(days=1), until=at, states=states)


def _key(book: SqlDeliveryBook, by: random.Random) -> Key:
    newest, oldest = _ends(book)
    return Key(by.randrange(oldest + (newest - oldest) // 100, newest), 1)


def _ends(book: SqlDeliveryBook) -> tuple[int, int]:
    (newest,) = book.page(Wanted(), None, 1)
    return newest.instance_id, 1_750_000_000_000_000 << 10


class _NoConfiguration:
    """A store with no version in it."""

    def current(self) -> Configuration:
        return Configuration()

    def version(self, number: int) -> Configuration:
        raise LookupError(number)

    def apply(self, configuration: Configuration) -> Configuration:
        return configuration


def _search(settings: Settings, search: Search) -> Sample:
    by = random.Random(1)
    page_ms: list[float] = []
    count_ms: list[float] = []
    with _book(settings.folder, settings.ledger_rows[-1]) as book:
        for wanted, after in [search(book, by) for _ in range(SEARCHES)]:
            began = time.perf_counter()
            found = page_of(book, wanted, after, SHOWN)
            page_ms.append(1000 * (time.perf_counter() - began))
            if not found.deliveries:
                return Sample({}, "nothing found")
            began = time.perf_counter()
            book.count(wanted, MOST_COUNTED)
            count_ms.append(1000 * (time.perf_counter() - began))
    return Sample(
        {
            "p50_ms": percentile(page_ms, 0.5),
            "p95_ms": percentile(page_ms, 0.95),
            "count_p95_ms": percentile(count_ms, 0.95),
        }
    )


def _export(settings: Settings) -> Sample:
    rows = 0
    with _book(settings.folder, settings.ledger_rows[-1]) as book:
        began = time.perf_counter()
        for block in csv_of(every_row(book, Wanted()), RuleBook(_NoConfiguration())):
            rows += block.count("\r\n")
    return Sample({"rate": rows / (time.perf_counter() - began), "rows": float(rows)})


@contextmanager
def _book(folder: Path, deliveries: int) -> Iterator[SqlDeliveryBook]:
    database = Database(sqlite_url(seeded(folder, deliveries)))
    try:
        yield SqlDeliveryBook(database)
    finally:
        database.close()


NAMES: Final = tuple(_searches())
"""Of every kind of search."""

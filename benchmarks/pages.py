"""How long the server takes for each page of the web interface over a long ledger."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import product
from typing import Final

import sqlalchemy as sa
from starlette.testclient import TestClient

from benchmarks import monitoring_postgres
from benchmarks.measure import Case, Sample, percentile
from benchmarks.monitoring_rows import SELDOM, seeded
from benchmarks.settings import Settings as Benchmarks
from philae.admin.activity import HOUR, KEPT, PERIOD, period_of
from philae.admin.deliveries import Wanted
from philae.admin.users import Role, create
from philae.app.gateway import config_store, open_database, open_world
from philae.app.web import open_gateway
from philae.config.settings import Settings
from philae.store.database import Database
from philae.store.tables.activity import activity
from philae.web.gateway import Gateway
from philae.web.server import create_app

PEER: Final = "Philae"
ON_POSTGRES: Final = "Philae on PostgreSQL"
ASKED: Final = 20
SHARDS: Final = 4
OF_AN_HOUR: Final = HOUR // PERIOD
PASSWORD: Final = "correct horse battery staple"
PAGES: Final = {
    "home": "/",
    "monitoring": "/monitoring",
    "monitoring, a node's errors": "/monitoring?node=NODE2&status=error",
    "monitoring, what was sent": "/monitoring?status=sent",
    "monitoring, what waits": "/monitoring?status=waiting",
    "monitoring, a study": "/monitoring?study={study}",
    "monitoring, an old page": "/monitoring?after={key}",
    "monitoring, tree": "/monitoring?view=tree",
    "monitoring, charts": "/monitoring?view=charts&range=30d",
    "delivery": "/delivery?name={key}",
    "nodes": "/nodes",
    "profiles": "/profiles",
    "projects": "/projects",
    "pseudonyms": "/pseudonyms",
    "tools": "/tools",
    "users": "/users",
    "audit": "/audit",
    "configuration": "/configuration",
    "versions": "/configuration/history",
    "system": "/system",
    "help": "/help",
}
"""By what the table calls them."""


def cases(settings: Benchmarks) -> Iterator[Case]:
    """Every page that anybody opens in the course of a day."""
    for peer, opened in ((PEER, _on_sqlite), (ON_POSTGRES, _on_postgres)):
        if settings.wants(peer):
            for name, path in PAGES.items():
                yield Case("pages", name, 0, peer, partial(_ask, partial(opened, settings), path))


@dataclass(frozen=True, slots=True)
class _Opened:
    settings: Settings
    cpu_s: Callable[[], float]
    """Of everything that works for a page."""


@contextmanager
def _on_sqlite(settings: Benchmarks) -> Iterator[_Opened]:
    yield _Opened(Settings(data=seeded(settings.folder, settings.ledger_rows[-1]).parent), time.process_time)


@contextmanager
def _on_postgres(settings: Benchmarks) -> Iterator[_Opened]:
    with monitoring_postgres.seeded(settings.folder, settings.postgres_rows) as ledger:
        ours = Settings(data=settings.folder / "postgres", database_url=ledger.url)
        yield _Opened(ours, lambda: time.process_time() + ledger.cpu_s())


def _ask(opened: Callable[[], AbstractContextManager[_Opened]], path: str) -> Sample:
    """Wall time as a visitor has it, and processor time, which others on the machine do not change."""
    wall_ms: list[float] = []
    processor_ms: list[float] = []
    with opened() as server, _browser(server.settings) as (browser, names):
        for _ in range(ASKED):
            began, used = time.perf_counter(), server.cpu_s()
            answer = browser.get(path.format(**names))
            processor_ms.append(1000 * (server.cpu_s() - used))
            wall_ms.append(1000 * (time.perf_counter() - began))
            if answer.status_code != 200:
                return Sample({}, f"answered {answer.status_code}")
    return Sample(
        {
            "p50_ms": percentile(wall_ms, 0.5),
            "p95_ms": percentile(wall_ms, 0.95),
            "cpu_p95_ms": percentile(processor_ms, 0.95),
            "kb": len(answer.content) / 1000,
        }
    )


@contextmanager
def _browser(settings: Settings) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """Signed in as an administrator, and what to ask for by name."""
    database = open_database(settings)
    try:
        _fill_activity(database)
        world = open_world(settings)
        gateway = open_gateway(settings, database, config_store(database), world.ledger, world.bell)
        if gateway.users.find("bench") is None:
            create(gateway.users, gateway.passwords, "bench", PASSWORD, [Role.ADMIN], datetime.now(UTC))
        headers = {"accept": "text/html", "sec-fetch-site": "same-origin"}
        with TestClient(create_app(gateway), base_url="http://philae.test", headers=headers) as browser:
            browser.post("/sign-in", data={"name": "bench", "password": PASSWORD})
            yield browser, _names(gateway)
    finally:
        database.close()


def _names(gateway: Gateway) -> dict[str, str]:
    found = gateway.deliveries.page(Wanted(node="NODE2"), None, 500)[-1]
    return {"study": found.study_instance_uid, "key": str(found.key)}


def _fill_activity(database: Database) -> None:
    """A month in which every destination was busy all the time, as workers leave it; made anew every hour."""
    last = period_of(datetime.now(UTC))
    by = random.Random(1)
    with database.change() as connection:
        if last - (connection.scalar(sa.select(sa.func.max(activity.c.period))) or 0) < OF_AN_HOUR:
            return
        connection.execute(sa.delete(activity))
        hours = range((last - KEPT // PERIOD) // OF_AN_HOUR * OF_AN_HOUR, last - 2 * OF_AN_HOUR, OF_AN_HOUR)
        places = [*((hour, 0) for hour in hours), *product(range(hours[-1] + OF_AN_HOUR, last + 1), range(SHARDS))]
        rows = [
            {
                "period": period,
                "destination_id": to,
                "shard": shard,
                "delivered": by.randrange(1000),
                "excluded": 1,
                "stopped": 1,
            }
            for period, shard in places
            for to in range(1, SELDOM + 1)
        ]
        connection.execute(sa.insert(activity), rows)

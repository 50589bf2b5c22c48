"""How long the server takes for each page of the web interface over a long ledger."""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from starlette.testclient import TestClient

from benchmarks.measure import Case, Sample, percentile
from benchmarks.monitoring_rows import SELDOM, seeded
from benchmarks.settings import Settings as Benchmarks
from philae.admin.activity import KEPT, PERIOD, period_of
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
ASKED: Final = 20
SHARDS: Final = 2
PASSWORD: Final = "correct horse battery staple"
PAGES: Final = {
    "home": "/",
    "monitoring": "/monitoring",
    "monitoring, a node's errors": "/monitoring?node=NODE2&status=error",
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
    if settings.wants(PEER):
        for name, path in PAGES.items():
            yield Case("pages", name, 0, PEER, partial(_ask, settings, path))


def _ask(settings: Benchmarks, path: str) -> Sample:
    """Wall time as a visitor has it, and processor time, which others on the machine do not change."""
    wall_ms: list[float] = []
    processor_ms: list[float] = []
    with _browser(settings.folder, settings.ledger_rows[-1]) as (browser, names):
        for _ in range(ASKED):
            began, used = time.perf_counter(), time.process_time()
            answer = browser.get(path.format(**names))
            wall_ms.append(1000 * (time.perf_counter() - began))
            processor_ms.append(1000 * (time.process_time() - used))
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
def _browser(folder: Path, deliveries: int) -> Iterator[tuple[TestClient, dict[str, str]]]:
    """Signed in as an administrator, and what to ask for by name."""
    data = seeded(folder, deliveries).parent
    settings = Settings(data=data)
    database = open_database(settings)
    try:
        _fill_activity(database)
        gateway = open_gateway(settings, open_world(settings), database, config_store(database))
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
    """A month in which every destination was busy all the time; made once."""
    last = period_of(datetime.now(UTC))
    by = random.Random(1)
    with database.change() as connection:
        if connection.scalar(sa.select(sa.func.max(activity.c.period))) == last:
            return
        connection.execute(sa.delete(activity))
        rows = [
            {
                "period": period,
                "destination_id": to,
                "shard": shard,
                "delivered": by.randrange(200),
                "excluded": 1,
                "stopped": 1,
            }
            for period in range(last - KEPT // PERIOD, last + 1)
            for to in range(1, SELDOM + 1)
            for shard in range(SHARDS)
        ]
        connection.execute(sa.insert(activity), rows)

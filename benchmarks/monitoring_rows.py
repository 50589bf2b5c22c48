"""Makes a ledger of many deliveries out of nothing: studies of series of instances, most of them sent."""

import random
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from philae.pipeline.outcome import State
from philae.store.database import Database, sqlite_url
from philae.store.instance_ids import first_id_at
from philae.store.rows import uid_key
from philae.store.schema import HEAD, migrate
from philae.store.tables.configuration import destination
from philae.store.tables.deliveries import delivery, tally
from philae.store.tables.instances import accepted, instance

NODES = 5
SERIES_OF_STUDY, INSTANCES_OF_SERIES = 4, 25
BEGAN = 1_750_000_000_000_000
APART = 1_000_000
"""Microseconds between two instances."""
SELDOM = 2 * NODES + 1
"""A destination that few instances went to."""
SENT = ("sop_instance_uid", "study_instance_uid", "series_instance_uid", "patient_id", "accession_number")
COMMON = {State.SENT: 96, State.ALREADY_PRESENT: 1, State.EXCLUDED: 1, State.HELD: 1, State.FAILED: 1}


@dataclass(frozen=True, slots=True)
class Series:
    """The identifiers of one series as it came and as it left."""

    number: int
    node: int

    def uid(self, kind: str, number: int) -> str:
        """The same for the same arguments, and without order, as de-identified ones are."""
        return f"2.25.{random.Random(f'{kind}{number}').getrandbits(127)}"

    def identifiers(self, prefix: str = "") -> dict[str, str]:
        """Study, series, patient."""
        study = self.number // SERIES_OF_STUDY
        return {
            "study_instance_uid": self.uid(f"{prefix}study", study),
            "series_instance_uid": self.uid(f"{prefix}series", self.number),
            "patient_id": f"{prefix}{random.Random(study).getrandbits(40):x}",
        }


def seeded(folder: Path, deliveries: int) -> Path:
    """Return a ledger of this release with about so many deliveries; it is made once."""
    path = folder / f"monitoring-{HEAD}-{deliveries}" / "philae.db"
    if not path.exists():
        database = Database(sqlite_url(path.with_suffix(".new")), durable=False)
        migrate(database)
        database.close()
        with closing(sqlite3.connect(path.with_suffix(".new"))) as connection, connection:
            _fill(connection, deliveries // 2)
        path.with_suffix(".new").rename(path)
    return path


def _fill(connection: sqlite3.Connection, instances: int) -> None:
    """Without indices first: filling them afterwards is several times as fast."""
    indices = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql NOT NULL").fetchall()
    for name, _ in indices:
        connection.execute(f"DROP INDEX {name}")
    counts: Counter[tuple[int, State]] = Counter()
    for batch in _series(instances):
        rows = list(_instances(batch))
        _insert(connection, instance, rows)
        sent = [row for each in rows for row in _deliveries(batch, each)]
        _insert(connection, delivery, sent)
        counts.update((int(str(row["destination_id"])), State(int(str(row["state"])))) for row in sent)
    for _, sql in indices:
        connection.execute(sql)
    _insert(
        connection,
        destination,
        [
            {"id": number, "node": f"NODE{(number - 1) % NODES}", "name": f"to{number}"}
            for number in range(1, SELDOM + 1)
        ],
    )
    _insert(
        connection,
        accepted,
        [{"shard": 0, "node": f"NODE{number}", "instances": instances // NODES} for number in range(NODES)],
    )
    for number in range(1, SELDOM + 1):
        states = {state.name.lower(): counts[number, state] for state in State}
        _insert(
            connection,
            tally,
            [{"shard": 0, "destination_id": number, "opened": sum(states.values()), "forgotten": 0, **states}],
        )


def _series(instances: int) -> Iterator[Series]:
    for number in range(instances // INSTANCES_OF_SERIES):
        yield Series(number, number // SERIES_OF_STUDY % NODES)


def _instances(series: Series) -> Iterator[dict[str, object]]:
    for number in range(INSTANCES_OF_SERIES):
        each = series.number * INSTANCES_OF_SERIES + number
        at = BEGAN + each * APART
        node, uid = f"NODE{series.node}", series.uid("instance", each)
        yield {
            "id": first_id_at(at),
            "node": node,
            "calling_ae_title": f"CT{series.number % 9}",
            "peer_host": "192.0.2.1",
            "sop_class_uid": "1.2.840.10008.5.1.4.1.1.2",
            "sop_instance_uid": uid,
            "issuer_of_patient_id": "",
            "modality": "CT",
            "accession_number": f"A{series.number // SERIES_OF_STUDY}",
            "transfer_syntax_uid": "1.2.840.10008.1.2.1",
            "size": 530_000,
            "digest": bytes(16),
            "received_at": at,
            "uid_key": uid_key(node, uid),
            "repeat": 0,
            **series.identifiers(),
        }


def _deliveries(series: Series, row: dict[str, object]) -> Iterator[dict[str, object]]:
    """To one destination that de-identifies and one that does not; the newest still wait for the latter."""
    number = int(str(row["id"]))
    chance = random.Random(number)
    (state,) = chance.choices(list(COMMON), weights=list(COMMON.values()))
    names = {f"sent_{name}": value for name, value in series.identifiers("P").items()}
    names |= {"sent_accession_number": "", "sent_sop_instance_uid": series.uid("Pinstance", number)}
    yield _delivery(number, 1 + series.node, state, names if state is State.SENT else {})
    seldom = chance.random() < 0.001
    waits = series.node == 0 and chance.random() < 0.2
    yield _delivery(number, SELDOM if seldom else 1 + NODES + series.node, State.QUEUED if waits else State.SENT, {})


def _delivery(number: int, to: int, state: State, names: dict[str, str]) -> dict[str, object]:
    return {
        "instance_id": number,
        "destination_id": to,
        "slot": number >> 20 & 63,
        "state": int(state),
        "config_version": 1,
        "attempts": 0,
        "not_before": 0,
        "worker": None,
        "code": "0000H" if state is State.SENT else None,
        "detail": "0000H success" if state is State.SENT else "for some reason",
        "changed_at": (number >> 10) + 5 * APART,
        **dict.fromkeys(f"sent_{name}" for name in SENT),
        **names,
    }


def _insert(connection: sqlite3.Connection, table: sa.Table, rows: list[dict[str, object]]) -> None:
    names = [column.name for column in table.columns]
    values = ", ".join(f":{name}" for name in names)
    connection.executemany(f"INSERT INTO {table.name} ({', '.join(names)}) VALUES ({values})", rows)

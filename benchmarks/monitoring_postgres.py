"""The same ledger as `benchmarks.monitoring_rows` in PostgreSQL, which makes its rows itself: ten million take minutes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from benchmarks.monitoring_rows import APART, BEGAN, INSTANCES_OF_SERIES, NODES, SELDOM, SERIES_OF_STUDY
from benchmarks.processes import PeerMissing
from philae.pipeline.outcome import State
from philae.store.database import Database
from philae.store.instance_ids import first_id_at
from philae.store.schema import HEAD, migrate
from philae.store.tables.deliveries import delivery, tally
from philae.store.tables.instances import instance
from tests.support.postgres import postgres_server

_UID = """CREATE FUNCTION pg_temp.uid(name text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT '2.25.' || ('x' || substr(md5(name), 1, 15))::bit(60)::bigint
                   || ('x' || substr(md5(name), 16, 15))::bit(60)::bigint $$"""

_DELIVERIES = f"""INSERT INTO delivery (instance_id, destination_id, slot, state, config_version, attempts, not_before,
        code, detail, changed_at, sent_sop_instance_uid, sent_study_instance_uid, sent_series_instance_uid,
        sent_patient_id, sent_accession_number)
    SELECT id, destination_id, (id >> 20) & 63, state, 1, 0, 0, CASE state WHEN {State.SENT:d} THEN '0000H' END,
        CASE state WHEN {State.SENT:d} THEN '0000H success' ELSE 'for some reason' END, received_at + 5 * {APART},
        CASE WHEN named THEN pg_temp.uid('P' || sop_instance_uid) END, CASE WHEN named THEN sent_study END,
        CASE WHEN named THEN sent_series END, CASE WHEN named THEN 'P' || patient END, CASE WHEN named THEN '' END
    FROM (SELECT *, state = {State.SENT:d} AND destination_id <= {NODES} AS named FROM (
        SELECT *, CASE WHEN way = 0 THEN 1 + of.node WHEN chance < 0.001 THEN {SELDOM} ELSE 1 + {NODES} + of.node END
            AS destination_id,
            CASE WHEN way = 1 AND of.node = 0 AND chance > 0.8 THEN {State.QUEUED:d}
                WHEN way = 1 OR chance < 0.96 THEN {State.SENT:d}
                WHEN chance < 0.97 THEN {State.ALREADY_PRESENT:d} WHEN chance < 0.98 THEN {State.EXCLUDED:d}
                WHEN chance < 0.99 THEN {State.HELD:d} ELSE {State.FAILED:d} END AS state
        FROM (SELECT id, sop_instance_uid, received_at, random() AS chance, row_number() OVER (ORDER BY id) - 1 AS each
            FROM instance) AS one
        JOIN series AS of ON of.number = each / {INSTANCES_OF_SERIES} CROSS JOIN (VALUES (0), (1)) AS ways(way)
    ) AS went) AS wide"""
_PLACES = f"""INSERT INTO destination (id, node, name)
    SELECT number, 'NODE' || mod(number - 1, {NODES}), 'to' || number FROM generate_series(1, {SELDOM}) AS number"""
_ACCEPTED = "INSERT INTO accepted (shard, node, instances) SELECT 0, node, count(*) FROM instance GROUP BY node"


@dataclass(frozen=True, slots=True)
class Ledger:
    """A running server that holds one."""

    url: str
    data: Path

    def cpu_s(self) -> float:
        """Processor seconds of its processes, to the microsecond; of those that ended nothing is known."""
        postmaster = (self.data / "postmaster.pid").read_text().split()[0]
        pids = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
        return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9


@contextmanager
def seeded(folder: Path, deliveries: int) -> Iterator[Ledger]:
    """A ledger of this release with about so many deliveries; it is made once. Raises `PeerMissing`."""
    kept = folder / f"postgres-{HEAD}-{deliveries}"
    try:
        with postgres_server(kept / "data") as url:
            if not (kept / "complete").exists():
                _make(url, deliveries // 2)
                (kept / "complete").touch()
            yield Ledger(url, kept / "data")
    except FileNotFoundError as error:
        raise PeerMissing(str(error)) from error


def _make(url: str, instances: int) -> None:
    """From nothing, whatever an earlier attempt left."""
    database = Database(url, durable=False)
    with database.change() as connection:
        connection.execute(sa.text("DROP SCHEMA public CASCADE"))
        connection.execute(sa.text("CREATE SCHEMA public"))
    migrate(database)
    with database.change() as connection:
        _fill(connection, instances)
        connection.execute(sa.text("ANALYZE"))
    database.close()


def _fill(connection: sa.Connection, instances: int) -> None:
    """Without indices first: filling them afterwards is several times as fast."""
    indices = [index for table in (instance, delivery) for index in table.indexes]
    for index in indices:
        index.drop(connection)
    known = _UID, _series(instances // INSTANCES_OF_SERIES), "ANALYZE series"
    for statement in (*known, _instances(instances), _DELIVERIES, _PLACES, _ACCEPTED, _tallies()):
        connection.exec_driver_sql(statement)
    for index in indices:
        index.create(connection)


def _tallies() -> str:
    names = ", ".join(state.name.lower() for state in State)
    counts = ", ".join(f"count(*) FILTER (WHERE state = {state:d})" for state in State)
    return (
        f"INSERT INTO {tally.name} (shard, destination_id, opened, {names}) "
        f"SELECT 0, destination_id, count(*), {counts} FROM delivery GROUP BY destination_id"
    )


def _series(count: int) -> str:
    return f"""CREATE TEMPORARY TABLE series AS
    SELECT number, mod(number / {SERIES_OF_STUDY}, {NODES}) AS node, number / {SERIES_OF_STUDY} AS study,
        pg_temp.uid('study' || number / {SERIES_OF_STUDY}) AS study_uid, pg_temp.uid('series' || number) AS series_uid,
        pg_temp.uid('Pstudy' || number / {SERIES_OF_STUDY}) AS sent_study, pg_temp.uid('Pseries' || number) AS sent_series,
        substr(md5('patient' || number / {SERIES_OF_STUDY}), 1, 10) AS patient
    FROM generate_series(0, {count} - 1) AS number"""


def _instances(count: int) -> str:
    return f"""INSERT INTO instance (id, node, calling_ae_title, peer_host, sop_class_uid, sop_instance_uid,
        study_instance_uid, series_instance_uid, patient_id, issuer_of_patient_id, modality, accession_number,
        transfer_syntax_uid, size, digest, received_at, uid_key, repeat)
    SELECT {first_id_at(BEGAN)} + each * {first_id_at(APART)}, 'NODE' || node, 'CT' || mod(number, 9), '192.0.2.1',
        '1.2.840.10008.5.1.4.1.1.2', pg_temp.uid('instance' || each), study_uid, series_uid, patient, '', 'CT',
        'A' || study, '1.2.840.10008.1.2.1', 530000, '\\x00000000000000000000000000000000', {BEGAN} + each * {APART},
        ('x' || substr(md5('key' || each), 1, 15))::bit(60)::bigint, 0
    FROM generate_series(0::bigint, {count} - 1) AS each JOIN series ON number = each / {INSTANCES_OF_SERIES}"""

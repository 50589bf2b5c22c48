"""What the ledger promises beyond its port, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory

from philae.pipeline.model import Lane, Repeat, Settlement
from philae.pipeline.outcome import State
from philae.pipeline.ports import LedgerUnavailable, NotRecorded
from philae.store import schema
from philae.store.claiming import Claiming
from philae.store.database import Database, Transaction
from philae.store.ledger import SqlLedger
from philae.store.opening import Opening
from philae.store.reading import read_standing, recount
from philae.store.schema import UnknownSchema, alembic_config, migrate
from philae.store.tables.configuration import destination
from philae.store.tables.instances import instance
from tests.support.instances import NOW, make_instance

MINUTE = timedelta(minutes=1)
ONLY = Lane(1, 0, 1)


@pytest.fixture
def ledger(database: Database) -> SqlLedger:
    return SqlLedger(database)


def repeats(database: Database) -> list[Repeat]:
    with database.read() as connection:
        return [Repeat(value) for value in connection.scalars(sa.select(instance.c.repeat).order_by(instance.c.id))]


def in_threads(count: int, work: Callable[[int], object]) -> None:
    together = Barrier(count)

    def run(number: int) -> None:
        together.wait()
        work(number)

    threads = [Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_repeats_are_told_apart(ledger: SqlLedger, database: Database) -> None:
    same, other = bytes(16), bytes([1] * 16)
    ledger.open(make_instance(1, sop_instance_uid="1.2", digest=same), [1], 1)
    ledger.open(make_instance(2, sop_instance_uid="1.2", digest=same), [1], 1)
    ledger.open(make_instance(3, sop_instance_uid="1.2", digest=other), [1], 1)
    ledger.open(make_instance(4, sop_instance_uid="1.2", digest=other), [1], 1)
    ledger.open(make_instance(5, sop_instance_uid="1.2", digest=same, node="OTHER"), [1], 1)
    ledger.open(make_instance(6, sop_instance_uid="1.3", digest=same), [1], 1)

    assert repeats(database) == [
        Repeat.FIRST,
        Repeat.SAME_BYTES,
        Repeat.OTHER_BYTES,
        Repeat.SAME_BYTES,
        Repeat.FIRST,
        Repeat.FIRST,
    ]
    assert ledger.counts().by_destination[1][State.QUEUED] == 6


def test_many_threads_each_get_their_own_answer(ledger: SqlLedger, database: Database) -> None:
    refused: list[int] = []
    ledger.open(make_instance(7), [1], 1)

    def accept(number: int) -> None:
        for each in range(number * 20 + 1, number * 20 + 21):
            try:
                ledger.open(make_instance(each), [1, 2], 1)
            except NotRecorded:
                refused.append(each)

    in_threads(8, accept)

    assert refused == [7]
    assert ledger.counts().accepted == 160
    assert recount(database) == ledger.counts()


def test_nothing_is_acknowledged_when_the_write_breaks_off(ledger: SqlLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes: list[str] = []

    def break_off(self: Opening, transaction: Transaction, group: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(ledger._opening, "_write", break_off.__get__(ledger._opening))

    def accept(number: int) -> None:
        try:
            ledger.open(make_instance(number), [1], 1)
        except (NotRecorded, ZeroDivisionError) as error:
            outcomes.append(type(error).__name__)

    in_threads(6, accept)

    assert len(outcomes) == 6
    monkeypatch.undo()
    ledger.open(make_instance(99), [1], 1)
    assert ledger.counts().accepted == 1


def test_a_batch_that_changed_under_way_is_claimed_by_one_only(ledger: SqlLedger, database: Database) -> None:
    for number in range(200):
        ledger.open(make_instance(number, series=f"1.{number}"), [1], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    claimed: list[int] = []

    def work(_: int) -> None:
        for _ in range(60):
            batch = ledger.claim(ONLY, "w", 5, datetime.now(UTC))
            claimed.extend(delivery.instance.id for delivery in batch)
            ledger.settle([Settlement(delivery, State.SENT) for delivery in batch], "w")

    in_threads(4, work)

    assert len(claimed) == len(set(claimed))
    assert recount(database) == ledger.counts()


def test_two_workers_racing_for_a_lane_do_not_both_get_it(ledger: SqlLedger) -> None:
    lanes = [Lane(1, index, 16) for index in range(16)]
    got: list[set[Lane]] = []

    in_threads(6, lambda number: got.append(ledger.acquire(lanes, f"w{number}", MINUTE)))

    assert sum(map(len, got)) == 16
    assert set.union(*got) == set(lanes)


def test_standing_names_destinations_and_the_oldest_that_waits(ledger: SqlLedger, database: Database) -> None:
    with database.change() as connection:
        rows = [{"id": 1, "node": "PHILAE", "name": "archive"}, {"id": 2, "node": "PHILAE", "name": "local"}]
        connection.execute(sa.insert(destination), rows)
    ledger.open(make_instance(1), [1, 2], 1)
    ledger.acquire([ONLY], "w", MINUTE)
    ledger.settle([Settlement(each, State.SENT) for each in ledger.claim(ONLY, "w", 1, NOW)], "w")

    (node,) = read_standing(database).nodes

    archive, local = node.destinations
    assert (node.ae_title, node.accepted) == ("PHILAE", 1)
    assert (archive.name, archive.opened, archive.by_state[State.SENT], archive.oldest_waiting) == (
        "archive",
        1,
        1,
        None,
    )
    assert (local.name, local.by_state[State.QUEUED], local.oldest_waiting) == ("local", 1, NOW)


def test_migrations_lead_to_the_tables(database: Database) -> None:
    with database.change() as connection:
        config = alembic_config(connection)
        script = ScriptDirectory.from_config(config)

        command.check(config)

        assert script.get_heads() == [schema.HEAD]


def test_migrating_again_changes_nothing(database: Database, ledger: SqlLedger) -> None:
    ledger.open(make_instance(1), [1], 1)
    migrate(database)

    assert ledger.counts().accepted == 1


def test_a_database_of_a_newer_release_is_left_alone(database: Database) -> None:
    with database.change() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    try:
        with pytest.raises(UnknownSchema, match="9999"):
            migrate(database)
    finally:
        with database.change() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{schema.HEAD}'")


def test_a_database_that_cannot_be_reached_says_so() -> None:
    database = Database("postgresql://philae@/philae?host=/nowhere")

    with pytest.raises(LedgerUnavailable):
        migrate(database)
    with pytest.raises(LedgerUnavailable):
        SqlLedger(database).counts()
    with pytest.raises(NotRecorded):
        SqlLedger(database).open(make_instance(1), [1], 1)
    database.close()


def test_claiming_merges_every_slot(database: Database, ledger: SqlLedger) -> None:
    """A lane of 64 slots is one query; its answer is in order."""
    for number in range(128):
        ledger.open(make_instance(1000 - number, series=f"9.{number}"), [1], 1)

    found = Claiming(database, ledger._claiming._tallies)._due(ONLY, 128, 0)

    assert [delivery.instance.id for delivery in found] == list(range(873, 1001))

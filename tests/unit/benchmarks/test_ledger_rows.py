"""Copied ledger rows keep the accounting identity."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, create_engine

from benchmarks.ledger_rows import ledger_in, multiply
from benchmarks.processes import PeerFailed
from philae.pipeline.outcome import State
from philae.store.tables import metadata
from philae.store.tables.deliveries import delivery, tally
from philae.store.tables.instances import accepted, instance


def _filled(columns: Iterable[Column[Any]], **values: object) -> dict[str, object]:
    blank = {
        column.name: b"" if column.name == "digest" else "" if column.type.python_type is str else 0
        for column in columns
    }
    return {**blank, **values}


def _ledger(path: Path, rows: int) -> None:
    engine = create_engine(f"sqlite:///{path}")
    metadata.create_all(engine)
    with engine.begin() as connection:
        for number in range(10_000, 10_000 + rows):
            connection.execute(instance.insert().values(_filled(instance.columns, id=number, uid_key=number)))
            sent = _filled(delivery.columns, instance_id=number, state=int(State.SENT))
            connection.execute(delivery.insert().values(sent))
        connection.execute(accepted.insert().values(_filled(accepted.columns, node="PHILAE", instances=rows)))
        connection.execute(tally.insert().values(_filled(tally.columns, opened=rows, sent=rows)))
    engine.dispose()


def test_copies_are_counted(tmp_path: Path) -> None:
    _ledger(tmp_path / "ledger.sqlite", rows=5)

    held = multiply(ledger_in(tmp_path), 50)

    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as database:
        counts = [database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in ("instance", "delivery")]
        opened, sent = database.execute("SELECT opened, sent FROM tally").fetchone()
    assert held == 50
    assert counts == [50, 50]
    assert (opened, sent) == (50, 50)


def test_folder_without_a_ledger_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"something else")

    with pytest.raises(PeerFailed):
        ledger_in(tmp_path)

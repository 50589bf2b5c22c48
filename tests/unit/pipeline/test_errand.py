from __future__ import annotations

import logging

import pytest

from philae.pipeline.errand import keep_at
from philae.pipeline.ports import LedgerUnavailable
from philae.pipeline.wake import Wake


def test_a_database_that_is_away_is_said_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    wake = Wake()
    turns: list[int] = []

    def work() -> None:
        turns.append(len(turns))
        if len(turns) == 1:
            raise LedgerUnavailable("gone")
        wake.stop()

    with caplog.at_level(logging.ERROR):
        keep_at(work, wake, 0.01)

    assert turns == [0, 1]
    assert [record.message for record in caplog.records] == ["ledger.unavailable"]


def test_who_was_told_to_stop_does_not_begin() -> None:
    wake = Wake()
    wake.stop()

    keep_at(lambda: pytest.fail("began"), wake, 0.01)

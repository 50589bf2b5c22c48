from __future__ import annotations

from datetime import UTC, datetime

import pytest

from philae.config.windows import Hours, read_window
from philae.pipeline import hours as module
from philae.pipeline.hours import ClosedFor

NIGHTS = Hours((read_window("20:00-06:00"),), UTC)


def at(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(module, "time", lambda: datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def test_a_lane_waits_for_the_next_window(monkeypatch: pytest.MonkeyPatch) -> None:
    closed_s = ClosedFor(NIGHTS)

    waited = []
    for moment in ("2026-03-02T19:59:50", "2026-03-02T19:59:59", "2026-03-02T20:00", "2026-03-03T06:00"):
        at(monkeypatch, moment)
        waited.append(closed_s())

    assert waited == [10.0, 1.0, 0.0, 14 * 3600.0]


def test_the_windows_are_looked_at_again_when_the_clock_is_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    closed_s = ClosedFor(NIGHTS)
    at(monkeypatch, "2026-03-02T21:00")
    assert closed_s() == 0.0

    at(monkeypatch, "2026-03-02T19:00")

    assert closed_s() == 3600.0


def test_without_windows_nothing_waits() -> None:
    assert ClosedFor(Hours((), UTC))() == 0.0

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from philae.admin.notifications.alarms import DestinationHealth
from philae.admin.notifications.closing import since_opening
from philae.config.configuration import Configuration
from philae.config.windows import read_window
from tests.support.lanes import make_destination, make_node


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def configuration(*windows: str) -> Configuration:
    written = {"windows": tuple(map(read_window, windows)), "time_zone": "UTC"}
    return Configuration(forward_nodes=(make_node(make_destination().model_copy(update=written)),))


@pytest.mark.parametrize(
    "now, expected",
    [
        ("2026-03-02T19:00", None),
        ("2026-03-02T21:00", moment("2026-03-02T20:00")),
    ],
)
def test_an_instance_waits_only_while_its_destination_is_open(now: str, expected: datetime | None) -> None:
    health = DestinationHealth(1, "out", "PHILAE", 0, oldest_waiting=moment("2026-03-02T09:00"))

    found = since_opening(health, configuration("20:00-06:00"), moment(now))

    assert found.oldest_waiting == expected


def test_without_windows_it_waits_from_when_it_came() -> None:
    health = DestinationHealth(1, "out", "PHILAE", 0, oldest_waiting=moment("2026-03-02T09:00"))

    assert since_opening(health, configuration(), moment("2026-03-02T21:00")) == health

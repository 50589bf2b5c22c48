"""When something becomes an alarm, and when it is over."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from philae.admin.notifications.alarms import (
    Alarm,
    Certificate,
    DestinationHealth,
    Disk,
    Health,
    Limits,
    alarm_mail,
    find_alarms,
)
from philae.pipeline.commitments import Uncommitted

NOW = datetime(2026, 7, 1, 12, tzinfo=UTC)
LIMITS = Limits(down=timedelta(minutes=5), waiting=timedelta(hours=1), certificate=timedelta(days=30))


def keys(health: Health, *ongoing: str) -> list[str]:
    return [each.key for each in find_alarms(health, LIMITS, ongoing)]


def with_destination(**changes: Any) -> Health:
    return Health(NOW, [DestinationHealth(**{"id": 3, "name": "archive", "node": "PHILAE", "held": 0, **changes})])


def ago(**time: float) -> datetime:
    return NOW - timedelta(**time)


@pytest.mark.parametrize(
    "health, expected",
    [
        (with_destination(), []),
        (with_destination(failing_since=ago(minutes=4)), []),
        (with_destination(failing_since=ago(minutes=5)), ["down:3"]),
        (with_destination(oldest_waiting=ago(minutes=59)), []),
        (with_destination(oldest_waiting=ago(hours=1)), ["waiting:3"]),
        (with_destination(held=1), ["held:3"]),
        (with_destination(uncommitted=Uncommitted(1, ago(hours=9), attempts=3)), []),
        (with_destination(uncommitted=Uncommitted(1, ago(minutes=4), attempts=4)), []),
        (with_destination(uncommitted=Uncommitted(1, ago(minutes=5), attempts=4)), ["commitment:3"]),
        (Health(NOW, disk=Disk(free=200, watermark=100)), []),
        (Health(NOW, disk=Disk(free=199, watermark=100)), ["disk"]),
        (Health(NOW, disk=Disk(free=0, watermark=0)), []),
        (Health(NOW, certificates=[Certificate("own.pem", NOW + timedelta(days=31))]), []),
        (Health(NOW, certificates=[Certificate("own.pem", NOW + timedelta(days=30))]), ["certificate:own.pem"]),
        (Health(NOW, certificates=[Certificate("own.pem", ago(days=1))]), ["certificate:own.pem"]),
        (Health(NOW, nobody_told=True), ["mail"]),
    ],
)
def test_an_alarm_begins_at_its_limit(health: Health, expected: list[str]) -> None:
    assert keys(health) == expected


def test_everything_that_is_wrong_is_an_alarm_of_its_own() -> None:
    health = with_destination(failing_since=ago(days=1), oldest_waiting=ago(days=1), held=7)

    assert keys(health) == ["down:3", "waiting:3", "held:3"]


def test_a_disk_that_wavers_around_its_limit_is_one_alarm() -> None:
    wavering, better = Health(NOW, disk=Disk(249, 100)), Health(NOW, disk=Disk(250, 100))

    assert keys(wavering) == []
    assert keys(wavering, "disk") == ["disk"]
    assert keys(better, "disk") == []


def test_a_mail_tells_what_began_what_is_over_and_what_to_do() -> None:
    began = [Alarm("a", "the first thing", "do this"), Alarm("b", "the second thing", "do that")]

    mail = alarm_mail(("a@b.example",), began, [Alarm("c", "the old thing", "")])
    over = alarm_mail(("a@b.example",), [], began[:1])

    assert mail.subject == "[Philae] ALARM: the first thing (and 2 more)"
    assert mail.text.splitlines() == [
        "ALARM: the first thing; do this.",
        "ALARM: the second thing; do that.",
        "Over: the old thing.",
    ]
    assert over.subject == "[Philae] over: the first thing"

"""The doctor's rounds."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from philae.admin.examinations import SCHEDULE, ill_destinations
from philae.admin.notifications.alarms import Health, Limits, find_alarms
from philae.app.rounds import Rounds
from philae.pipeline.wake import Wake
from philae.web.gateway import Gateway
from tests.support.documents import document, node, to_folder
from tests.support.web import web_gateway

EVERY = timedelta(minutes=15)
LIMITS = Limits(down=EVERY, waiting=EVERY, certificate=EVERY)


@pytest.fixture
def gateway(tmp_path: Path) -> Iterator[Gateway]:
    (tmp_path / "out").mkdir()
    with web_gateway(tmp_path, document(node(to_folder(tmp_path / "out")))) as gateway:
        yield gateway


def rounds(gateway: Gateway, since: datetime) -> Rounds:
    return Rounds(gateway.configurations, gateway.deliveries, gateway.examinations, EVERY, since)


def alarms(gateway: Gateway) -> list[str]:
    ill = ill_destinations(gateway.examinations, gateway.configurations.current())
    return [each.key for each in find_alarms(Health(datetime.now(UTC), ill=ill), LIMITS)]


def test_a_destination_is_examined_when_it_is_due_and_not_before(gateway: Gateway) -> None:
    start = datetime.now(UTC)
    due = rounds(gateway, start)

    due.work(start + EVERY / 2, {1}, Wake())
    assert gateway.examinations.of(1, 10) == []

    due.work(start + EVERY, {1}, Wake())
    due.work(start + EVERY, {1}, Wake())

    (examined,) = gateway.examinations.of(1, 10)
    assert (examined.actor, examined.is_healthy) == (SCHEDULE, True)


def test_one_that_is_ill_is_an_alarm_until_it_is_well_again(gateway: Gateway, tmp_path: Path) -> None:
    start = datetime.now(UTC) - 10 * EVERY
    (tmp_path / "out").rmdir()
    (tmp_path / "out").write_text("in the way")

    rounds(gateway, start).work(start + EVERY, {1}, Wake())
    assert alarms(gateway) == ["doctor:1"]

    (tmp_path / "out").unlink()
    (tmp_path / "out").mkdir()
    rounds(gateway, start).work(datetime.now(UTC) + EVERY, {1}, Wake())
    assert alarms(gateway) == []


def test_what_is_removed_or_held_elsewhere_is_left_alone(gateway: Gateway) -> None:
    start = datetime.now(UTC)

    rounds(gateway, start).work(start + EVERY, {7}, Wake())
    rounds(gateway, start).work(start + EVERY, set(), Wake())

    assert gateway.examinations.newest({1, 7}) == {}


def test_after_being_told_to_stop_nothing_is_begun(gateway: Gateway) -> None:
    start, wake = datetime.now(UTC), Wake()
    wake.stop()

    rounds(gateway, start).work(start + EVERY, {1}, wake)

    assert gateway.examinations.of(1, 10) == []

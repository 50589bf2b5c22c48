"""Delivery windows open and close when the clock on the wall says so."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from philae.config.configuration import Configuration
from philae.config.document import DocumentFaults, dump_document, load_document
from philae.config.windows import Hours, read_window
from philae.destinations import SETTINGS

ZURICH = ZoneInfo("Europe/Zurich")
NIGHTS = ("mon-fri 20:00-06:00", "sat, sun 00:00-24:00")
DOCUMENT = """\
forward_nodes:
  - ae_title: PHILAE
    destinations:
      - name: archive
        kind: folder
        path: out
        time_zone: Europe/Zurich
        windows: WINDOWS
"""


def hours(*windows: str) -> Hours:
    return Hours(tuple(map(read_window, windows)), ZURICH)


def at(text: str) -> datetime:
    """A time in Zurich."""
    return datetime.fromisoformat(text).replace(tzinfo=ZURICH).astimezone(UTC)


def load(windows: str, document: str = DOCUMENT) -> Configuration:
    text = document.replace("WINDOWS", windows)
    return load_document(text, Path("/"), destination_kinds=SETTINGS, pseudonym_kinds={})


@pytest.mark.parametrize(
    "now, until",
    [
        ("2026-03-02T12:00", "2026-03-02T20:00"),  # a Monday
        ("2026-03-02T20:00", None),
        ("2026-03-03T05:59", None),
        ("2026-03-03T06:00", "2026-03-03T20:00"),
        ("2026-03-07T06:30", None),  # Saturday, when Friday's window is over
        ("2026-03-08T23:59", None),
        ("2026-03-09T00:00", "2026-03-09T20:00"),
    ],
)
def test_nights_and_weekends_are_open(now: str, until: str | None) -> None:
    assert hours(*NIGHTS).closed_until(at(now)) == (at(until) if until else None)


def test_a_weekly_window_opens_in_a_week() -> None:
    weekly = hours("wed 12:00-13:00")

    assert weekly.closed_until(at("2026-03-04T13:00")) == at("2026-03-11T12:00")


def test_the_clock_on_the_wall_counts_when_it_is_changed() -> None:
    morning = hours("sun 06:00-07:00")

    winter, summer = morning.closed_until(at("2026-03-22T00:00")), morning.closed_until(at("2026-03-28T12:00"))

    assert winter == datetime(2026, 3, 22, 5, tzinfo=UTC)
    assert summer == datetime(2026, 3, 29, 4, tzinfo=UTC)


def test_windows_that_touch_are_one() -> None:
    weekend = hours("sat, sun 00:00-24:00")

    assert weekend.open_since(at("2026-03-08T12:00")) == at("2026-03-07T00:00")
    assert weekend.open_since(at("2026-03-09T00:00")) is None


def test_without_windows_it_is_always_open() -> None:
    always = Hours((), UTC)

    assert always.closed_until(at("2026-03-02T12:00")) is None
    assert always.open_since(at("2026-03-02T12:00")) is not None


@pytest.mark.parametrize(
    "written, understood",
    [
        ("mon-fri 20:00-06:00", "mon-fri 20:00-06:00"),
        ("Tue, mon 8:00 - 9:30", "mon, tue 08:00-09:30"),
        ("fri-mon 00:00-24:00", "mon, fri-sun 00:00-24:00"),
        ("20:00-00:00", "mon-sun 20:00-00:00"),
        ({"days": ["mon", "tue"], "from": "20:00", "to": "06:00"}, "mon, tue 20:00-06:00"),
        ({"from": "20:00", "to": "06:00"}, "mon-sun 20:00-06:00"),
    ],
)
def test_windows_are_read_as_people_write_them(written: object, understood: str) -> None:
    window = read_window(written)

    assert str(window) == understood
    assert read_window(understood) == window


@pytest.mark.parametrize(
    "written",
    ["", "mon", "mon 8-9", "moon 08:00-09:00", "mon 25:00-26:00", "mon 08:60-09:00", "mon 08:00-08:00", {}, 7],
)
def test_what_is_no_window_is_refused(written: object) -> None:
    with pytest.raises(ValueError, match=r"mon-fri 20:00-06:00|no day|no time|length"):
        read_window(written)


def test_windows_come_back_out_of_a_document() -> None:
    written = dump_document(load("[{days: [mon, tue], from: 20:00, to: 06:00}, sat 00:00-24:00]"))

    assert "windows:\n    - mon, tue 20:00-06:00\n    - sat 00:00-24:00\n" in written
    assert load("", written) == load("[mon-tue 20:00-06:00, sat 00:00-24:00]")


def test_faulty_windows_are_told_with_their_line() -> None:
    with pytest.raises(DocumentFaults, match=r"line 8.*windows\[0\]: there is no day 'moon'"):
        load("[moon 08:00-09:00]")


@pytest.mark.parametrize("zone", ["", "        time_zone: Mars/Base\n"])
def test_windows_need_a_time_zone(zone: str) -> None:
    with pytest.raises(DocumentFaults, match="Europe/Zurich"):
        load("[sat 00:00-24:00]", DOCUMENT.replace("        time_zone: Europe/Zurich\n", zone))

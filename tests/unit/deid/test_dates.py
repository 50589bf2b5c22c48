from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from philae.deid.dates import Clock, coarsen, midnights_between, shift_as, shift_da, shift_text, shift_tm
from philae.deid.datetimes import shift_dt
from philae.deid.errors import UnreadableDate
from philae.deid.keys import Keys, parse_secret
from philae.deid.shifts import DUMMY_RANGE, Shift, ShiftRange, shift_by_tag
from philae.dicom.tags import parse_tag_pattern
from tests.support.golden import golden

SHIFT = Shift(144, 34_225)
EARLIEST, LATEST = datetime.fromisoformat("1900-01-01"), datetime.fromisoformat("2100-01-01")


def both(block: str) -> list[dict[str, Any]]:
    return [*golden("unit_test", block), *golden("running", block)]


def shifted(dataset: dict[str, list[str]], shift: Shift) -> dict[str, str]:
    return {tag: shift_text(vr, text, shift) for tag, (vr, text) in dataset.items()}


@pytest.mark.parametrize("vector", golden("unit_test", "shift_date") + golden("running", "da_shift"))
def test_da_moves_as_karnaks(vector: dict[str, Any]) -> None:
    if vector["result"].startswith("EXCEPTION"):
        with pytest.raises(UnreadableDate):
            shift_da(vector["date"], vector["days"])
    else:
        assert shift_da(vector["date"], vector["days"]) == vector["result"]


@pytest.mark.parametrize("vector", golden("unit_test", "shift_time") + golden("running", "tm_shift"))
def test_tm_moves_as_karnaks(vector: dict[str, Any]) -> None:
    if vector["result"].startswith("EXCEPTION"):
        with pytest.raises(UnreadableDate):
            shift_tm(vector["time"], vector["seconds"])
    else:
        assert shift_tm(vector["time"], vector["seconds"]) == vector["result"]


@pytest.mark.parametrize("vector", golden("unit_test", "shift_age") + golden("running", "as_shift"))
def test_as_moves_as_karnaks(vector: dict[str, Any]) -> None:
    if vector.get("result", "").startswith("EXCEPTION"):
        with pytest.raises(UnreadableDate):
            shift_as(vector["age"], vector["days"])
    else:
        assert shift_as(vector["age"], vector["days"]) == vector["result"]


@pytest.mark.parametrize("vector", golden("running", "dt_shift"))
def test_dt_moves_as_karnaks(vector: dict[str, Any]) -> None:
    # given
    shift = Shift(vector["days"], vector["seconds"])
    clock = Clock(vector["timezone_offset_from_utc"], ZoneInfo(vector["server_timezone"]))

    # then
    if vector["result"].startswith("EXCEPTION"):
        with pytest.raises(UnreadableDate):
            shift_text("DT", vector["datetime"], shift, clock)
    else:
        assert shift_text("DT", vector["datetime"], shift, clock) == vector["result"]


@pytest.mark.parametrize("vector", [v for v in golden("running", "dt_shift") if v["server_timezone"] == "UTC"])
def test_dt_is_told_in_utc_unless_a_zone_is_configured(vector: dict[str, Any]) -> None:
    offset = vector["timezone_offset_from_utc"]

    assert shift_dt(vector["datetime"], Shift(1, 60), offset_from_utc=offset) == vector["result"]


@pytest.mark.parametrize(
    "text, result",
    [
        ("20080729131503.123456-0500", "20080728131403.123000-0500"),
        ("20080729131503", "20080728131403.000000"),
        ("2008+0000", "20071230235900.000000+0000"),
    ],
)
def test_dt_keeps_clock_and_offset_when_asked(text: str, result: str) -> None:
    assert shift_dt(text, Shift(1, 60), offset_from_utc="+0900", keep_offset=True) == result


@pytest.mark.parametrize("text", ["", "20080729131503+9900x", "0000", "99991399", "20080729131503.12a"])
def test_dt_that_is_none_or_leaves_the_calendar_is_unreadable(text: str) -> None:
    with pytest.raises(UnreadableDate):
        shift_dt(text, Shift(0, 0))


def test_dt_with_an_unreadable_offset_of_the_instance_is_unreadable() -> None:
    with pytest.raises(UnreadableDate, match="0008,0201"):
        shift_dt("2008", Shift(0, 0), offset_from_utc="CET")


@pytest.mark.parametrize(
    "text, days", [("00000101", 1), ("99991231", -1), ("20200101", 2**31 - 1), ("20200101", -(2**31))]
)
def test_da_never_leaves_the_years_0_to_9999(text: str, days: int) -> None:
    with pytest.raises(UnreadableDate):
        shift_da(text, days)


@pytest.mark.parametrize("text, days, result", [("00010101", 1, "00001231"), ("00000229", -1, "00000301")])
def test_da_knows_the_year_0(text: str, days: int, result: str) -> None:
    assert shift_da(text, days) == result


@given(st.dates(), st.integers(-400_000, 400_000))
def test_da_moved_forth_and_back_is_itself(day: Any, days: int) -> None:
    text = f"{day.year:04d}{day:%m%d}"
    try:
        moved = shift_da(text, days)
    except UnreadableDate:
        return

    assert shift_da(moved, -days) == text


@given(st.times(), st.integers(-(2**31), 2**31 - 1))
def test_tm_moved_forth_and_back_is_itself(time: Any, seconds: int) -> None:
    text = f"{time:%H%M%S.%f}"

    assert shift_tm(shift_tm(text, seconds), -seconds) == text


@given(st.sampled_from(["DA", "TM", "AS", "DT"]), st.text(), st.integers(-(2**31), 2**31 - 1))
def test_any_text_is_moved_or_unreadable_without_being_told(vr: str, text: str, amount: int) -> None:
    try:
        shift_text(vr, text, Shift(amount, amount))
    except UnreadableDate as error:
        message = str(error)
    else:
        return

    assert len(text) < 6 or text not in message


def test_a_value_that_is_no_date_is_never_moved() -> None:
    with pytest.raises(ValueError, match="LO"):
        shift_text("LO", "20200101", SHIFT)


@pytest.mark.parametrize("vector", both("date_format"))
def test_date_format_equals_karnaks(vector: dict[str, Any]) -> None:
    if vector["result"].startswith("EXCEPTION"):
        with pytest.raises(UnreadableDate):
            coarsen(vector["vr"], vector["value"], vector["remove"])
    else:
        assert coarsen(vector["vr"], vector["value"], vector["remove"]) == vector["result"]


@pytest.mark.parametrize("vr, text", [("AS", "045Y"), ("TM", "120000")])
def test_date_format_leaves_ages_and_times_to_later_elements(vr: str, text: str) -> None:
    assert coarsen(vr, text, "day") is None


@pytest.mark.parametrize("text", ["20081301", "20080832", "2008080124", "200808011260", "20080801121260", "20080"])
def test_date_format_refuses_what_is_no_moment(text: str) -> None:
    with pytest.raises(UnreadableDate):
        coarsen("DT", text, "day")


@pytest.mark.parametrize("vector", golden("unit_test", "shift"))
def test_fixed_shift_equals_karnaks(vector: dict[str, Any]) -> None:
    assert shifted(vector["input"], Shift(vector["days"], vector["seconds"])) == vector["expected"]


@pytest.mark.parametrize("vector", golden("unit_test", "shift_range"))
def test_shift_range_of_a_dataset_equals_karnaks(vector: dict[str, Any]) -> None:
    # given
    keys = Keys(parse_secret(vector["key"]))

    # when
    arguments = {"min_days": 0, "min_seconds": 0, **vector["arguments"]}
    shift = ShiftRange(**arguments).at(keys.fraction(vector["patient_id"]))

    # then
    assert vector.get("shift_days", shift.days) == shift.days
    assert vector.get("shift_seconds", shift.seconds) == shift.seconds
    assert shifted(vector["input"], shift) == vector["expected"]


@pytest.mark.parametrize("vector", golden("running", "shift_range"))
def test_shift_range_of_a_patient_equals_karnaks(vector: dict[str, Any]) -> None:
    # given
    keys = Keys(parse_secret(vector["key"]))
    bounds = {name: vector[name] for name in ("min_days", "max_days", "min_seconds", "max_seconds")}
    values = [name.split() for name in vector if name[:2] in {"DA", "TM", "AS", "DT"}]

    # when
    shift = ShiftRange(**bounds).at(keys.fraction(vector["patient_id"]))

    # then
    assert (shift.days, shift.seconds) == (vector["shift_days"], vector["shift_seconds"])
    assert {f"{vr} {text}": shift_text(vr, text, shift) for vr, text in values} == {
        f"{vr} {text}": vector[f"{vr} {text}"] for vr, text in values
    }


@pytest.mark.parametrize("vector", golden("unit_test", "shift_by_tag"))
def test_shift_by_tag_equals_karnaks(vector: dict[str, Any]) -> None:
    # given
    tags = [vector["arguments"].get(name) for name in ("days_tag", "seconds_tag")]
    amounts = [vector["context"].get(f"{parse_tag_pattern(tag).value:08X}") if tag else None for tag in tags]

    # when
    shift = shift_by_tag(*amounts)

    # then
    assert shifted(vector["input"], shift) == vector["expected"]


@pytest.mark.parametrize(
    "vector", [v for v in golden("running", "default_dummy") if v["vr"] in {"AS", "DA", "DT", "TM"} and v["input"]]
)
def test_default_dummy_of_dates_equals_karnaks(vector: dict[str, Any]) -> None:
    # given
    keys = Keys(parse_secret("0123456789abcdef0123456789abcdef"))
    first_value = vector["input"].split("\\")[0]

    # when
    shift = DUMMY_RANGE.at(keys.fraction("PATIENT-1"))

    # then
    assert shift == SHIFT
    assert shift_text(vector["vr"], first_value, shift) == vector["result"]


@pytest.mark.parametrize(
    "time, seconds, days",
    [
        ("101530", 34_225, 0),
        ("093024", 34_225, 1),
        ("093025", 34_225, 0),
        ("23", -3_600, -1),
        ("12", 100_000, 1),
        ("", 99, 0),
    ],
)
def test_a_date_goes_back_one_more_day_when_its_time_crosses_midnight(time: str, seconds: int, days: int) -> None:
    assert Shift(144, seconds).past(midnights_between(time, seconds)) == Shift(144 + days, seconds)


@given(
    st.datetimes(EARLIEST, LATEST).map(lambda moment: moment.replace(microsecond=0)),
    st.integers(-40_000, 40_000),
    st.integers(-300_000, 300_000),
)
def test_a_date_and_its_time_stay_one_moment(moment: datetime, days: int, seconds: int) -> None:
    shift, time = Shift(days, seconds), f"{moment:%H%M%S}"

    date = shift_da(f"{moment:%Y%m%d}", shift.past(midnights_between(time, seconds)).days)

    assert date + shift_tm(time, seconds) == shift_dt(f"{moment:%Y%m%d%H%M%S}", shift, keep_offset=True)

"""Dates that stay useful."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.errors import DeidError
from philae.deid.profile import ElementSpec, Profile, Project
from philae.dicom.tags import parse_tag_pattern
from tests.support.engine import BASIC, SECRET, deidentified, instance, morphed, on_tags
from tests.support.trees import Element, text

STUDY_DATE, STUDY_TIME = 0x00080020, 0x00080030


def dates(option: str, *tags: str, excluded: tuple[str, ...] = (), **arguments: object) -> ElementSpec:
    return ElementSpec(
        "Dates",
        "action.on.dates",
        option=option,
        arguments=tuple((name, str(value)) for name, value in arguments.items()),
        tags=tuple(map(parse_tag_pattern, tags)),
        excluded_tags=tuple(map(parse_tag_pattern, excluded)),
    )


def engine(*elements: ElementSpec, **switches: Any) -> CompiledProfile:
    return compile_profile(Profile("Profile", elements=elements), Project("P", SECRET, **switches))


def values(compiled: CompiledProfile, *elements: Element) -> dict[int, str]:
    found = deidentified(compiled, instance(*elements))
    return {
        element.tag: bytes_of(found[element.tag]).decode().rstrip(" ") for element in elements if element.tag in found
    }


def bytes_of(element: Element) -> bytes:
    assert isinstance(element.value, bytes)
    return element.value


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize(
    "time, seconds, expected",
    [
        ("100000", 3_600, ("20200110", "090000")),
        ("000500", 3_600, ("20200109", "230500")),
        ("235900", -3_600, ("20200111", "005900")),
        ("120000", 2 * 86_400, ("20200108", "120000")),
    ],
)
def test_a_date_goes_along_when_its_time_crosses_midnight(
    time: str, seconds: int, expected: tuple[str, str], undefined: bool
) -> None:
    # given
    day, hour = expected[0], f"{expected[1]}.000000"
    pair = [text(STUDY_DATE, "DA", "20200110"), text(0x00080022, "DA", "20200110"), text(STUDY_TIME, "TM", time)]
    tree = instance(*pair, Element(0x00400275, "SQ", [pair]))

    # when
    out = deidentified(engine(dates("shift", days=0, seconds=seconds)), tree, undefined=undefined)

    # then
    moved = [text(STUDY_DATE, "DA", day), text(0x00080022, "DA", "20200110"), text(STUDY_TIME, "TM", hour)]
    assert [out[element.tag] for element in pair] == moved
    assert out[0x00400275].value == [moved]


def test_a_date_and_time_stay_the_moment_that_their_date_time_tells() -> None:
    moment = [
        text(STUDY_DATE, "DA", "20200110"),
        text(0x0008002A, "DT", "20200110000500"),
        text(STUDY_TIME, "TM", "000500"),
    ]

    moved = values(engine(dates("shift_range", max_days=365, max_seconds=86_400)), *moment)

    assert moved[STUDY_DATE] + moved[STUDY_TIME] == moved[0x0008002A]


@pytest.mark.parametrize("switch", [{"compat_karnak": True}, {"time_shift": "independent"}])
def test_karnaks_times_wrap_alone(switch: dict[str, Any]) -> None:
    pair = [text(STUDY_DATE, "DA", "20200110"), text(STUDY_TIME, "TM", "000500")]

    moved = values(engine(dates("shift", days=1, seconds=3_600), **switch), *pair)

    assert moved == {STUDY_DATE: "20200109", STUDY_TIME: "230500.000000"}


def test_a_date_whose_time_does_not_move_stays_on_its_day() -> None:
    pair = [text(STUDY_DATE, "DA", "20200110"), text(STUDY_TIME, "TM", "000500")]
    compiled = engine(dates("shift", excluded=("StudyTime",), days=1, seconds=3_600))

    assert values(compiled, *pair) == {STUDY_DATE: "20200109", STUDY_TIME: "000500"}


def test_the_same_patient_moves_by_the_same_in_every_study() -> None:
    compiled = engine(dates("shift_range", max_days=1000, max_seconds=0))
    days = [text(STUDY_DATE, "DA", day) for day in ("20200110", "20210520")]

    first, second = (date.fromisoformat(values(compiled, day)[STUDY_DATE]) for day in days)
    other = deidentified(compiled, instance(days[0], text(0x00100020, "LO", "PATIENT-2")))

    assert date(2020, 1, 10) - first == date(2021, 5, 20) - second
    assert other[STUDY_DATE] != text(STUDY_DATE, "DA", f"{first:%Y%m%d}")


def test_date_times_keep_their_clock_and_offset() -> None:
    moment = text(0x0008002A, "DT", "20200110233000+0200")

    assert values(engine(dates("shift", days=1, seconds=60)), moment)[0x0008002A] == "20200109232900.000000+0200"


@pytest.mark.parametrize(
    "switch, expected",
    [({"compat_karnak": True}, "20200109212900.000000"), ({"server_timezone": "Asia/Tokyo"}, "20200110062900.000000")],
)
def test_date_times_can_be_told_in_the_zone_of_a_server(switch: dict[str, Any], expected: str) -> None:
    compiled = engine(dates("shift", days=1, seconds=60), **switch)

    own = values(compiled, text(0x0008002A, "DT", "20200110233000+0200"))
    of_instance = values(compiled, text(0x0008002A, "DT", "20200110233000"), text(0x00080201, "SH", "+0200"))

    assert own[0x0008002A] == of_instance[0x0008002A] == expected


def test_an_offset_that_is_none_keeps_no_date_time_from_moving() -> None:
    compiled = engine(dates("shift", days=1, seconds=60), compat_karnak=True)

    moved = values(compiled, text(0x0008002A, "DT", "20200110233000"), text(0x00080201, "SH", "summer"))

    assert moved[0x0008002A] == "20200109232900.000000"


def test_a_time_zone_that_is_none_is_refused() -> None:
    with pytest.raises(DeidError, match="Europe/Zurich"):
        Project("P", SECRET, server_timezone="Mars/Base")


def test_the_instance_can_say_how_far_it_moves() -> None:
    compiled = engine(dates("shift_by_tag", days_tag="00200011", seconds_tag="00200012"))
    tree = (text(STUDY_DATE, "DA", "20200110"), text(0x00200011, "IS", "5"))
    nested = Element(0x00400275, "SQ", [[text(STUDY_DATE, "DA", "20200110")]])

    for amount, day in (("5", "20200105"), ("6", "20200104"), ("x", "20200110")):
        out = deidentified(compiled, instance(*tree[:1], text(0x00200011, "IS", amount), nested))
        assert out[STUDY_DATE] == text(STUDY_DATE, "DA", day)
        assert out[0x00400275].value == [[text(STUDY_DATE, "DA", day)]]


@pytest.mark.parametrize(
    "remove, expected",
    [("day", ("19700701", "20200101101112.500000+0100")), ("month_day", ("19700101", "20200101101112.500000+0100"))],
)
def test_dates_can_be_made_coarser(remove: str, expected: tuple[str, str]) -> None:
    elements = (
        text(0x0008002A, "DT", "20200117101112.5+0100"),
        text(STUDY_TIME, "TM", "101112"),
        text(0x00100030, "DA", "19700720"),
        text(0x00101010, "AS", "050Y"),
    )

    out = values(engine(dates("date_format", remove=remove)), *elements)

    assert (out[0x00100030], out[0x0008002A]) == expected
    assert (out[STUDY_TIME], out[0x00101010]) == ("101112", "050Y")


@pytest.mark.parametrize("compat_karnak", [False, True])
def test_what_is_no_date_goes_as_the_type_of_its_attribute_asks(compat_karnak: bool) -> None:
    wrong = (
        text(STUDY_DATE, "DA", "yesterday"),  # type 2: emptied
        text(0x0008002A, "DT", "2020-XX"),  # type 3: removed
        text(0x00101010, "AS", "50Y"),  # type 3: removed
    )

    out = values(engine(dates("shift", days=1, seconds=1), compat_karnak=compat_karnak), *wrong)

    assert out == {STUDY_DATE: ""}


@pytest.mark.parametrize("age", [b"012\xab", b"045Y JANE DOE", b"045\xc4"])
@pytest.mark.parametrize("spec", [dates("shift", days=1, seconds=1), on_tags("DDum", "(0010,1010)")])
def test_what_follows_an_age_does_not_stay_unless_it_is_a_unit(spec: ElementSpec, age: bytes) -> None:
    out = values(engine(spec), Element(0x00101010, "AS", age))

    assert out.get(0x00101010, "") == ""


def test_an_empty_date_is_left_to_the_next_element() -> None:
    out = values(engine(dates("shift", days=1, seconds=1), BASIC), text(0x00080021, "DA", ""))

    assert out == {}


def test_only_listed_dates_move_and_their_first_value_alone() -> None:
    compiled = engine(dates("shift", "StudyDate", "(0018,XXXX)", excluded=("(0018,9074)",), days=1, seconds=0))
    elements = (
        text(STUDY_DATE, "DA", "20200110"),
        text(0x00080021, "DA", "20200110"),
        text(0x00181200, "DA", "20200110\\20200111"),
        text(0x00189074, "DT", "20200110"),
    )

    assert list(values(compiled, *elements).values()) == ["20200109", "20200110", "20200109", "20200110"]


def test_a_private_date_moves_and_keeps_its_creator() -> None:
    creator, date = text(0x00090010, "LO", "VENDOR"), text(0x00091001, "DA", "20200110")

    out = deidentified(engine(dates("shift", days=1, seconds=0), BASIC), instance(creator, date))

    assert (out[0x00090010], out[0x00091001]) == (creator, text(0x00091001, "DA", "20200109"))


def test_morphing_needs_no_pseudonym_for_it() -> None:
    tree = instance(text(STUDY_DATE, "DA", "20200110"))

    assert text(STUDY_DATE, "DA", "20200109") in morphed(engine(dates("shift", days=1, seconds=0)), tree)


@pytest.mark.parametrize(
    "spec, expected",
    [
        (dates("shift", days=1, seconds=2), "minus 1 days and 2 seconds on all dates and times"),
        (
            dates("shift_range", "StudyDate", max_days=9, max_seconds=0, min_days=3),
            "minus 3 to 9 days and 0 to 0 seconds by patient on (0008,0020)",
        ),
        (dates("shift_by_tag", days_tag="00200011"), "minus what (0020,0011) says on all dates and times"),
        (
            dates("date_format", excluded=("StudyDate",), remove="day"),
            "day set to 01 on all dates and times except (0008,0020)",
        ),
        (dates("date_format", remove="month_day"), "month and day set to 01 on all dates and times"),
    ],
)
def test_people_are_told_what_happens_to_dates(spec: ElementSpec, expected: str) -> None:
    assert engine(spec).elements[0].describe() == expected

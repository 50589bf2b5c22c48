"""Profiles as Karnak's users have them load, and do what is said of them."""

from __future__ import annotations

import pytest

from philae.deid.engine import CompiledProfile, compile_profile
from philae.deid.errors import DeidError
from philae.deid.pixels.errors import PixelFault
from philae.deid.profile import Project
from philae.deid.profile_file import dump_profile, load_profile
from philae.deid.requests import Failure, Request
from philae.dicom.splice import joined, splice
from tests.support.engine import SECRET, deidentified, instance
from tests.support.trees import Element, encoded, parse, text

KEEP_BY_CONDITION = """
name: Followed studies
version: 1.0
minimumKarnakVersion: 0.9.7
profileElements:
  - name: Studies of R2D2
    codename: action.on.specific.tags
    condition: "tagValueContains(#Tag.StudyDescription, 'R2D2')"
    action: K
    tags: ["(0008,1030)"]
  - name: Doses of the PET
    codename: action.on.privatetags
    action: K
    tags: ["(7053,xx00)", "(7053,xx09)"]
  - name: The rest
    codename: basic.dicom.profile
"""
PRIVATE_GROUP = """
name: One private group
profileElements:
  - {name: Stays, codename: action.on.privatetags, action: K, tags: ["(0009,xxxx)"]}
  - {name: Goes, codename: action.on.privatetags, action: X}
"""
DATES = """
name: Dates
version: 1.0
defaultIssuerOfPatientID:
profileElements:
  - name: Two months at most
    codename: action.on.dates
    arguments: {max_seconds: 60, min_days: 10, max_days: 50}
    option: shift_range
    tags: ["0008,0012", "0008,003X"]
    excludedTags: ["0008,0030", "0008,0032"]
  - name: Years
    codename: action.on.dates
    arguments: {remove: month_day}
    option: format_date
    tags: ["0008,0023", "0008,0021"]
  - name: Ten days
    codename: action.on.dates
    arguments: {seconds: 30, days: 10}
    option: shift
    tags: ["0010,XXXX"]
    excludedTags: ["0010,1010"]
  - {name: The rest, codename: basic.dicom.profile}
"""
DAYS_IN_A_TAG = """
name: Days
profileElements:
  - {name: By tag, codename: action.on.dates, arguments: {days_tag: "(0015,0011)"}, option: shift_by_tag, tags: ["0010,XXXX"]}
"""
EXPRESSION = """
name: John
profileElements:
  - name: John is his institution
    codename: expression.on.tags
    arguments:
      expr: "stringValue == 'John' and tag == #Tag.PatientName? Replace(getString(#Tag.InstitutionName)) : Keep()"
    tags: ["(xxxx,xxxx)"]
  - {name: Nothing is left to it, codename: basic.dicom.profile}
"""
FROM_SERVICE = """
name: Registry
profileElements:
  - name: Patient ID
    codename: action.replace.api
    arguments:
      url: "http://example.com/{{getString(#Tag.PatientID)}}/endpoint"
      responsePath: "/_embedded/0/value"
      authConfig: "endpoint-auth-config"
    tags: ["(0010,0020)"]
  - name: Patient name
    codename: action.replace.api
    arguments:
      url: "http://example.com/patients"
      method: "POST"
      body: '{"patientId": "{{getString(#Tag.PatientID)}}"}'
      responsePath: "/name"
      authConfig: "endpoint-auth-config"
      defaultValue: "ANONYMOUS"
    tags: ["(0010,0010)"]
"""
MASKED = """
name: Masked
version: 1.0
profileElements:
  - name: Annotation where it is missing
    codename: action.add.tag
    condition: "tagValueContains(#Tag.StationName, 'ICT256') && !tagIsPresent(#Tag.BurnedInAnnotation)"
    arguments: {value: "YES", vr: CS}
    tags: ["(0028,0301)"]
  - name: Annotation
    codename: expression.on.tags
    condition: "tagValueContains(#Tag.StationName, 'ICT256')"
    arguments: {expr: "Replace('YES')"}
    tags: ["(0028,0301)"]
  - {name: Masks, codename: clean.pixel.data}
  - {name: The rest, codename: basic.dicom.profile}
masks:
  - {stationName: "*", color: ffff00, rectangles: ["25 75 150 50"]}
  - {stationName: ICT256, color: 00ff00, rectangles: ["25 25 150 50", "350 15 150 50"]}
"""
FACES = """
name: Faces
profileElements:
  - {name: Tell, codename: action.add.tag, arguments: {value: "YES"}, tags: ["(0028,0302)"]}
  - {name: Deface, codename: clean.recognizable.visual.features, condition: "tagIsPresent(#Tag.BodyPartExamined)"}
"""
ALL = [KEEP_BY_CONDITION, PRIVATE_GROUP, DATES, DAYS_IN_A_TAG, EXPRESSION, FROM_SERVICE, MASKED, FACES]
STUDY = 0x00081030


def compiled(profile: str) -> CompiledProfile:
    return compile_profile(load_profile(profile), Project("P", SECRET))


@pytest.mark.parametrize("profile", ALL)
def test_they_load_and_export_as_themselves(profile: str) -> None:
    loaded = load_profile(profile)

    assert load_profile(dump_profile(loaded)) == loaded
    assert not load_profile(dump_profile(loaded)).warnings or "vr" in profile


def test_only_studies_that_the_condition_names_keep_their_description() -> None:
    followed, other = text(STUDY, "LO", "Head R2D2"), text(STUDY, "LO", "Head")
    vendor, dose, note = text(0x70530010, "LO", "PET"), text(0x70531000, "DS", "1.5"), text(0x70531003, "LO", "note")

    out = deidentified(compiled(KEEP_BY_CONDITION), instance(followed, vendor, dose, note))

    assert (out[STUDY], out[0x70530010], out[0x70531000]) == (followed, vendor, dose)
    assert 0x70531003 not in out
    assert STUDY not in deidentified(compiled(KEEP_BY_CONDITION), instance(other))


def test_one_private_group_stays() -> None:
    mine = (text(0x00090010, "LO", "A"), text(0x00091001, "LO", "x"))
    others = (text(0x00110010, "LO", "B"), text(0x00111001, "LO", "y"))

    out = deidentified(compiled(PRIVATE_GROUP), instance(*mine, *others))

    assert [tag for tag in out if tag >> 16 & 1] == [0x00090010, 0x00091001]


def test_dates_move_as_the_option_of_their_element_says() -> None:
    elements = (
        text(0x00080021, "DA", "20200615"),
        text(0x00080023, "DA", "20200615"),
        text(0x00080030, "TM", "101530"),
        text(0x00080031, "TM", "101530"),
        text(0x00100030, "DA", "19700620"),
        text(0x00101010, "AS", "050Y"),
    )

    out = deidentified(compiled(DATES), instance(*elements))

    assert out[0x00080021].value == out[0x00080023].value == b"20200101"
    assert out[0x00100030].value == b"19700610"
    assert out[0x00080031].value == b"101507.000000 "  # 23.8 of 60 seconds
    assert out[0x00080030].value == b""  # left to the Basic Profile, as is the age
    assert 0x00101010 not in out


def test_a_tag_says_how_many_days() -> None:
    days, birth = text(0x00150011, "LO", "5"), text(0x00100030, "DA", "19700620")

    assert deidentified(compiled(DAYS_IN_A_TAG), instance(days, birth))[0x00100030].value == b"19700615"


def test_an_expression_on_everything_leaves_nothing_to_later_elements() -> None:
    hospital, age = text(0x00080080, "LO", "Hospital"), text(0x00101010, "AS", "050Y")
    profile = compiled(EXPRESSION)

    for name, expected in (("John", "Hospital"), ("Jane", "Jane")):
        source = encoded(instance(hospital, text(0x00100010, "PN", name), age))
        out = {each.tag: each for each in parse(joined(source.source, splice(source, profile.morph(source).edits)))}
        assert out[0x00100010] == text(0x00100010, "PN", expected)
        assert (out[0x00080080], out[0x00101010]) == (hospital, age)


def test_services_are_asked_for_the_id_and_the_name() -> None:
    profile, source = compiled(FROM_SERVICE), encoded(instance(text(0x00100010, "PN", "Doe")))
    get = Request("GET", "http://example.com/PATIENT-1/endpoint", None, "endpoint-auth-config")
    post = Request("POST", "http://example.com/patients", '{"patientId": "PATIENT-1"}', "endpoint-auth-config")

    assert set(profile.requests(source, pseudonym=None)) == {get, post}
    plan = profile.morph(source, replies={get: '{"_embedded": [{"value": "R-7"}]}', post: Failure("host answered 404")})
    out = {each.tag: each for each in parse(joined(source.source, splice(source, plan.edits)))}

    assert (out[0x00100020], out[0x00100010]) == (text(0x00100020, "LO", "R-7"), text(0x00100010, "PN", "ANONYMOUS"))
    with pytest.raises(DeidError, match="Patient ID"):
        profile.morph(source, replies={get: Failure("host answered 404"), post: '{"name": "A"}'})


@pytest.mark.parametrize("annotation", [None, "NO", ""])
def test_images_of_a_station_are_cleaned(annotation: str | None) -> None:
    pixels = Element(0x7FE00010, "OW", b"\0\0")
    said = [] if annotation is None else [text(0x00280301, "CS", annotation)]
    profile = compiled(MASKED)

    with pytest.raises(PixelFault, match="Bits Allocated"):
        deidentified(profile, instance(text(0x00081010, "SH", "ICT256"), *said, pixels))
    assert 0x7FE00010 in deidentified(profile, instance(text(0x00081010, "SH", "OTHER"), *said, pixels))


def test_faces_are_told_of_in_instances_that_can_have_them() -> None:
    out = deidentified(compiled(FACES), instance())

    assert out[0x00280302] == text(0x00280302, "CS", "YES")
    pixels = Element(0x7FE00010, "OW", b"\0\0")
    axial = (text(0x00180015, "CS", "HEAD"), text(0x00200037, "DS", "1\\0\\0\\0\\1\\0"), pixels)
    with pytest.raises(PixelFault, match="Bits Allocated"):
        deidentified(compiled(FACES), instance(*axial))

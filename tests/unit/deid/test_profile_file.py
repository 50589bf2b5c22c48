from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from philae.deid.errors import Fault, ProfileFaults
from philae.deid.mask_file import parse_color, parse_rectangle
from philae.deid.profile import Color, ElementSpec, Mask, Profile, Rectangle
from philae.deid.profile_file import dump_profile, load_profile
from philae.deid.profile_rules import CODENAMES
from philae.dicom.tags import TagPattern, parse_tag_pattern
from tests.support.golden import golden

RESEARCH = """\
# Head and neck trial, phase 2
name: Head and neck
version: 1.0
minimumKarnakVersion: 0.9.7
profileElements:
  - name: Ultrasound only with a mask
    codename: clean.pixel.data
    condition: "!tagValueContains(#Tag.StationName, 'TEST')"

  - name: Keep the protocol
    codename: action.on.specific.tags
    action: K
    tags:
      - (0018,1030)
      - 0008,103E
      - 00180015
    excludedTags: ["(0018,0015)"]

  - name: Keep dose of vendor
    codename: action.on.privatetags
    action: K
    tags: ['(7053,xx00)', 7053xx09]

  - name: Shift within two months
    codename: action.on.dates
    option: shift_range
    arguments: {max_seconds: 3600, min_days: 10, max_days: 60}

  - name: Older than it looks
    codename: expression.on.tags
    arguments:
      expr: "stringValue == null ? Remove() : Keep()"
    tags: ["(xxxx,xxxx)"]

  - name: Site
    codename: action.add.tag
    arguments: {value: YES}
    tags: ["(0012,0062)"]

  - name: Subject key of the trial
    codename: action.add.private.tag
    arguments: {value: 007, vr: LO, privateCreator: TRIAL}
    tags: ["(0057,1005)"]

  - name: Study description from the registry
    codename: action.replace.api
    arguments:
      url: https://registry.example/{{getString(#Tag.StudyInstanceUID)}}
      responsePath: /description
      defaultValue: none
    tags: ["(0008,1030)"]

  - name: The rest
    codename: basic.dicom.profile
masks:
  - stationName: "*"
    color: ffff00
    rectangles: [25 75 150 50]
  - stationName: R2D2
    imageWidth: 1024
    imageHeight: 1024
    color: "00ff00"
    rectangles:
      - 25 75 150 50
      - "  0 0   300 40 "
"""


def profile_text(element: str = "  - {name: Basic, codename: basic.dicom.profile}", rest: str = "") -> str:
    return f"name: P\nprofileElements:\n{element}\n{rest}"


def mask_text(mask: str) -> str:
    return profile_text("  - {name: Clean, codename: clean.pixel.data}", f"masks:\n  - {mask}\n")


def faults_of(text: str) -> tuple[Fault, ...]:
    with pytest.raises(ProfileFaults) as refused:
        load_profile(text)
    return refused.value.faults


def the_fault_of(text: str) -> Fault:
    (fault,) = faults_of(text)
    return fault


def test_profile_reads_as_written() -> None:
    # when
    profile = load_profile(RESEARCH)

    # then
    assert (profile.name, profile.version, profile.minimum_karnak_version) == ("Head and neck", "1.0", "0.9.7")
    assert [element.codename for element in profile.elements] == [
        "clean.pixel.data",
        "action.on.specific.tags",
        "action.on.privatetags",
        "action.on.dates",
        "expression.on.tags",
        "action.add.tag",
        "action.add.private.tag",
        "action.replace.api",
        "basic.dicom.profile",
    ]
    assert profile.elements[1] == ElementSpec(
        name="Keep the protocol",
        codename="action.on.specific.tags",
        action="K",
        tags=(TagPattern(0x00181030), TagPattern(0x0008103E), TagPattern(0x00180015)),
        excluded_tags=(TagPattern(0x00180015),),
    )
    assert profile.elements[2].tags == (TagPattern(0x70530000, 0xFFFF00FF), TagPattern(0x70530009, 0xFFFF00FF))
    assert profile.elements[3].arguments == (("max_seconds", "3600"), ("min_days", "10"), ("max_days", "60"))
    assert profile.elements[8].line == 53
    assert profile.warnings == ()


def test_masks_read_as_written() -> None:
    assert load_profile(RESEARCH).masks == (
        Mask("*", color=Color(255, 255, 0), rectangles=(Rectangle(25, 75, 150, 50),)),
        Mask("R2D2", 1024, 1024, Color(0, 255, 0), (Rectangle(25, 75, 150, 50), Rectangle(0, 0, 300, 40))),
    )


def test_scalars_are_the_characters_written() -> None:
    elements = load_profile(RESEARCH).elements

    assert elements[5].argument("value") == "YES"
    assert elements[6].argument("value") == "007"


def test_an_element_may_be_repeated_by_a_yaml_alias() -> None:
    text = profile_text("  - &one {name: Basic, codename: basic.dicom.profile}\n  - *one")

    assert len(load_profile(text).elements) == 2


def test_every_fault_is_reported_at_once_with_its_line() -> None:
    # given
    text = """\
version: 2
licence: MIT
profileElements:
  - name: Wrong word
    codename: action.on.specific.tag
  - name: Wrong in many ways
    codename: action.on.specific.tags
    action: k
    tags: [0010,0010]
  - name: Dates
    codename: action.on.dates
    option: shift_range
    arguments: {min_day: 3, max_days: soon}
masks:
  - {stationName: S, imageWidth: 512, color: ff0000, rectangles: [10 20 30]}
"""

    # when
    faults = faults_of(text)

    # then
    assert [(fault.line, fault.path) for fault in faults] == [
        (1, "profile name"),
        (2, "profile licence"),
        (5, "profileElements[0] 'Wrong word' codename"),
        (8, "profileElements[1] 'Wrong in many ways' action"),
        (9, "profileElements[1] 'Wrong in many ways' tags[0]"),
        (9, "profileElements[1] 'Wrong in many ways' tags[1]"),
        (10, "profileElements[2] 'Dates' arguments.max_seconds"),
        (13, "profileElements[2] 'Dates' arguments.min_day"),
        (13, "profileElements[2] 'Dates' arguments.max_days"),
        (15, "masks[0]"),
        (15, "masks[0] rectangles[0]"),
    ]
    assert faults[2].remedy == "did you mean action.on.specific.tags?"
    assert faults[7].remedy == "did you mean min_days?"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# nothing",
        "name: [",
        "a: b: c",
        "name: \x01",
        "[" * 3000,
        "--- a\n--- b",
        "- x",
        "text",
        "name: \ud800",
        "? [a]\n: b",
    ],
)
def test_what_is_no_profile_is_refused(text: str) -> None:
    assert faults_of(text)


@given(st.text(alphabet="abn:-[]{}&*!|>'\"# \n\t,?x0", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        load_profile(text)
    except ProfileFaults as refused:
        faults = refused.faults
    else:
        return

    assert faults


@given(st.recursive(st.text(max_size=4), lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
    ["name", "codename", "profileElements", "masks", "tags", "arguments", "rectangles", "stationName", "color", "x"]
), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_any_structure_is_read_or_refused(document: object) -> None:
    try:
        load_profile(yaml.safe_dump(document))
    except ProfileFaults as refused:
        faults = refused.faults
    else:
        return

    assert faults


ELEMENT_FAULTS = {
    "codename: basic.dicom.profile": ("name", "missing"),
    "name: E": ("codename", "missing"),
    "name: E, codename: replace.uids": ("codename", "unknown codename"),
    "name: E, codename: basic.dicom.profile, actions: K": ("actions", "unknown key"),
    "name: E, codename: basic.dicom.profile, action: [K]": ("action", "text is expected"),
    "name: E, codename: basic.dicom.profile, action: !!python/name:os K": ("action", "YAML tag"),
    "name: E, codename: action.on.specific.tags, tags: ['00100010']": ("action", "missing"),
    "name: E, codename: action.on.specific.tags, action: X": ("tags", "missing"),
    "name: E, codename: action.on.specific.tags, action: X, tags: '00100010'": ("tags", "not a list"),
    "name: E, codename: action.on.specific.tags, action: X, tags: ['00100010', '']": ("tags[1]", "no tag"),
    "name: E, codename: action.on.specific.tags, action: X, tags: [PatientNam]": ("tags[0]", "no tag"),
    "name: E, codename: action.on.specific.tags, action: DUMMY, tags: ['00100010']": ("action", "unknown action"),
    "name: E, codename: action.on.privatetags": ("action", "missing"),
    "name: E, codename: action.on.dates": ("option", "missing"),
    "name: E, codename: action.on.dates, option: shuffle": ("option", "unknown option"),
    "name: E, codename: action.on.dates, option: shift, arguments: {days: 1}": ("arguments.seconds", "missing"),
    "name: E, codename: action.on.dates, option: shift, arguments: {days: 1.5, seconds: 0}": (
        "arguments.days",
        "integer",
    ),
    "name: E, codename: action.on.dates, option: shift, arguments: {days: 9999999999, seconds: 0}": (
        "arguments.days",
        "integer",
    ),
    "name: E, codename: action.on.dates, option: shift, arguments: {days: [1], seconds: 0}": (
        "arguments.days",
        "text is expected",
    ),
    "name: E, codename: action.on.dates, option: shift, arguments: days": ("arguments", "not a mapping"),
    "name: E, codename: action.on.dates, option: shift_range, arguments: {max_days: 9}": (
        "arguments.max_seconds",
        "missing",
    ),
    "name: E, codename: action.on.dates, option: date_format": ("arguments.remove", "missing"),
    "name: E, codename: action.on.dates, option: date_format, arguments: {remove: year}": (
        "arguments.remove",
        "unknown",
    ),
    "name: E, codename: action.on.dates, option: shift_by_tag, arguments: {days_tag: 0015XX10}": (
        "arguments.days_tag",
        "not one tag",
    ),
    "name: E, codename: replace.uid, action: K, tags: ['0020000D']": ("action", "unknown action"),
    "name: E, codename: action.add.tag, tags: ['00120010']": ("arguments", "missing"),
    "name: E, codename: action.add.tag, arguments: {value: A}": ("tags", "missing"),
    "name: E, codename: action.add.tag, arguments: {value: A}, tags: ['00280106']": ("tags", "more than one VR"),
    "name: E, codename: action.add.tag, arguments: {value: A}, tags: ['00120099']": ("tags", "no attribute"),
    "name: E, codename: action.add.tag, arguments: {value: A}, tags: ['00020010']": ("tags", "no attribute"),
    "name: E, codename: action.add.tag, arguments: {value: A}, tags: ['00091010']": ("tags", "is private"),
    "name: E, codename: action.add.tag, arguments: {value: A}, tags: ['0012XX10']": ("tags", "is a pattern"),
    "name: E, codename: action.add.tag, arguments: {value: A}, tags: ['00081140']": ("arguments.value", "sequence"),
    "name: E, codename: action.add.private.tag, arguments: {vr: LO}, tags: ['00571005']": (
        "arguments",
        "fewer than two",
    ),
    "name: E, codename: action.add.private.tag, arguments: {value: A, privateCreator: B}, tags: ['00571005']": (
        "arguments.vr",
        "missing",
    ),
    "name: E, codename: action.add.private.tag, arguments: {value: A, vr: XX}, tags: ['00571005']": (
        "arguments.vr",
        "unknown VR",
    ),
    "name: E, codename: action.add.private.tag, arguments: {value: A, vr: LO}, tags: ['00571005', '00571006']": (
        "tags",
        "more than one",
    ),
    "name: E, codename: action.add.private.tag, arguments: {value: A, vr: LO}, tags: ['00100010']": (
        "tags",
        "not private",
    ),
    "name: E, codename: expression.on.tags, tags: ['00100010']": ("arguments.expr", "missing"),
    "name: E, codename: action.replace.api, arguments: {url: 'https://e/', responsePath: /}": ("tags", "missing"),
    "name: E, codename: action.replace.api, arguments: {url: 'https://e/'}, tags: ['00081030']": (
        "arguments.responsePath",
        "missing",
    ),
    "name: E, codename: action.replace.api, arguments: {url: 'https://e/', responsePath: /, method: put}, tags: ['00081030']": (
        "arguments.method",
        "unknown method",
    ),
    "name: E, codename: action.replace.api, arguments: {url: 'https://e/', responsePath: /, method: POST}, tags: ['00081030']": (
        "arguments.body",
        "missing",
    ),
}


@pytest.mark.parametrize("element, expected", ELEMENT_FAULTS.items())
def test_an_element_that_cannot_work_is_refused_once(element: str, expected: tuple[str, str]) -> None:
    # when
    fault = the_fault_of(profile_text(f"  - {{{element}}}"))

    # then
    key, message = expected
    assert fault.path.rpartition(" ")[2] == key
    assert message in fault.message
    assert fault.line == 3
    assert fault.remedy


MISUNDERSTOOD = {
    "condition: 'tagIsPresent(#Tag.PatientIdd)', codename: basic.dicom.profile": (
        "condition",
        "PatientIdd",
        "PatientID",
    ),
    "condition: 'tagIsPresent(', codename: clean.pixel.data": ("condition", "column", ""),
    "codename: expression.on.tags, arguments: {expr: 'Kept()'}, tags: ['00100010']": ("arguments.expr", "Kept", "Keep"),
    "codename: expression.on.tags, arguments: {expr: \"''.getClass()\"}, tags: ['00100010']": (
        "arguments.expr",
        "getClass",
        "",
    ),
    "codename: expression.on.tags, arguments: {expr: 'Keep()'}": ("tags", "missing", ""),
    "codename: action.replace.api, arguments: {url: 'ftp://e/', responsePath: ''}, tags: ['00100010']": (
        "arguments.url",
        "web service",
        "https",
    ),
    "codename: action.replace.api, arguments: {url: 'https://e/{{getStrin(1)}}', responsePath: ''}, tags: ['00100010']": (
        "arguments.url",
        "getStrin",
        "getString",
    ),
    "codename: action.add.tag, arguments: {value: many}, tags: [NumberOfFrames]": None,
    "codename: action.add.tag, arguments: {value: many}, tags: [Rows]": ("arguments.value", "US", "US"),
}


@pytest.mark.parametrize("element, expected", MISUNDERSTOOD.items())
def test_what_is_asked_of_instances_is_understood_when_the_profile_is_read(
    element: str, expected: tuple[str, str, str] | None
) -> None:
    text = profile_text(f"  - {{name: E, {element}}}")

    if expected is None:
        assert load_profile(text).elements
    else:
        key, message, remedy = expected
        fault = the_fault_of(text)
        assert fault.path.rpartition(" ")[2] == key
        assert message in fault.message
        assert remedy in fault.remedy


ELEMENT_WARNINGS = {
    "name: E, codename: basic.dicom.profile, tags: ['00100010']": "tags",
    "name: E, codename: basic.dicom.profile, args: x": "args",
    "name: E, codename: action.on.specific.tags, action: D, tags: ['00100010'], arguments: {value: A}": "arguments",
    "name: E, codename: action.on.privatetags, action: X, tags: ['00100010']": "tags",
    "name: E, codename: action.on.dates, option: format_date, arguments: {remove: day}": "option",
    "name: E, codename: action.on.dates, option: shift_by_tag": "arguments",
    "name: E, codename: action.add.tag, arguments: {value: A, vr: LO}, tags: ['00120010']": "arguments.vr",
    "name: E, codename: action.add.tag, arguments: {value: A}, tags: ['00120010', '00120020']": "tags",
    "name: E, codename: replace.uid, action: U, tags: ['0020000D']": "codename",
    "name: E, codename: replace.uid": "tags",
    "name: E, name: E, codename: basic.dicom.profile": "name",
    "name: E, codename: clean.pixel.data": "masks",
}


@pytest.mark.parametrize("element, key", ELEMENT_WARNINGS.items())
def test_what_has_no_effect_is_accepted_with_a_warning(element: str, key: str) -> None:
    (warning,) = load_profile(profile_text(f"  - {{{element}}}")).warnings

    assert warning.path.rpartition(" ")[2] == key
    assert warning.line == 3


def test_the_last_of_equal_keys_counts() -> None:
    assert (
        load_profile("name: first\nname: last\nprofileElements: [{name: B, codename: basic.dicom.profile}]").name
        == "last"
    )


def test_the_documented_word_for_date_format_is_understood() -> None:
    text = profile_text("  - {name: D, codename: action.on.dates, option: format_date, arguments: {remove: day}}")

    assert load_profile(text).elements[0].option == "date_format"


def test_an_empty_key_is_as_good_as_none() -> None:
    element = load_profile(
        profile_text("  - {name: B, codename: basic.dicom.profile, condition: , tags: , arguments: }")
    ).elements[0]

    assert element == ElementSpec("B", "basic.dicom.profile")


def test_a_profile_that_would_do_nothing_is_refused() -> None:
    assert the_fault_of("name: P").path == "profileElements"
    assert the_fault_of("name: P\nprofileElements: []").path == "profileElements"


def test_the_default_issuer_is_kept_and_said_to_have_no_effect() -> None:
    profile = load_profile(profile_text(rest="defaultIssuerOfPatientID: HUG"))

    assert profile.default_issuer == "HUG"
    assert profile.warnings[0].remedy == "set it on the destination"


@pytest.mark.parametrize("vector", [v for v in golden("unit_test", "rectangle") if "x" in v])
def test_a_rectangle_reads_as_karnaks(vector: dict[str, int]) -> None:
    assert parse_rectangle(str(vector["in"])) == (vector["x"], vector["y"], vector["w"], vector["h"])


@pytest.mark.parametrize("text", ["10 20 30", "10 20 30 40 50", "a b c d", "1 2 3.5 4", "1 2 -3 4", ""])
def test_a_rectangle_that_would_hide_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="x y width height"):
        parse_rectangle(text)


COLORS = [
    *golden("unit_test", "mask_color"),
    *((v["color"], [v["r"], v["g"], v["b"]]) for v in golden("running", "mask_color")),
]


@pytest.mark.parametrize("text, color", COLORS)
def test_a_mask_has_karnaks_colour(text: str, color: list[int]) -> None:
    profile = load_profile(mask_text(f"{{stationName: S, color: '{text}', rectangles: [1 2 3 4]}}"))

    assert list(profile.masks[0].color) == color
    assert bool(profile.warnings) == (not all(character in "0123456789abcdef" for character in text))


def test_short_colours_are_right_aligned() -> None:
    assert parse_color("123") == Color(0, 1, 0x23)


def test_a_mask_without_colour_fills_with_black() -> None:
    profile = load_profile(mask_text("{stationName: S, rectangles: [1 2 3 4]}"))

    assert profile.masks[0].color == (0, 0, 0)
    assert [warning.path for warning in profile.warnings] == ["masks[0] color"]


@pytest.mark.parametrize(
    "mask, path",
    [
        ("{color: ff0000, rectangles: [1 2 3 4]}", "masks[0] stationName"),
        ("{stationName: S, color: ff0000}", "masks[0] rectangles"),
        ("{stationName: S, imageHeight: 3, color: ff0000, rectangles: [1 2 3 4]}", "masks[0]"),
        (
            "{stationName: S, imageHeight: 3, imageWidth: x, color: ff0000, rectangles: [1 2 3 4]}",
            "masks[0] imageWidth",
        ),
        ("{stationName: S, colour: ff0000, color: ff0000, rectangles: [1 2 3 4]}", "masks[0] colour"),
        ("{stationName: S, color: ff0000, rectangles: [1 2 3]}", "masks[0] rectangles[0]"),
        ("{stationName: S, color: ff0000, rectangles: 1 2 3 4}", "masks[0] rectangles"),
        (
            "{stationName: S, color: ff0000, rectangles: [1 2 3 4]}\n  - {stationName: S, color: '0', rectangles: [1 2 3 4]}",
            "masks[1]",
        ),
    ],
)
def test_a_mask_that_could_miss_its_images_is_refused(mask: str, path: str) -> None:
    assert the_fault_of(mask_text(mask)).path == path


def test_masks_without_cleaning_are_accepted_with_a_warning() -> None:
    text = profile_text(rest="masks: [{stationName: S, color: ff0000, rectangles: [1 2 3 4]}]")

    assert [warning.path for warning in load_profile(text).warnings] == ["masks"]


def test_a_dumped_profile_is_karnaks_file() -> None:
    document = yaml.load(dump_profile(load_profile(RESEARCH)), Loader=yaml.BaseLoader)

    assert document["profileElements"][1] == {
        "name": "Keep the protocol",
        "codename": "action.on.specific.tags",
        "action": "K",
        "tags": ["(0018,1030)", "(0008,103E)", "(0018,0015)"],
        "excludedTags": ["(0018,0015)"],
    }
    assert document["masks"][0] == {"stationName": "*", "color": "ffff00", "rectangles": ["25 75 150 50"]}
    assert "defaultIssuerOfPatientID" not in document


def test_a_dumped_profile_reads_as_itself() -> None:
    profile = load_profile(RESEARCH)

    assert load_profile(dump_profile(profile)) == profile


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)
TAGS = st.sampled_from(["(0010,0010)", "(50XX,XXXX)", "(7053,XX00)", "0008103E"]).map(parse_tag_pattern)
SOME_TAGS = st.lists(TAGS, min_size=1, max_size=4).map(tuple)
AMOUNTS = st.integers(-(2**31), 2**31 - 1).map(str)
CONDITIONS = st.sampled_from(["tagIsPresent(#Tag.PatientID)", "tagValueContains('0008,1030', 'a''b') and\n!false"])
NAMED = {"name": TEXTS, "condition": st.none() | CONDITIONS}
ELEMENTS = st.one_of(
    st.builds(ElementSpec, codename=st.sampled_from(CODENAMES[:3]), **NAMED),
    st.builds(
        ElementSpec,
        codename=st.sampled_from(["action.on.specific.tags", "action.on.privatetags"]),
        action=st.sampled_from(["K", "X", "Z", "D", "DDum", "U"]),
        tags=SOME_TAGS,
        excluded_tags=st.just(()) | SOME_TAGS,
        **NAMED,
    ),
    st.builds(
        ElementSpec,
        codename=st.just("action.on.dates"),
        option=st.just("shift"),
        arguments=st.tuples(st.tuples(st.just("days"), AMOUNTS), st.tuples(st.just("seconds"), AMOUNTS)),
        **NAMED,
    ),
    st.builds(
        ElementSpec,
        codename=st.just("expression.on.tags"),
        arguments=st.just((("expr", "stringValue == \"a: b\" ? Remove() : Replace('''#')"),)),
        tags=SOME_TAGS,
        **NAMED,
    ),
    st.builds(
        ElementSpec,
        codename=st.just("action.replace.api"),
        arguments=TEXTS.map(
            lambda text: (
                ("url", "https://e/{{getString(#Tag.PatientID)}}"),
                ("responsePath", ""),
                ("defaultValue", text),
            )
        ),
        tags=SOME_TAGS,
        **NAMED,
    ),
    st.builds(
        ElementSpec,
        codename=st.just("action.add.tag"),
        arguments=st.tuples(st.tuples(st.just("value"), st.just("") | TEXTS)),
        tags=st.just((TagPattern(0x00120010),)),
        **NAMED,
    ),
)
SIZES = st.integers(1, 4096)
RECTANGLES = st.builds(Rectangle, st.integers(-99, 4096), st.integers(-99, 4096), SIZES, SIZES)
MASKS = st.builds(
    lambda station, size, color, rectangles: Mask(station, size[0], size[1], color, tuple(rectangles)),
    TEXTS,
    st.just((None, None)) | st.tuples(SIZES, SIZES),
    st.builds(Color, *[st.integers(0, 255)] * 3),
    st.lists(RECTANGLES, max_size=3),
)
PROFILES = st.builds(
    Profile,
    name=TEXTS,
    version=st.just("") | TEXTS,
    minimum_karnak_version=st.just("") | TEXTS,
    default_issuer=st.just("") | TEXTS,
    elements=st.lists(ELEMENTS, min_size=1, max_size=4).map(tuple),
    masks=st.lists(MASKS, max_size=3, unique_by=lambda mask: (mask.station_name, mask.width, mask.height)).map(tuple),
)


@given(PROFILES)
def test_any_profile_dumped_reads_as_itself(profile: Profile) -> None:
    assert load_profile(dump_profile(profile)) == profile

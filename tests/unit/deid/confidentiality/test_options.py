"""Options of the Basic Profile as a profile file names them."""

import pytest

from philae.deid.confidentiality.options import OPTION_NAMES, code_of, parse_options
from philae.deid.errors import ProfileFaults
from philae.deid.profile_file import dump_profile, load_profile
from philae.dicom.standard.confidentiality import Option

FILE = """
name: p
profileElements:
  - name: basic
    codename: basic.dicom.profile
    arguments:
      options: {options}
      edition: {edition}
"""


@pytest.mark.parametrize(
    "options",
    [
        "[retain-uids, clean-graphics]",
        "retain-uids,clean-graphics",
        "\n        - retain-uids\n        - clean-graphics",
    ],
)
def test_options_are_a_list_or_separated_by_commas(options: str) -> None:
    profile = load_profile(FILE.format(options=options, edition="2026d"))

    argument = profile.elements[0].argument("options") or ""
    assert parse_options(argument) == {Option.RETAIN_UIDS, Option.CLEAN_GRAPHICS}
    assert load_profile(dump_profile(profile)) == profile
    assert profile.warnings == ()


@pytest.mark.parametrize(
    "options, edition, message",
    [
        ("[retain-uid]", "2026d", "did you mean retain-uids"),
        ("[[retain-uids]]", "2026d", "where text is expected"),
        ("{retain-uids: yes}", "2026d", "where text is expected"),
        ("retain-longitudinal-full-dates, retain-longitudinal-modified-dates", "2026d", "choose one"),
        ("''", "2019a", "use one of: 2026d"),
    ],
)
def test_what_cannot_be_honoured_is_a_fault(options: str, edition: str, message: str) -> None:
    with pytest.raises(ProfileFaults, match=message):
        load_profile(FILE.format(options=options, edition=edition))


def test_there_are_ten_options() -> None:
    assert len(OPTION_NAMES) == 10
    assert parse_options(", ".join(OPTION_NAMES[:5])) == set(list(Option)[:5])
    assert parse_options("[]") == parse_options("") == frozenset()


def test_cleaning_goes_before_keeping() -> None:
    given = {Option.RETAIN_DEVICE_IDENTITY: "K", Option.RETAIN_LONGITUDINAL_MODIFIED_DATES: "C"}

    assert code_of("X", given, frozenset(given)) == "C"
    assert code_of("X", given, frozenset({Option.RETAIN_DEVICE_IDENTITY})) == "K"
    assert code_of("X", given, frozenset()) == "X"

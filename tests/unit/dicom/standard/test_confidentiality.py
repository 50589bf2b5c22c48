from collections import Counter

import pytest
from dicomanonymizer.dicom_anonymization_databases import dicomfields_2024b, dicomfields_2026c

from philae.dicom.standard import dictionary
from philae.dicom.standard.confidentiality import Option, basic_profile

TABLE = basic_profile()

ACTIONS_OF_2026D = {
    "X": 413,
    "D": 93,
    "U": 55,
    "Z": 42,
    "X/D": 23,
    "X/Z": 11,
    "X/Z/D": 8,
    "Z/D": 6,
    "X/Z/U*": 2,
}
NEW_IN_2026D = {0x3004007F}
SYMBOLS = {"Z_D": "Z/D", "X_Z": "X/Z", "X_D": "X/D", "X_Z_D": "X/Z/D", "X_Z_U_STAR": "X/Z/U*"}


def independent_table(module: object) -> dict[int, str]:
    """Basic actions as another project transcribed them; families of tags left out."""
    actions: dict[int, str] = {}
    for name, tags in vars(module).items():
        if name.endswith("_TAGS") and name != "ALL_TAGS":
            symbol = name.removesuffix("_TAGS")
            actions |= {tag[0] << 16 | tag[1]: SYMBOLS.get(symbol, symbol) for tag in tags if len(tag) == 2}
    return actions


def test_every_action_has_as_many_rows_as_the_edition() -> None:
    assert Counter(row.basic for row in TABLE.exact.values()) == ACTIONS_OF_2026D
    assert len(TABLE.exact) == 653
    assert TABLE.edition == "2026d"


def test_basic_actions_agree_with_an_independent_transcription_of_2026c() -> None:
    other = independent_table(dicomfields_2026c)

    ours = {tag: row.basic for tag, row in TABLE.exact.items() if tag not in NEW_IN_2026D}

    assert ours == other


def test_no_row_of_karnaks_edition_changed_or_vanished() -> None:
    other = independent_table(dicomfields_2024b)

    ours = {tag: row.basic for tag, row in TABLE.exact.items()}

    assert other.items() <= ours.items()
    assert Counter(ours[tag] for tag in ours.keys() - other.keys()) == {"X": 33, "D": 1, "U": 1, "X/D": 1}


def test_all_ten_options_have_their_cells() -> None:
    rows = [*TABLE.exact.values(), *TABLE.patterns]

    cells = Counter((option, action) for row in rows for option, action in row.options.items())

    assert cells == {
        (Option.RETAIN_SAFE_PRIVATE, "C"): 1,
        (Option.RETAIN_UIDS, "K"): 60,
        (Option.RETAIN_DEVICE_IDENTITY, "K"): 48,
        (Option.RETAIN_DEVICE_IDENTITY, "C"): 11,
        (Option.RETAIN_INSTITUTION_IDENTITY, "K"): 10,
        (Option.RETAIN_PATIENT_CHARACTERISTICS, "K"): 14,
        (Option.RETAIN_PATIENT_CHARACTERISTICS, "C"): 5,
        (Option.RETAIN_LONGITUDINAL_FULL_DATES, "K"): 169,
        (Option.RETAIN_LONGITUDINAL_MODIFIED_DATES, "C"): 169,
        (Option.CLEAN_DESCRIPTORS, "C"): 141,
        (Option.CLEAN_STRUCTURED_CONTENT, "C"): 4,
        (Option.CLEAN_GRAPHICS, "C"): 4,
    }
    assert {option for option, _ in cells} == set(Option)


@pytest.mark.parametrize(
    "tag, name",
    [
        (0x50003000, "Curve Data"),
        (0x50FE0005, "Curve Data"),
        (0x60003000, "Overlay Data"),
        (0x601E4000, "Overlay Comments"),
        (0x00090010, "Private Attributes"),
        (0x60013000, "Private Attributes"),
        (0x00100010, "Patient's Name"),
    ],
)
def test_families_and_private_attributes_have_a_row(tag: int, name: str) -> None:
    row = TABLE.row_of(tag)

    assert row is not None
    assert row.name == name
    assert row.matches(tag)


@pytest.mark.parametrize("tag", [0x60000010, 0x00080016, 0x7FE00010, 0x00280010])
def test_attributes_outside_the_table_have_no_row(tag: int) -> None:
    assert TABLE.row_of(tag) is None


def test_every_row_has_a_value_representation_and_a_keyword() -> None:
    without_vr = {row.name for tag, row in TABLE.exact.items() if dictionary.vr_of(tag) is None}
    other_keyword = {
        row.keyword for tag, row in TABLE.exact.items() if row.keyword != (dictionary.keyword_of(tag) or "")
    }

    assert not without_vr
    assert not other_keyword


def test_an_edition_that_is_not_bundled_is_refused() -> None:
    with pytest.raises(FileNotFoundError, match="1999z"):
        basic_profile("1999z")

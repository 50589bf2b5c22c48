"""Identifiers of the instance, taken out of text however they are spelled."""

import pytest

from philae.deid.confidentiality.cleaner import Cleaner
from philae.deid.confidentiality.own_identifiers import OwnIdentifiers
from philae.dicom.values import codecs_of

UTF_8 = codecs_of("ISO_IR 192")


def cleaner(
    *names: str, ids: tuple[str, ...] = (), dates: tuple[str, ...] = (), birth: tuple[str, ...] = (), **keeps: bool
) -> Cleaner:
    own = OwnIdentifiers(*(tuple(text.encode() for text in texts) for texts in (names, ids, birth, dates)))
    return Cleaner(own, UTF_8, **({"keeps_dates": False, "keeps_uids": False} | keeps))


@pytest.mark.parametrize(
    "text, cleaned",
    [
        ("CT Thorax Muster Max", "CT Thorax"),
        ("MAX MUSTER thorax", "thorax"),
        ("Muster, Max: thorax", ": thorax"),
        ("Muster^Max^^", "^^"),
        ("thorax (muster_max)", "thorax ( )"),
        ("MusterMax 3mm", "3mm"),
        ("MaxMuster", ""),
        ("Muster4711", "4711"),
        ("Mustermann and maximal", "Mustermann and maximal"),
        ("Dr. Muster's patient", "Dr. 's patient"),
        ("no name here", "no name here"),
    ],
)
def test_names_go_in_any_order_and_case(text: str, cleaned: str) -> None:
    assert cleaner("Muster^Max^^Dr").clean(text) == cleaned


@pytest.mark.parametrize("text", ["Müller", "MULLER", "mueller", "Mu\u0308ller", "MÜLLER"])
def test_accents_and_umlauts_may_be_written_in_any_way(text: str) -> None:
    assert cleaner("Müller^Zoë").clean(f"for {text} today") == "for today"


def test_short_names_go_only_beside_another() -> None:
    found = cleaner("Li^Wei^A")

    assert found.clean("Li Wei, vitamin A for Li") == ", vitamin A for Li"
    assert found.clean("A. Li and Wei") == "and"
    assert found.clean("Hepatitis A in liver, LiF") == "Hepatitis A in liver, LiF"


@pytest.mark.parametrize(
    "text, cleaned",
    [
        ("Maximilian_Muste", ""),
        ("CT Muster, Max", "CT"),
        ("CT Muster M. ", "CT ."),
        ("Muster Maxi 3mm", "Maxi 3mm"),
        ("CT Muste", "CT Muste"),
    ],
)
def test_a_name_that_is_cut_behind_another_goes_too(text: str, cleaned: str) -> None:
    assert cleaner("Muster^Maximilian").clean(text) == cleaned


def test_names_without_spaces_between_words_are_found() -> None:
    found = cleaner("Yamada^Tarou=山田^太郎=やまだ^たろう")

    assert found.clean("患者山田太郎の検査") == "患者 の検査"
    assert found.clean("yamada TAROU") == ""


def test_particles_of_names_stay_in_other_words() -> None:
    assert cleaner("von der Tann^Eva").clean("view von der side, von der Tann") == "view von der side,"


@pytest.mark.parametrize(
    "text, cleaned",
    [
        ("ID HOSP-4711.", "ID ."),
        ("hosp4711", ""),
        ("HOSP 4711 x", "x"),
        ("HOSP_47112", "HOSP_47112"),
        ("AHOSP-4711", "AHOSP-4711"),
        ("acc. 123456", "acc."),
        ("acc. 00123456", "acc."),
        ("1234567", "1234567"),
        ("12 3456", "12 3456"),
    ],
)
def test_ids_go_with_other_separators_and_without_leading_zeros(text: str, cleaned: str) -> None:
    assert cleaner(ids=("HOSP-4711", "00123456")).clean(text) == cleaned


def test_ids_too_short_to_tell_from_numbers_stay() -> None:
    assert cleaner(ids=("42", "1", "A1")).clean("42 slices of 1 mm, A1") == "42 slices of 1 mm, A1"


@pytest.mark.parametrize(
    "spelling",
    [
        "20240305", "2024-03-05", "2024/03/05", "2024.03.05", "2024 03 05", "2024-3-5", "05.03.2024", "5.3.2024",
        "5. 3. 2024", "05/03/2024", "03/05/2024", "3/5/24", "05032024", "5 March 2024", "5. März 2024", "5-MAR-2024",
        "March 5, 2024", "Mar 5th 2024", "5 mars 2024", "05MAR24", "5 de".replace(" de", " marzo 2024"),
    ],
)  # fmt: skip
def test_dates_go_in_common_spellings(spelling: str) -> None:
    found = cleaner(dates=("20240305",))

    assert found.clean(f"done {spelling} ok") == "done ok"


@pytest.mark.parametrize("text", ["20240306", "6.3.2024", "2024-05-30", "1.2.2024", "Mar 2024", "120.3.20241"])
def test_other_dates_stay(text: str) -> None:
    assert cleaner(dates=("20240305",)).clean(text) == text


def test_the_birth_date_goes_even_where_dates_are_kept() -> None:
    found = cleaner(dates=("20240305",), birth=("19700105",), keeps_dates=True)

    assert found.clean("born 05.01.1970, seen 05.03.2024") == "born , seen 05.03.2024"


def test_uids_go_unless_kept_or_of_the_standard() -> None:
    text = "see 1.2.840.113619.2.5.1 of 1.2.840.10008.5.1.4.1.1.2, version 1.2.3"

    assert cleaner().clean(text) == "see of 1.2.840.10008.5.1.4.1.1.2, version 1.2.3"
    assert cleaner(keeps_uids=True).clean(text) == text


def test_cleaning_again_changes_nothing() -> None:
    found = cleaner("Li^Wei^Ann", ids=("4711-12",), dates=("20240305",))
    text = "Li (47 4711-12 11-12) Ann Li 2024 20240305 0305 Wei"

    once = found.clean(text)

    assert found.clean(once) == once
    assert "4711" not in once


@pytest.mark.parametrize(
    "text", ["0" * 500_000, "a" * 500_000, "1." * 250_000, "1 2 " * 100_000, "Li x " * 100_000 + " " * 100_000 + "y"]
)
def test_text_without_an_end_is_looked_through_once(text: str) -> None:
    assert cleaner("Li^Wei^A", ids=("00123456",), dates=("20240305",)).clean(text) == text

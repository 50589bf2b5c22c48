from __future__ import annotations

import pytest

from philae.admin.declined import Declined
from philae.admin.pseudonym_csv import Layout
from philae.admin.pseudonym_preview import PREVIEWED, guess, preview

ROWS = "Patient ID{0}External Pseudonym{0}Issuer\nA1{0}P-1{0}HUG\nA2{0}P-2{0}\n"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_the_one_that_makes_columns(separator: str) -> None:
    layout = guess(ROWS.format(separator).encode())

    assert layout.separator == separator
    assert layout.columns == {"patient_id": 1, "pseudonym": 2, "issuer": 3}
    assert layout.from_line == 2


def test_headings_are_found_below_other_lines() -> None:
    layout = guess(f"Export of today\n\n{ROWS.format(';')}".encode())

    assert (layout.separator, layout.from_line) == (";", 4)


def test_without_headings_every_line_is_a_patient_and_columns_are_for_people_to_choose() -> None:
    layout = guess(b"A1,P-1\nA2,P-2\n")

    assert (layout.from_line, dict(layout.columns)) == (1, {})


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "windows-1252"])
def test_the_encoding_is_one_that_can_be(encoding: str) -> None:
    text = "Patient ID,Pseudonym\nMüller,P-1\n"

    layout = guess(text.encode(encoding))

    assert layout.encoding == encoding
    assert preview(text.encode(encoding), layout).rows[1] == (2, ("Müller", "P-1"))


def test_only_the_first_rows_are_shown_with_their_lines() -> None:
    found = preview(b'"a\nb",c,d\n' + b"x\n" * 100, Layout())

    assert len(found.rows) == PREVIEWED
    assert [line for line, _ in found.rows[:2]] == [1, 3]
    assert found.width == 3


@pytest.mark.parametrize(
    "content,layout,words",
    [
        (b"\xff\xfea", Layout(encoding="utf-16"), "not utf-16 text"),
        (b"a", Layout(separator="ab"), "one character"),
        (b'"a', Layout(), "line 1"),
    ],
)
def test_what_cannot_be_read_so_is_declined(content: bytes, layout: Layout, words: str) -> None:
    with pytest.raises(Declined, match=words):
        preview(content, layout)


def test_what_is_no_text_is_declined() -> None:
    with pytest.raises(Declined, match="no CSV file"):
        guess(b"PK\x03\x04\0\0\0")

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from philae.admin import pseudonym_csv
from philae.admin.csv_rows import RowFaults
from philae.admin.declined import Declined
from philae.admin.pseudonym_csv import Layout, import_csv, read_csv
from philae.admin.pseudonyms import Collision, Patient
from tests.support.instances import NOW
from tests.support.pseudonyms import ScriptedRows, editor

HEADERS = "Patient ID,External Pseudonym,Issuer of Patient ID,Last Name,First Name"


def read(text: str | bytes, **layout: Any) -> list[tuple[int, Patient]]:
    return list(read_csv(BytesIO(text.encode() if isinstance(text, str) else text), Layout(**layout)))


def faults(text: str | bytes, **layout: Any) -> list[str]:
    with pytest.raises(RowFaults) as refused:
        read(text, **layout)
    return list(map(str, refused.value.faults))


def test_columns_are_found_by_the_usual_headers_in_any_order() -> None:
    assert read(f"{HEADERS}\nA1,P-1,HUG,Muster,Anna\n") == [(2, Patient("A1", "P-1", "HUG", "Muster", "Anna"))]
    assert read("pseudonym,comment,patient_id\nP-1,x,A1\n") == [(2, Patient("A1", "P-1"))]


def test_columns_can_be_named_by_number_or_header() -> None:
    assert read("A1,P-1\n", columns={"patient_id": 1, "pseudonym": 2}) == [(1, Patient("A1", "P-1"))]
    assert read("KIS,Study code\nA1,P-1\n", columns={"patient_id": "kis", "pseudonym": 2}) == [
        (2, Patient("A1", "P-1"))
    ]


def test_lines_before_the_first_patient_are_skipped() -> None:
    text = "export of today\n\npatient_id;pseudonym\nA1;P-1\n"

    assert read(text, separator=";", from_line=4) == [(4, Patient("A1", "P-1"))]
    assert read(text, separator=";", from_line=4, columns={"patient_id": 2, "pseudonym": 1}) == [
        (4, Patient("P-1", "A1"))
    ]


@pytest.mark.parametrize(
    "encoding, raw",
    [
        ("utf-8-sig", "\ufeffpatient_id,pseudonym\nMüller,P-1\n".encode()),
        ("windows-1252", "patient_id,pseudonym\nMüller,P-1\n".encode("windows-1252")),
        ("utf-16", "patient_id,pseudonym\nMüller,P-1\n".encode("utf-16")),
    ],
)
def test_the_encoding_is_what_one_says(encoding: str, raw: bytes) -> None:
    assert read(raw, encoding=encoding) == [(2, Patient("Müller", "P-1"))]


def test_quoted_cells_may_hold_anything_and_lines_are_counted_right() -> None:
    text = 'patient_id,pseudonym,comment\n"A,1",P-1,"two\nlines"\n\nB1,P-2,\nA1,P-2,\n'

    assert faults(text) == ["line 6: the pseudonym of line 5 again"]


def test_every_fault_of_every_row_is_told_at_once_without_values() -> None:
    text = "patient_id,pseudonym\nA1,P-1\nA1,P-2\nB1,P-1\n,P-3\nC1\nD1," + "P" * 51 + "\nE1,P-5\n"

    found = faults(text)

    assert found == [
        "line 3: the patient of line 2 again",
        "line 4: the pseudonym of line 2 again",
        "line 5: the patient id is missing",
        "line 6: a column is missing",
        "line 7: the pseudonym has more than 50 characters",
    ]


def test_the_same_id_of_two_issuers_is_two_patients() -> None:
    assert len(read("patient_id,issuer,pseudonym\nA1,HUG,P-1\nA1,CHUV,P-2\n")) == 2


def test_of_very_many_faults_the_first_are_told_and_all_are_counted() -> None:
    with pytest.raises(RowFaults, match="5000 rows") as refused:
        read("patient_id,pseudonym\n" + "A1,\n" * 5000)
    assert len(refused.value.faults) == 100


@pytest.mark.parametrize(
    "text, layout, remedy",
    [
        ("", {}, "no column for pseudonym and patient_id"),
        ("patient_id,code\nA1,P-1\n", {}, "no column for pseudonym"),
        ("patient_id,pseudonym\n", {}, "no rows"),
        ("A1,P-1\n", {"columns": {"name": 1}}, "no field 'name'"),
        ("A1,P-1\n", {"columns": {"patient_id": "PID"}}, "header given for patient_id"),
        ("A1,P-1\n", {"columns": {"patient_id": 0, "pseudonym": 2}}, "no column for patient_id"),
        ("x", {"separator": ";;"}, "one character"),
        ("x", {"separator": "\n"}, "one character"),
        ("x", {"encoding": "klingon"}, "no encoding 'klingon'"),
        ("x", {"encoding": "hex"}, "no encoding 'hex'"),
        (b"patient_id,pseudonym\nM\xfcller,P-1\n", {}, "not utf-8-sig text"),
    ],
)
def test_a_file_that_cannot_be_meant_is_declined_with_a_remedy(text: str | bytes, layout: Any, remedy: str) -> None:
    with pytest.raises(Declined, match=remedy):
        read(text, **layout)


def test_a_cell_that_never_ends_is_a_fault_of_its_line() -> None:
    assert faults('patient_id,pseudonym\nA1,"P-1\nB1,P-2\n') == ["line 2: no CSV: unexpected end of data"]


def test_too_many_rows_are_declined(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonym_csv, "MOST_ROWS", 2)

    with pytest.raises(Declined, match="more than 2 rows; split it"):
        read("patient_id,pseudonym\nA,1\nB,2\nC,3\n")


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_in_words(raw: bytes) -> None:
    try:
        rows = read(raw, columns={"patient_id": 1, "pseudonym": 2})
    except (RowFaults, Declined):
        return
    assert rows


def test_what_the_table_refuses_is_told_by_line() -> None:
    rows = ScriptedRows(collisions=[Collision(1, same_patient=False)])

    with pytest.raises(RowFaults) as refused:
        import_csv(BytesIO(b"patient_id,pseudonym\n\nA1,P-1\nB1,P-2\n"), Layout(), editor(rows), "Trial", NOW)

    (fault,) = refused.value.faults
    assert fault.line == 4
    assert "stands for another patient" in fault.message


def test_an_import_says_how_many_rows_and_released_deliveries_it_came_to() -> None:
    imported = import_csv(BytesIO(b"patient_id,pseudonym\nA1,P-1\n"), Layout(), editor(ScriptedRows()), "Trial", NOW)

    assert (imported.rows, imported.released) == (1, 3)

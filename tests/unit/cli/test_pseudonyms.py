from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.commands import Philae
from tests.support.documents import document, node, to_folder

IN_PROJECT = ("--project", "Trial")


@pytest.fixture
def data(philae: Philae, tmp_path: Path) -> Path:
    file = tmp_path / "gateway.yml"
    file.write_text(document(node(to_folder(tmp_path / "out"))))
    assert philae("config", "apply", file, "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    file.write_text("Patient ID;Code\nA1;P-1\nB1;P-2\n")
    return file


def import_table(philae: Philae, table: Path, data: Path, *more: object) -> str:
    options = ("--separator", ";", "--column", "pseudonym=Code", *more)
    ran = philae("pseudonyms", "import", table, *IN_PROJECT, "--data", data, *options)
    return f"{ran.code} {ran.out}{ran.err}"


def test_a_table_is_imported_listed_and_looked_up(philae: Philae, data: Path, table: Path) -> None:
    imported = import_table(philae, table, data)

    listed = philae("pseudonyms", "list", *IN_PROJECT, "--data", data, "--json").document
    found = philae("pseudonyms", "lookup", "P-2", "--data", data, "--json").document

    assert imported == "0 2 pseudonyms are in the table; 0 deliveries go on\n"
    assert [(row["patient_id"], row["pseudonym"]) for row in listed] == [("A1", "P-1"), ("B1", "P-2")]
    assert all(row["expires_at"] for row in listed)
    assert [(row["project"], row["patient_id"]) for row in found] == [("Trial", "B1")]


def test_a_file_with_faults_imports_nothing_and_tells_each_line(philae: Philae, data: Path, table: Path) -> None:
    table.write_text(table.read_text() + "A1;P-3\n;P-4\n")

    said = import_table(philae, table, data)

    assert said.startswith("1 ")
    assert "line 4: the patient of line 2 again" in said
    assert "line 5: the patient id is missing" in said
    assert philae("pseudonyms", "list", *IN_PROJECT, "--data", data, "--json").document == []


def test_columns_can_be_numbers_and_the_separator_a_tab(philae: Philae, data: Path, table: Path) -> None:
    table.write_text("A1\tP-1\n")
    numbers = ("--column", "patient_id=1", "--column", "pseudonym=2")

    ran = philae("pseudonyms", "import", table, *IN_PROJECT, "--data", data, "--separator", "tab", *numbers, "--json")

    assert ran.document == {"rows": 1, "released": 0}


def test_rows_are_added_and_deleted_one_by_one_or_all(philae: Philae, data: Path) -> None:
    def add(*patient: str) -> int:
        return philae("pseudonyms", "add", *patient, *IN_PROJECT, "--data", data).code

    assert [add("A1", "P-1"), add("B1", "P-2"), add("A1", "P-3"), add("C1", "P-1"), add(" ", "P-4")] == [0, 0, 1, 1, 2]

    first = philae("pseudonyms", "list", *IN_PROJECT, "--data", data, "--json").document[0]["number"]
    assert philae("pseudonyms", "delete", first, *IN_PROJECT, "--data", data).out == "1 rows deleted\n"
    assert philae("pseudonyms", "delete", first, *IN_PROJECT, "--data", data).code == 1
    assert philae("pseudonyms", "delete", *IN_PROJECT, "--data", data).code == 2
    assert philae("pseudonyms", "delete", "--all", *IN_PROJECT, "--data", data).out == "1 rows deleted\n"


@pytest.mark.parametrize(
    "arguments, remedy",
    [
        (("lookup", "P-1"), "stands for nobody"),
        (("lookup", "P-1", "--project", "Trail"), "no project 'Trail'"),
        (("add", "A1", "P-1", "--project", "Trail"), "no project 'Trail'"),
        (("import", "nowhere.csv", "--project", "Trial"), "nowhere.csv"),
    ],
)
def test_what_is_not_there_is_told_in_one_line(
    philae: Philae, data: Path, arguments: tuple[str, ...], remedy: str
) -> None:
    ran = philae("pseudonyms", *arguments, "--data", data)

    assert ran.code in (1, 2)
    assert remedy in ran.complaint

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from philae.deid.errors import MissingPatientId, MissingPseudonym, NotInTable
from philae.deid.profile import Project
from philae.pseudonyms.table import Table, TableSettings
from tests.support.pseudonyms import FakeTable
from tests.support.trees import encoded, text

PROJECT = Project("Trial", bytes(16))


def pseudonym(known: dict[str, str], issuer: str = "", patient_id: str = "P1", **settings: Any) -> str:
    """What a patient gets whose pseudonyms the table knows by issuer."""
    tree = [text(0x00100020, "LO", patient_id), text(0x00100021, "LO", issuer)]
    rows = FakeTable({("Trial", "P1"): known})
    return Table(TableSettings(**settings), PROJECT, rows).pseudonym(encoded(tree))


@pytest.mark.parametrize("issuer", ["", "HUG", "CHUV"])
@pytest.mark.parametrize("known", [{"": "A"}, {"HUG": "A"}, {"HUG": "B", "": "A"}, {"HUG": "A", "CHUV": "A"}])
def test_ignoring_the_issuer_takes_the_row_without_one_or_the_only_pseudonym(
    known: dict[str, str], issuer: str
) -> None:
    assert pseudonym(known, issuer) == "A"


def test_ignoring_the_issuer_never_guesses_between_two_patients() -> None:
    with pytest.raises(MissingPseudonym, match="ignore_issuer: false") as refused:
        pseudonym({"HUG": "A", "CHUV": "B"}, "HUG")
    assert not isinstance(refused.value, NotInTable)


@pytest.mark.parametrize("issuer, found", [("HUG", "A"), ("CHUV", "B"), ("", "B")])
def test_with_a_default_the_issuer_of_the_instance_counts_and_else_the_default(issuer: str, found: str) -> None:
    known = {"": "C", "HUG": "A", "CHUV": "B"}

    assert pseudonym(known, issuer, ignore_issuer=False, issuer_by_default="CHUV") == found


def test_with_a_default_a_row_without_issuer_or_of_another_is_not_meant() -> None:
    with pytest.raises(NotInTable):
        pseudonym({"": "C", "HUG": "A"}, "CHUV", ignore_issuer=False, issuer_by_default="CHUV")


def test_without_a_default_only_rows_without_issuer_are_meant() -> None:
    assert pseudonym({"": "C", "HUG": "A"}, "HUG", ignore_issuer=False) == "C"
    with pytest.raises(NotInTable):
        pseudonym({"HUG": "A"}, "HUG", ignore_issuer=False)


def test_a_patient_who_is_not_in_the_table_is_waited_for_by_project() -> None:
    with pytest.raises(NotInTable) as refused:
        pseudonym({})
    assert str(refused.value) == NotInTable.words("Trial")
    assert "P1" not in str(refused.value)


def test_without_patient_id_there_is_nobody_to_look_up() -> None:
    with pytest.raises(MissingPatientId):
        pseudonym({"": "A"}, patient_id=" ")


def test_a_default_issuer_that_would_have_no_effect_is_refused() -> None:
    with pytest.raises(ValidationError, match="ignore_issuer: false"):
        TableSettings(issuer_by_default="HUG")

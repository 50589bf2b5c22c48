from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from philae.admin.declined import Declined
from philae.admin.pseudonym_editing import Collisions
from philae.admin.pseudonyms import Collision, Page, Patient, check_patient
from tests.support.instances import NOW
from tests.support.projects import FakeAudit
from tests.support.pseudonyms import ANNA, ScriptedRows, editor


@pytest.mark.parametrize(
    "days, until", [(7, NOW + timedelta(days=7)), (90, NOW + timedelta(days=90)), ("forever", None)]
)
def test_the_project_says_how_long_a_row_stays(days: int | str, until: datetime | None) -> None:
    rows = ScriptedRows()

    released = editor(rows, days=days).add_one("Trial", ANNA, NOW)

    assert rows.added == [("Trial", until)]
    assert released == 3


def test_everything_is_audited_and_nobodys_value_is() -> None:
    rows, audit = ScriptedRows(), FakeAudit()
    work = editor(rows, audit)

    work.add_one("Trial", ANNA, NOW)
    work.change("Trial", 1, ANNA, NOW)
    work.page("Trial", Page(contains=ANNA), NOW)
    work.lookup("P-1", NOW)
    work.delete("Trial", [1], NOW)
    work.clear("Removed", NOW)

    assert [event.action.removeprefix("pseudonyms.") for event in audit.noted] == [
        "add",
        "change",
        "list",
        "lookup",
        "delete",
        "clear",
    ]
    assert {event.actor for event in audit.noted} == {"tester"}
    assert [value for value in ("A1", "P-1") if value in repr(audit.noted)] == []


def test_a_look_up_asks_the_projects_there_are_or_one_of_them() -> None:
    rows = ScriptedRows()

    editor(rows).lookup("P-1", NOW)
    editor(rows).lookup("P-1", NOW, "Spare")

    assert rows.asked == [["Trial", "Spare"], ["Spare"]]


def test_what_collides_is_told_and_releases_nothing() -> None:
    work = editor(ScriptedRows(collisions=[Collision(0, same_patient=True)]))

    for attempt in (lambda: work.add_one("Trial", ANNA, NOW), lambda: work.change("Trial", 1, ANNA, NOW)):
        with pytest.raises(Collisions):
            attempt()


def test_an_unknown_project_or_row_is_declined() -> None:
    work = editor(ScriptedRows())

    for attempt in (
        lambda: work.add_one("Trail", ANNA, NOW),
        lambda: work.page("Trail", Page(), NOW),
        lambda: work.lookup("P-1", NOW, "Trail"),
        lambda: work.change("Trial", 7, ANNA, NOW),
    ):
        with pytest.raises(Declined):
            attempt()


@pytest.mark.parametrize(
    "patient, fault",
    [
        (Patient("", "P"), "patient id is missing"),
        (Patient("A", " "), "pseudonym is missing"),
        (Patient("A", "P" * 51), "pseudonym has more than 50"),
        (Patient("A", "P", "I" * 51), "issuer has more than 50"),
        (Patient("A", "P", "", "L" * 51), "last name has more than 50"),
        (Patient("A\\B", "P"), "patient id holds a character"),
        (Patient("A", "P\0"), "pseudonym holds a character"),
        (Patient("A", "P", "", "", "first\nname"), "first name holds a character"),
    ],
)
def test_a_row_that_dicom_could_not_hold_is_refused(patient: Patient, fault: str) -> None:
    assert fault in (check_patient(patient) or "")


def test_what_dicom_can_hold_is_taken() -> None:
    assert check_patient(Patient("Ä" * 50, "=1+1^x" * 8, "HUG", "Müller-Lüdenscheidt", "Ren\u00e9e")) is None

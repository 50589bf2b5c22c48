"""What the table of pseudonyms promises, on both databases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from time import time_ns

import pytest
import sqlalchemy as sa

from philae.admin.pseudonyms import Collision, Page, Patient
from philae.deid.errors import NotInTable
from philae.pipeline.model import Lane, Settlement
from philae.pipeline.outcome import State
from philae.store.database import Database
from philae.store.ledger import SqlLedger
from philae.store.pseudonyms import SqlPseudonyms
from philae.store.reading import recount
from philae.store.tables.pseudonyms import pseudonym
from tests.support.instances import NOW, make_instance

ANNA = Patient("A1", "P-1", "", "Muster", "Anna")
BERT = Patient("B1", "P-2", "HUG")
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


@pytest.fixture
def rows(database: Database) -> SqlPseudonyms:
    return SqlPseudonyms(database)


def shown(rows: SqlPseudonyms, project: str = "Trial", page: Page | None = None) -> list[Patient]:
    return [entry.patient for entry in rows.page(project, page or Page())]


def stored(database: Database) -> int:
    with database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(pseudonym)) or 0


def test_what_was_added_is_found_by_project_patient_and_issuer(rows: SqlPseudonyms) -> None:
    rows.add("Trial", [ANNA, BERT, Patient("A1", "P-3", "CHUV")], None)

    assert rows.of_patient("Trial", "A1") == {"": "P-1", "CHUV": "P-3"}
    assert rows.of_patient("Trial", "B1") == {"HUG": "P-2"}
    assert rows.of_patient("Trial", "a1") == rows.of_patient("Other", "A1") == {}


def test_neighbouring_texts_do_not_run_into_each_other(rows: SqlPseudonyms) -> None:
    """Karnak's key was Patient ID, issuer and project without anything between."""
    rows.add("Trial", [Patient("1", "P-1", "23")], None)

    assert rows.add("Trial", [Patient("12", "P-2", "3")], None) == []
    assert rows.of_patient("Trial", "12") == {"3": "P-2"}


@pytest.mark.parametrize(
    "other, same_patient", [(Patient("A1", "P-9"), True), (Patient("C1", "P-1"), False)], ids=["patient", "pseudonym"]
)
def test_if_one_row_collides_none_is_stored(rows: SqlPseudonyms, other: Patient, same_patient: bool) -> None:
    rows.add("Trial", [ANNA], None)

    assert rows.add("Trial", [BERT, other], None) == [Collision(1, same_patient)]
    assert shown(rows) == [ANNA]
    assert rows.add("Other", [BERT, other], None) == []


def test_the_same_again_lives_on_as_if_new(rows: SqlPseudonyms) -> None:
    soon, later = datetime.now(UTC) + timedelta(days=1), datetime.now(UTC) + timedelta(days=9)
    rows.add("Trial", [ANNA], soon)

    assert rows.add("Trial", [ANNA, BERT], later) == []
    assert [entry.expires_at for entry in rows.page("Trial", Page())] == [later, later]


def test_what_has_expired_is_gone_for_everybody_and_then_from_the_disk(rows: SqlPseudonyms, database: Database) -> None:
    rows.add("Trial", [ANNA], LONG_AGO)

    assert rows.of_patient("Trial", "A1") == {}
    assert shown(rows) == []
    assert rows.standing_for("P-1", ["Trial"]) == []
    rows.tend()
    assert stored(database) == 0


def test_an_expired_row_is_in_nobodys_way(rows: SqlPseudonyms) -> None:
    rows.add("Trial", [ANNA], LONG_AGO)

    assert rows.add("Trial", [Patient("A1", "P-9"), Patient("C1", "P-1")], None) == []


def test_a_row_is_corrected_unless_it_would_collide(rows: SqlPseudonyms) -> None:
    rows.add("Trial", [ANNA, BERT], None)
    number = rows.page("Trial", Page())[0].id

    assert rows.change("Trial", number, Patient("A1", "P-2")) == Collision(0, same_patient=False)
    assert shown(rows) == [ANNA, BERT]
    assert rows.change("Trial", number, Patient("A2", "P-1")) is None
    assert shown(rows) == [Patient("A2", "P-1"), BERT]
    with pytest.raises(LookupError):
        rows.change("Other", number, ANNA)


def test_rows_are_deleted_by_number_or_by_project_and_no_others(rows: SqlPseudonyms) -> None:
    rows.add("Trial", [ANNA, BERT], None)
    rows.add("Other", [ANNA], None)
    first = rows.page("Trial", Page())[0].id

    assert rows.delete("Other", [first]) == 0
    assert rows.delete("Trial", [first, first + 1000]) == 1
    assert shown(rows) == [BERT]
    assert rows.clear("Trial") == 1
    assert (shown(rows), shown(rows, "Other")) == ([], [ANNA])


def test_pages_follow_each_other_and_filter_by_what_rows_contain(rows: SqlPseudonyms) -> None:
    patients = [Patient(f"ID_{number:03}", f"P{number}", "", "100%", "") for number in range(30)]
    rows.add("Trial", patients, None)
    first = rows.page("Trial", Page(limit=20))

    assert shown(rows, page=Page(limit=20, after=first[-1].id)) == patients[20:]
    assert shown(rows, page=Page(contains=Patient("d_01", "", "", "0%"))) == patients[10:20]
    assert shown(rows, page=Page(contains=Patient("D%0", ""))) == []


def test_a_pseudonym_is_looked_up_as_a_whole_with_its_case(rows: SqlPseudonyms) -> None:
    rows.add("Trial", [ANNA], None)
    rows.add("Other", [Patient("X", "P-1")], None)
    rows.add("Removed", [Patient("Y", "P-1")], None)

    found = rows.standing_for("P-1", ["Trial", "Other"])

    assert [(entry.project, entry.patient.patient_id) for entry in found] == [("Other", "X"), ("Trial", "A1")]
    assert rows.standing_for("p-1", ["Trial"]) == rows.standing_for("P-", ["Trial"]) == []


def hold(ledger: SqlLedger, number: int, patient_id: str, code: str = "NotInTable", project: str = "Trial") -> None:
    lane = Lane(1, 0, 1)
    ledger.open(make_instance(number, sop_instance_uid=f"1.2.{number}", patient_id=patient_id), [1], 1)
    ledger.acquire([lane], "w", timedelta(minutes=1))
    (delivery,) = ledger.claim(lane, "w", 1, NOW)
    ledger.settle([Settlement(delivery, State.HELD, NotInTable.words(project), code)], "w")


def states(database: Database) -> tuple[int, int]:
    counts = recount(database).by_destination[1]
    kept = SqlLedger(database).counts().by_destination[1]
    assert counts == kept
    return counts[State.HELD], counts[State.QUEUED]


def test_only_deliveries_that_waited_for_the_pseudonym_go_on(rows: SqlPseudonyms, database: Database) -> None:
    ledger = SqlLedger(database)
    hold(ledger, 1, "A1")
    hold(ledger, 2, "B1")
    hold(ledger, 3, "A1", code="Unroutable")
    hold(ledger, 4, "A1", project="Other")
    rows.add("Trial", [ANNA], None)

    assert rows.release() == 1
    assert states(database) == (3, 1)
    assert rows.release() == 0


def test_more_than_one_batch_goes_on_at_once(
    rows: SqlPseudonyms, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("philae.store.pseudonym_waiting._AT_ONCE", 2)
    rows = SqlPseudonyms(database)
    ledger = SqlLedger(database)
    for number in range(5):
        hold(ledger, number + 1, "A1")
    rows.add("Trial", [ANNA], None)

    assert rows.tend() == 5
    assert states(database) == (0, 5)


def test_a_row_that_did_not_help_is_not_tried_for_ever(
    rows: SqlPseudonyms, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows.add("Trial", [ANNA], None)
    with database.change() as connection:
        connection.execute(sa.update(pseudonym).values(changed_at=time_ns() // 1000 - 3_600_000_000))

    hold(SqlLedger(database), 1, "A1")

    assert rows.release() == 0


def test_an_expired_row_releases_nothing(rows: SqlPseudonyms, database: Database) -> None:
    hold(SqlLedger(database), 1, "A1")
    rows.add("Trial", [ANNA], LONG_AGO)

    assert rows.release() == 0

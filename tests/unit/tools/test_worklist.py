from __future__ import annotations

from datetime import date

import pytest

from philae.tools.worklist import Wanted, identifier_of

FIRST, LAST = date(2026, 1, 5), date(2026, 1, 9)


@pytest.mark.parametrize(
    "since,until,asked",
    [
        (None, None, ""),
        (FIRST, None, "20260105-"),
        (None, LAST, "-20260109"),
        (FIRST, LAST, "20260105-20260109"),
        (FIRST, FIRST, "20260105"),
    ],
)
def test_days_are_asked_for_as_a_range(since: date | None, until: date | None, asked: str) -> None:
    (step,) = identifier_of(Wanted(since=since, until=until)).ScheduledProcedureStepSequence

    assert step.ScheduledProcedureStepStartDate == asked


def test_what_does_not_matter_is_asked_for_all_the_same_so_that_it_is_returned() -> None:
    identifier = identifier_of(Wanted(patient_id="A1"))
    (step,) = identifier.ScheduledProcedureStepSequence

    assert identifier.PatientID == "A1"
    assert "AccessionNumber" in identifier
    assert "Modality" in step
    assert "SpecificCharacterSet" not in identifier


def test_letters_beyond_ascii_name_their_character_set() -> None:
    assert identifier_of(Wanted(patient_name="Müller*")).SpecificCharacterSet == "ISO_IR 192"

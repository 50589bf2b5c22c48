from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from philae.deid.ages import age_at, lenient_date
from tests.support.golden import golden


def _age(birth_date: str, exam_date: str) -> str | None:
    return age_at(lenient_date(birth_date), lenient_date(exam_date))


@pytest.mark.parametrize("vector", golden("unit_test", "age_period"))
def test_age_of_a_period_equals_karnaks(vector: dict[str, str]) -> None:
    assert _age(vector["from"], vector["to"]) == vector["age"]


@pytest.mark.parametrize("vector", golden("running", "compute_patient_age"))
def test_age_of_a_patient_equals_karnaks(vector: dict[str, Any]) -> None:
    assert _age(vector["birth_date"], vector["study_date"]) == vector["age"]


def test_age_reads_dates_with_equal_separators_only() -> None:
    assert _age("1961-06-25", "2012.06.25") == "051Y"
    assert _age("1961-06.25", "20120625") is None


@given(st.text(), st.text())
def test_age_of_any_texts_is_told_or_not(birth_date: str, exam_date: str) -> None:
    age = _age(birth_date, exam_date)

    assert age is None or age[-1] in "DMY"

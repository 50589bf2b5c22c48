from __future__ import annotations

from itertools import islice

import pytest

from philae.pipeline.layout import BY_SERIES, check_layout, file_name, free_names
from tests.support.lanes import ct_dataset, outgoing_of


@pytest.mark.parametrize("layout", [BY_SERIES, "{SOPInstanceUID}", "a/{PatientID}-{Modality}/{SOPInstanceUID}"])
def test_a_layout_that_can_work_stays_as_it_is(layout: str) -> None:
    assert check_layout(layout) == layout


@pytest.mark.parametrize(
    "layout",
    [
        "",
        "same.dcm",
        "{PatientName}/{SOPInstanceUID}",
        "../{SOPInstanceUID}",
        "/{SOPInstanceUID}",
        "{}",
        "{SOPInstanceUID",
        "{SOPInstanceUID.x}",
        "{SOPInstanceUID}/..",
    ],
)
def test_a_layout_that_cannot_work_is_refused_in_words(layout: str) -> None:
    with pytest.raises(ValueError, match="layout m"):
        check_layout(layout)


def test_values_neither_lead_elsewhere_nor_vanish() -> None:
    outgoing = outgoing_of(1, ct_dataset(patient_id="../../x y"))

    assert file_name("{PatientID}/{Modality}/{SOPInstanceUID}.dcm", outgoing) == "_.._x_y/CT/1.2.3.4.dcm"
    assert file_name("{PatientID}/{SOPInstanceUID}", outgoing_of(1, ct_dataset(patient_id=""))) == "unknown/1.2.3.4"


@pytest.mark.parametrize(
    "name, others",
    [
        ("a/1.2.dcm", ["a/1.2.2.dcm", "a/1.2.3.dcm"]),
        ("1.2.3", ["1.2.3.2", "1.2.3.3"]),
        ("a.b/x", ["a.b/x.2", "a.b/x.3"]),
    ],
)
def test_a_taken_name_gets_a_number_before_its_suffix(name: str, others: list[str]) -> None:
    assert list(islice(free_names(name), 3)) == [name, *others]

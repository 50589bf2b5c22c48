from __future__ import annotations

import pytest

from philae.config.configuration import Configuration
from philae.deid.errors import DeidError
from philae.pipeline.condition import NOT_MET, ConditionFilter
from philae.pipeline.model import Excluded, Outgoing
from philae.pipeline.route import Unroutable
from tests.support.lanes import as_it_is, ct_dataset, make_destination, make_node, outgoing_of

UNCLEAR = "tagIsPresent(#Tag.PatientID) ? tagValues(#Tag.PatientID)[0] : false"
"""Has an answer only where there is no Patient ID."""
IS_CT, IS_MR = "tagValueIsPresent(#Tag.Modality, 'CT')", "tagValueIsPresent(#Tag.Modality, 'MR')"


class Versions:
    """A configuration whose one destination has this condition in version 1, and wants nothing but MR in version 2."""

    def __init__(self, condition: str) -> None:
        self._conditions = {1: condition, 2: IS_MR}

    def current(self) -> Configuration:
        return self.version(2)

    def version(self, number: int) -> Configuration:
        destination = make_destination().model_copy(update={"condition": self._conditions[number]})
        return Configuration(version=number, forward_nodes=(make_node(destination),))

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError


def filtered(condition: str, dataset: bytes | None = None, destination_id: int = 1) -> Outgoing | Excluded:
    outgoing = outgoing_of(1, dataset or ct_dataset(), destination_id=destination_id)
    return ConditionFilter(Versions(condition), as_it_is)(outgoing.delivery, outgoing.body.file)


@pytest.mark.parametrize("condition", ["", IS_CT, f"{IS_CT} && !{IS_MR}"])
def test_what_meets_the_condition_of_its_acceptance_goes(condition: str) -> None:
    assert isinstance(filtered(condition), Outgoing)


def test_what_does_not_meet_it_is_excluded_for_a_fixed_reason() -> None:
    assert filtered(IS_MR) == NOT_MET
    assert "condition" in NOT_MET.reason


def test_a_condition_without_an_answer_is_an_error_that_names_no_value() -> None:
    with pytest.raises(DeidError, match="neither true nor false") as caught:
        filtered(UNCLEAR, ct_dataset(patient_id="JaneDoe"))

    assert "JaneDoe" not in str(caught.value)


def test_a_destination_that_was_not_configured_is_unroutable() -> None:
    with pytest.raises(Unroutable):
        filtered(IS_CT, destination_id=7)

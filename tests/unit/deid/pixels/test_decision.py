"""Whether pixels must be cleaned."""

import pytest

from philae.deid.pixels.decision import must_be_cleaned
from tests.support.golden import golden

CT = "1.2.840.10008.5.1.4.1.1.2"


@pytest.mark.parametrize("case", golden("running", "clean_pixel_sop"), ids=lambda case: case["sop_class"])
def test_the_decision_is_karnaks(case: dict) -> None:
    assert must_be_cleaned(case["sop_class"], case["burned_in_annotation"] or "") is case["clean"]


def test_a_profile_that_says_yes_counts_as_much_as_a_sender() -> None:
    assert must_be_cleaned(CT, "NO", "YES ")
    assert must_be_cleaned(CT, "yes", "NO")
    assert not must_be_cleaned(CT, "NO", "")

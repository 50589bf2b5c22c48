from __future__ import annotations

import pytest

from philae.config.configuration import Configuration
from philae.pipeline.model import Excluded, Outgoing
from philae.pipeline.route import Unroutable
from philae.pipeline.sop_class_filter import SopClassFilter
from tests.support.instances import CT
from tests.support.lanes import as_it_is, ct_dataset, make_destination, make_node, outgoing_of

MR = "1.2.840.10008.5.1.4.1.1.4"


class Versions:
    """A configuration whose one destination takes these SOP classes in version 1, and none but MR in version 2."""

    def __init__(self, *sop_classes: str) -> None:
        self._versions = {1: sop_classes, 2: (MR,)}

    def current(self) -> Configuration:
        return self.version(2)

    def version(self, number: int) -> Configuration:
        destination = make_destination().model_copy(update={"sop_classes": self._versions[number]})
        return Configuration(version=number, forward_nodes=(make_node(destination),))

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError


def filtered(*sop_classes: str, destination_id: int = 1) -> Outgoing | Excluded:
    outgoing = outgoing_of(1, ct_dataset(), destination_id=destination_id)
    return SopClassFilter(Versions(*sop_classes), as_it_is)(outgoing.delivery, outgoing.body.file)


def test_without_a_filter_everything_goes() -> None:
    assert isinstance(filtered(), Outgoing)


def test_what_was_wanted_at_acceptance_goes() -> None:
    assert isinstance(filtered(MR, CT), Outgoing)


def test_what_is_not_wanted_is_excluded_by_the_name_of_its_class() -> None:
    assert filtered(MR) == Excluded("CT Image Storage is none of the SOP classes that the destination takes")


def test_a_destination_that_was_not_configured_is_unroutable() -> None:
    with pytest.raises(Unroutable):
        filtered(CT, destination_id=7)

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.destinations.stow import StowSettings
from philae.pipeline.albums import AlbumChoice
from philae.pipeline.condition import NOT_MET
from philae.pipeline.model import Delivery, Excluded, Outgoing
from philae.pipeline.ports import SpoolFile
from philae.pipeline.route import Unroutable
from tests.support.configurations import Configured
from tests.support.kheops import KheopsStub
from tests.support.lanes import as_it_is, ct_dataset, make_node, outgoing_of

if TYPE_CHECKING:
    from philae.pipeline.path import Transforming

IS_CT, IS_MR = "tagValueIsPresent(#Tag.Modality, 'CT')", "tagValueIsPresent(#Tag.Modality, 'MR')"
STUB = KheopsStub(url="https://kheops.example/api")


def choose(*conditions: str, transform: Transforming = as_it_is, destination_id: int = 1) -> Outgoing | Excluded:
    """One album for each condition; they are named 0, 1 ..."""
    albums = [
        STUB.album(name=str(number), condition=each, authorization_destination=f"token-{number}")
        for number, each in enumerate(conditions)
    ]
    settings = StowSettings.model_validate({"url": "https://archive.example", "kheops_albums": albums})
    node = make_node(Destination(id=1, name="archive", settings=settings))
    outgoing = outgoing_of(1, ct_dataset(), destination_id=destination_id)
    choice = AlbumChoice(Configured(Configuration(version=1, forward_nodes=(node,))), transform)
    return choice(outgoing.delivery, outgoing.body.file)


def albums_of(result: Outgoing | Excluded) -> tuple[str, ...]:
    assert isinstance(result, Outgoing)
    return result.albums


def test_albums_are_chosen_by_their_conditions() -> None:
    assert albums_of(choose(IS_CT, IS_MR, "")) == ("0", "2")


def test_a_destination_without_albums_names_none() -> None:
    assert albums_of(choose()) == ()


def test_conditions_are_asked_of_the_instance_as_it_came() -> None:
    def as_mr(delivery: Delivery, file: SpoolFile) -> Outgoing:
        return outgoing_of(delivery.instance.id, ct_dataset().replace(b"CS\2\0CT", b"CS\2\0MR"))

    assert albums_of(choose(IS_CT, IS_MR, transform=as_mr)) == ("0",)


def test_what_is_excluded_stays_so() -> None:
    assert choose("", transform=lambda _delivery, _file: NOT_MET) == NOT_MET


def test_a_destination_that_was_not_configured_is_unroutable() -> None:
    with pytest.raises(Unroutable):
        choose("", destination_id=7)

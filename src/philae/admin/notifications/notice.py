"""How deliveries of a study ended, as the ledger notes it for those who are notified."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from philae.pipeline.outcome import DELIVERED, State

if TYPE_CHECKING:
    from collections.abc import Iterable

    from philae.config.configuration import Configuration


class Names(NamedTuple):
    """The identifiers of a study and a series at one side of the gateway."""

    patient_id: str
    accession_number: str
    study_instance_uid: str
    series_instance_uid: str


class Notice(NamedTuple):
    """Some instances of a series, of one SOP class, that ended alike at a destination."""

    config_version: int
    """The configuration that they were accepted under."""
    state: State
    instances: int
    instance_id: int
    """Of one of them."""
    modality: str
    sop_class_uid: str
    reason: str
    """Why they were not delivered."""
    original: Names
    sent: Names | None
    """The identifiers that left; None if nothing left."""
    description: str
    study_date: str

    @property
    def is_delivered(self) -> bool:
        """Whether the receiver has them."""
        return self.state in DELIVERED

    @property
    def is_error(self) -> bool:
        """Whether a person has to look."""
        return self.state in {State.HELD, State.FAILED}


def notified(configuration: Configuration) -> frozenset[int]:
    """The destinations about which somebody is notified."""
    return frozenset(
        each.id for node in configuration.forward_nodes for each in node.destinations if each.notify is not None
    )


def instances(notices: Iterable[Notice]) -> int:
    """How many instances they speak of."""
    return sum(each.instances for each in notices)

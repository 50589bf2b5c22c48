"""What a DICOM destination is told: where, under which AE titles, and how much at once."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator
from typing_extensions import override

from philae.config.fields import AETitle, AtOnce, Port, Seconds
from philae.config.kinds import DestinationSettings, Titles
from philae.config.tls import ClientTls


class DicomSettings(DestinationSettings):
    """``{kind: dicom, ae_title: ARCHIVE, hostname: 10.0.0.5, port: 104}``."""

    kind_name: ClassVar[str] = "dicom"
    kind: Literal["dicom"] = "dicom"
    ae_title: AETitle
    hostname: str = Field(min_length=1)
    port: Port
    calling: Literal["forward_node", "destination", "sender"] = "forward_node"
    """Whose AE title the gateway calls itself by; ``sender`` passes on the one that an instance came with."""
    calling_ae_title: AETitle | None = None
    """A fixed one instead."""
    tls: ClientTls | None = None
    """Without it the association is in clear."""
    associations: AtOnce = 1
    """How many series may be under way at once, if the receiver takes as many associations; 1 keeps total order."""
    operations: AtOnce = 1
    """Instances under way at once on each association, if the receiver grants it; 1 keeps the order of arrival."""
    storage_commitment: bool = False
    """Ask the receiver to commit itself to what it was sent; our copies stay until it has."""
    commitment_timeout_s: Seconds = 3600.0
    """It is asked again when it has not answered for so long."""
    connect_timeout_s: Seconds = 10.0
    response_timeout_s: Seconds = 120.0

    @property
    @override
    def lanes(self) -> int:
        """One association a lane."""
        return self.associations

    @override
    def committing_as(self, forward_node: str) -> Titles | None:
        """As it was sent the instances; it answers whoever asked, so no other sender's title is passed on."""
        return self.titles(forward_node) if self.storage_commitment else None

    def titles(self, forward_node: str) -> Titles:
        """What the gateway and the receiver call themselves; one passed on by a sender is not known here."""
        ours = {"forward_node": self.calling_ae_title or forward_node, "destination": self.ae_title}
        return Titles(ours.get(self.calling, forward_node), self.ae_title)

    @model_validator(mode="after")
    def _one_calling(self) -> Self:
        if self.calling_ae_title is not None and self.calling != "forward_node":
            raise ValueError("calling and calling_ae_title both say what the gateway calls itself; give one of them")
        return self

"""Address books: the DICOM nodes and DICOMweb endpoints that people test, by group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final, Protocol, TypeVar

from pydantic import Field, StringConstraints, field_validator

from philae.config.fields import AETitle, Frozen, Port
from philae.config.spelled import Spelled
from philae.config.urls import Url

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

WORKSTATION: Final = "WORKSTATION"
WORKLIST: Final = "WORKLIST"
KINDS: Final = (WORKSTATION, WORKLIST)
"""What nodes are most often; people may use words of their own."""
SERVICES: Final = ("STOW-RS", "QIDO-RS", "WADO-RS", "WADO-URI", "UPS-RS", "Capabilities")
"""What a DICOMweb endpoint may offer (PS3.18)."""

Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=120),
    Spelled(r"[^\x00-\x1f\x7f]*", "leave out the line breaks and other control characters"),
]
Host = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=253),
    Spelled(r"[\w.:\-\[\]]+", "give the name or the IP address of a host, without a port"),
]
Kind = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, max_length=32),
    Spelled(r"[\w \-]+", "use letters, digits, spaces, dashes and underscores"),
]


class DicomNode(Frozen):
    """A DICOM application entity that listens somewhere."""

    description: Text = ""
    ae_title: AETitle
    hostname: Host
    port: Port
    kind: Kind = WORKSTATION
    """WORKSTATION, WORKLIST, or a word of your own."""
    group: Text = ""
    """Nodes of a group can be tested together."""

    @property
    def named(self) -> str:
        """As people write it."""
        return f"{self.ae_title}@{self.hostname}:{self.port}"


class WebEndpoint(Frozen):
    """A DICOMweb server, by the URL that its services stand below."""

    description: Text = ""
    url: Annotated[Url, Field(max_length=500)]
    services: tuple[str, ...] = SERVICES
    group: Text = ""
    """Endpoints of a group can be tested together."""

    @field_validator("services")
    @classmethod
    def _known(cls, services: tuple[str, ...]) -> tuple[str, ...]:
        unknown = sorted(set(services) - set(SERVICES))
        if unknown:
            raise ValueError(f"{unknown[0]} is no service; there are: {', '.join(SERVICES)}")
        if not services:
            raise ValueError(f"name one service at least of {', '.join(SERVICES)}")
        return tuple(each for each in SERVICES if each in services)


Entry = TypeVar("Entry", DicomNode, WebEndpoint)


class AddressBook(Protocol[Entry]):
    """Entries with their numbers. Every method is one transaction and raises `LedgerUnavailable`."""

    def all(self) -> Sequence[tuple[int, Entry]]:
        """By group, then as people call them."""

    def add(self, entries: Sequence[Entry]) -> int:
        """Add those whose address is not in their group already; how many."""

    def change(self, number: int, entry: Entry) -> bool:
        """False if its address is in the group already. Raises `LookupError` when there is no such entry."""

    def delete(self, numbers: Collection[int]) -> int:
        """How many there were."""

    def replace(self, entries: Sequence[Entry], group: str | None) -> int:
        """Delete all, of one group if it is named, then `add`; how many are added."""

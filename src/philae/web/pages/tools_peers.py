"""Whom the DICOM tools may ask: the address books, and the destinations of the gateway as they are now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from philae.admin.address_book import DicomNode, Host, WebEndpoint
from philae.admin.doctor import Endpoint
from philae.config.fields import AETitle, Port
from philae.config.tls import ClientTls
from philae.destinations.dicom import DicomSettings
from philae.destinations.examination.reach import reach
from philae.destinations.stow import StowSettings
from philae.dimse.address import Address
from philae.tools.dicomweb import WebCheck
from philae.tools.node_check import TIMEOUTS, NodeCheck
from philae.web.forms.faults import faults_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from philae.admin.address_book import AddressBook
    from philae.admin.doctor import Step
    from philae.web.gateway import Gateway

DESTINATIONS: Final = "Gateway"
"""The group of the gateway's own destinations."""
ALL: Final = "*"
PATIENCE_S: Final = 5.0
Peer = TypeVar("Peer", DicomNode, WebEndpoint)


class Asked(BaseModel):
    """A node that is asked, and as whom."""

    called: AETitle
    host: Host
    port: Port
    calling: AETitle

    @property
    def address(self) -> Address:
        """For the tools."""
        return Address(self.host, self.port, self.called, self.calling, timeouts=TIMEOUTS)


def asked(sent: Mapping[str, str]) -> tuple[Asked | None, dict[str, str]]:
    """What a form asks, or its faults by control."""
    try:
        return Asked.model_validate({name: sent.get(name, "").strip() for name in Asked.model_fields}), {}
    except ValidationError as error:
        return None, faults_of(error)


# What the configuration holds of a destination is taken as it is: an address book may be stricter.


def nodes_of(gateway: Gateway) -> dict[str, DicomNode]:
    """Every DICOM node by a key for addresses and forms."""
    found = _booked(gateway.nodes)
    for node in gateway.configurations.current().forward_nodes:
        for destination in node.destinations:
            settings = destination.settings
            if isinstance(settings, DicomSettings):
                found[f"destination-{destination.id}"] = DicomNode.model_construct(
                    description=f"{node.ae_title} / {destination.name}",
                    ae_title=settings.ae_title,
                    hostname=settings.hostname,
                    port=settings.port,
                    group=DESTINATIONS,
                )
    return found


def endpoints_of(gateway: Gateway) -> dict[str, WebEndpoint]:
    """Every DICOMweb endpoint by a key for addresses and forms."""
    found = _booked(gateway.endpoints)
    for node in gateway.configurations.current().forward_nodes:
        for destination in node.destinations:
            settings = destination.settings
            if isinstance(settings, StowSettings):
                found[f"destination-{destination.id}"] = WebEndpoint.model_construct(
                    description=f"{node.ae_title} / {destination.name}",
                    url=settings.url,
                    services=("STOW-RS",),
                    group=DESTINATIONS,
                )
    return found


def key_of(nodes: Mapping[str, DicomNode], typed: Mapping[str, str]) -> str:
    """The key of the node that a form asks; an empty one if it is nowhere."""
    wanted = typed.get("called"), typed.get("host"), typed.get("port")
    found = (key for key, each in nodes.items() if (each.ae_title, each.hostname, str(each.port)) == wanted)
    return next(found, "")


def groups_of(peers: Iterable[Peer]) -> list[str]:
    """The names of groups."""
    return sorted({each.group for each in peers})


def of_group(peers: Mapping[str, Peer], group: str) -> list[Peer]:
    """Those of one group, or of `ALL`."""
    return [each for each in peers.values() if group in (ALL, each.group)]


def node_check(address: Address) -> NodeCheck:
    """What is examined at a node, from its name to C-ECHO."""
    return NodeCheck(address, reaching(address))


def reaching(address: Address) -> Callable[[], Iterable[Step]]:
    """The steps until there is a connection to a node."""
    return lambda: reach(Endpoint(address.host, address.port, patience_s=PATIENCE_S))


def web_check(endpoint: WebEndpoint) -> WebCheck:
    """What is examined at an endpoint, from its name to each service."""
    parts = urlsplit(endpoint.url)
    is_secure = parts.scheme == "https"
    where = Endpoint(
        parts.hostname or "",
        parts.port or (443 if is_secure else 80),
        ClientTls() if is_secure else None,
        PATIENCE_S,
    )
    return WebCheck(endpoint, lambda: reach(where))


def _booked(book: AddressBook[Peer]) -> dict[str, Peer]:
    return {f"book-{number}": entry for number, entry in book.all()}

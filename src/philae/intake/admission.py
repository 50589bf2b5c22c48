"""Who may send to a forward node."""

from __future__ import annotations

import socket
from enum import Enum
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Final

from philae.dimse.rejection import NO_REASON, UNKNOWN_CALLED_AE, UNKNOWN_CALLING_AE
from philae.pipeline.route import destinations_of

if TYPE_CHECKING:
    from philae.config.forward_node import ForwardNode, Source
    from philae.dimse.associate import AssociateRequest
    from philae.dimse.handler import Peer
    from philae.dimse.rejection import Rejection


class Admission(Enum):
    """Whether a sender may hand instances in."""

    GRANTED = "granted"
    UNKNOWN_NODE = "unknown node"
    NO_DESTINATION = "no enabled destination"
    UNKNOWN_SOURCE = "unknown source"


_REJECTIONS: Final = {
    Admission.UNKNOWN_NODE: UNKNOWN_CALLED_AE,
    Admission.NO_DESTINATION: NO_REASON,
    Admission.UNKNOWN_SOURCE: UNKNOWN_CALLING_AE,
}


def refusal(node: ForwardNode | None, request: AssociateRequest, peer: Peer) -> Rejection | None:
    """Why this association is refused, or None."""
    return _REJECTIONS.get(admission(node, request.calling_ae_title, peer.host))


def admission(node: ForwardNode | None, sender: str, host: str) -> Admission:
    """Whether ``sender`` (its AE title, or the name of its token) at ``host`` may hand in instances.

    A node without sources takes from anyone. A source matches by AE title; its host counts only when it says so.
    """
    if node is None:
        return Admission.UNKNOWN_NODE
    if not destinations_of(node):
        return Admission.NO_DESTINATION
    if node.sources and source_of(node, sender, host) is None:
        return Admission.UNKNOWN_SOURCE
    return Admission.GRANTED


def source_of(node: ForwardNode, sender: str, host: str) -> Source | None:
    """The source of ``node`` that this sender is."""
    return next((source for source in node.sources if _matches(source, sender, host)), None)


def _matches(source: Source, sender: str, host: str) -> bool:
    if source.ae_title != sender:
        return False
    return not source.check_hostname or _plain(host) in _addresses(source.hostname)


def _addresses(hostname: str) -> set[str]:
    try:
        return {_plain(str(entry[4][0])) for entry in socket.getaddrinfo(hostname, None)}
    except OSError:
        return set()


def _plain(address: str) -> str:
    """An IPv4 address that a listener for both families writes as ``::ffff:10.1.2.3``, as ``10.1.2.3``."""
    parsed = ip_address(address)
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return str(mapped or parsed)

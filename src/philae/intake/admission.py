"""Who may send to a forward node."""

from __future__ import annotations

import socket
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING

from philae.dimse.rejection import NO_REASON, UNKNOWN_CALLED_AE, UNKNOWN_CALLING_AE

if TYPE_CHECKING:
    from philae.config.model import ForwardNode, Source
    from philae.dimse.associate import AssociateRequest
    from philae.dimse.handler import Peer
    from philae.dimse.rejection import Rejection


def refusal(node: ForwardNode | None, request: AssociateRequest, peer: Peer) -> Rejection | None:
    """Why this association is refused, or None.

    A node without sources takes from anyone. A source matches by AE title; its host counts only when it says so.
    """
    if node is None:
        return UNKNOWN_CALLED_AE
    if not any(destination.enabled for destination in node.destinations):
        return NO_REASON
    if node.sources and not any(_matches(source, request, peer) for source in node.sources):
        return UNKNOWN_CALLING_AE
    return None


def _matches(source: Source, request: AssociateRequest, peer: Peer) -> bool:
    if source.ae_title != request.calling_ae_title:
        return False
    return not source.check_hostname or _plain(peer.host) in _addresses(source.hostname)


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

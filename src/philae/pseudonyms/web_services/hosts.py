"""Which hosts may be asked: a profile must not reach what only this machine can reach."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address
from socket import gaierror, getaddrinfo
from typing import TYPE_CHECKING, Final

from philae.pseudonyms.web_services.answers import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Collection

_REMEDY: Final = "list it in web_services: allowed_hosts if it is meant"


def check_host(host: str, allowed: Collection[str]) -> None:
    """Raises `NoAnswer` for a host that is not ``allowed``.

    If none are listed: for one that is this machine, its network link (where clouds serve credentials) or no host.
    """
    name = host.rstrip(".").casefold()
    if name in {each.rstrip(".").casefold() for each in allowed}:
        return
    if allowed:
        raise NoAnswer(f"host {host} is not allowed; {_REMEDY}")
    if any(_is_near(address) for address in _addresses(host)):
        raise NoAnswer(f"host {host} is this machine or its network link; {_REMEDY}")


def _addresses(host: str) -> list[IPv4Address | IPv6Address]:
    try:
        found = getaddrinfo(host, None)
    except (gaierror, UnicodeError):
        raise NoAnswer(f"host {host} is not known") from None
    return [ip_address(str(address[0]).partition("%")[0]) for *_, address in found]


def _is_near(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return address.is_loopback or address.is_link_local or address.is_unspecified or address.is_multicast

"""A peer as the command line names it: ``AET@host:port``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Final

import typer

from philae.cli.failure import Misuse

if TYPE_CHECKING:
    from philae.dimse.address import Address

_PEER: Final = re.compile(r"(?P<title>[^@]+)@(?:\[(?P<v6>[^\]]+)\]|(?P<host>[^:@\[\]]+)):(?P<port>[0-9]{1,5})")
_TITLE: Final = re.compile(r"(?! +$)[\x20-\x5b\x5d-\x7e]{1,16}")

PeerArgument = Annotated[
    str, typer.Argument(metavar="AET@HOST:PORT", help="The peer, such as ARCHIVE@10.1.2.3:104 or ARCHIVE@[::1]:104.")
]
CallingOption = Annotated[str, typer.Option("--calling", metavar="AET", help="Our AE title.")]


def address_of(peer: str, calling: str) -> Address:
    """Where the peer is. Raises `Misuse`."""
    from philae.dimse.address import Address

    found = _PEER.fullmatch(peer)
    if found is None:
        raise Misuse(f"{peer!r} is no peer; write AET@host:port, such as ARCHIVE@10.1.2.3:104")
    port = int(found["port"])
    if not 1 <= port <= 65535:
        raise Misuse(f"{port} is no port; write a number from 1 to 65535")
    for title in (found["title"], calling):
        if not _TITLE.fullmatch(title):
            raise Misuse(f"{title!r} is no AE title; use 1 to 16 ASCII characters without backslash")
    return Address(found["v6"] or found["host"], port, found["title"].strip(), calling.strip())

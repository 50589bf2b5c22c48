"""Finds the certificates that a gateway uses, and when they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from philae.admin.notifications.alarms import Certificate
from philae.config.tls import ClientTls

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import datetime
    from pathlib import Path

    from philae.config.configuration import Configuration


def certificates(
    own: Iterable[Path | None], authorities: Iterable[Path | None], configuration: Configuration
) -> Iterator[Certificate]:
    """When each file of ``own``, of ``authorities`` and of the destinations' ends; what is None is passed by.

    A chain ends with its first certificate to end, a choice of authorities with its last. A file that cannot be read
    is left to whoever uses it, who says so.
    """
    tls = list(_of_destinations(configuration))
    chains = [*own, *(each.certificate for each in tls)]
    choices = [*authorities, *(each.authority for each in tls)]
    for file, first in {**dict.fromkeys(choices, max), **dict.fromkeys(chains, min)}.items():
        ends = _ends(file) if file is not None else []
        if file is not None and ends:
            yield Certificate(file.name, first(ends))


def _ends(file: Path) -> list[datetime]:
    try:
        return [each.not_valid_after_utc for each in x509.load_pem_x509_certificates(file.read_bytes())]
    except (OSError, ValueError):
        return []


def _of_destinations(configuration: Configuration) -> Iterator[ClientTls]:
    for node in configuration.forward_nodes:
        for destination in node.destinations:
            tls = getattr(destination.settings, "tls", None)
            if isinstance(tls, ClientTls):
                yield tls

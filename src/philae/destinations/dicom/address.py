"""Where a receiver is, and what the gateway calls itself there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from philae.config.tls import UnusableCertificate
from philae.dimse.requestor import Address, Timeouts
from philae.pipeline.outcome import TryAgain

if TYPE_CHECKING:
    from ssl import SSLContext

    from philae.config.forward_node import ForwardNode
    from philae.config.tls import ClientTls
    from philae.destinations.dicom.settings import DicomSettings


def address_of(settings: DicomSettings, node: ForwardNode) -> Address:
    """Where a destination is and what the gateway calls itself there. Raises `TryAgain` as the sender does."""
    ours, theirs = settings.titles(node.ae_title)
    return Address(
        host=settings.hostname,
        port=settings.port,
        called_ae_title=theirs,
        calling_ae_title=ours,
        tls=_context_of(settings.tls),
        timeouts=Timeouts(connect_s=settings.connect_timeout_s, response_s=settings.response_timeout_s),
    )


def _context_of(tls: ClientTls | None) -> SSLContext | None:
    try:
        return None if tls is None else tls.context()
    except UnusableCertificate as error:
        raise TryAgain(str(error)) from error

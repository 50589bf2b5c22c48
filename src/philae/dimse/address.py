"""Where a peer is, and a connection to it."""

import socket
import ssl
from dataclasses import dataclass, field

from philae.dimse.errors import ConnectFailed
from philae.dimse.limits import Timeouts
from philae.dimse.transport import PlainTransport, TlsTransport, Transport


@dataclass(frozen=True, slots=True)
class Address:
    """Where a peer listens and under which AE titles we meet."""

    host: str
    port: int
    called_ae_title: str
    calling_ae_title: str
    tls: ssl.SSLContext | None = None
    timeouts: Timeouts = field(default_factory=Timeouts)


def open_transport(address: Address) -> Transport:
    """Raises ConnectFailed."""
    where = f"{address.host}:{address.port}"
    try:
        connected = socket.create_connection((address.host, address.port), address.timeouts.connect_s)
    except OSError as error:
        raise ConnectFailed(f"cannot connect to {where}: {error.strerror or error}") from error
    if address.tls is None:
        return PlainTransport(connected)
    try:
        return TlsTransport(address.tls.wrap_socket(connected, server_hostname=address.host))
    except OSError as error:
        connected.close()
        raise ConnectFailed(f"no TLS with {where}: {error}") from error

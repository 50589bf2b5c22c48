"""Whether a destination on the network can be reached: its name, its port, its certificate."""

from __future__ import annotations

import errno
import socket
import ssl
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from philae.admin.doctor import Ill, Said, Step, Verdict
from philae.config.tls import UnusableCertificate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from philae.admin.doctor import Endpoint
    from philae.config.tls import ClientTls

SOON_DAYS: Final = 30
_ADVICE: Final = {
    errno.ECONNREFUSED: "the host is up, but nothing listens there: start the receiver or correct the port",
    errno.EHOSTUNREACH: "there is no way to this host: check the network and the address",
    errno.ENETUNREACH: "there is no way to this network: check the routes of this machine",
}
_SILENT: Final = "a firewall drops what is sent, or the host is off: let the port through, or correct the address"
_CERTIFICATE_ADVICE: Final = {
    9: "its certificate is not valid yet: check the clocks of both machines",
    10: "have the receiver's certificate renewed",
    18: "give the certificate as tls.authority, if it is the receiver's own",
    62: "call the receiver by a name that its certificate holds, or set tls.check_hostname to false",
    64: "call the receiver by a name that its certificate holds, or set tls.check_hostname to false",
}
"""By OpenSSL's X509_V_ERR numbers."""
_UNKNOWN_AUTHORITY: Final = "give the authority that vouches for the receiver as tls.authority"


def reach(endpoint: Endpoint) -> Iterator[Step]:
    """The steps from a name to a connection that can be trusted."""
    yield Step("name resolution", lambda: _resolve(endpoint))
    yield Step("TCP connection", lambda: _connect(endpoint))
    if endpoint.tls is not None:
        tls = endpoint.tls
        yield Step("TLS", lambda: _secure(endpoint, tls))


def _resolve(endpoint: Endpoint) -> Said:
    try:
        return Said(f"{ip_address(endpoint.host)} is an address")
    except ValueError:
        pass
    try:
        found = socket.getaddrinfo(endpoint.host, endpoint.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "no name that DNS allows"
        raise Ill(
            f"{endpoint.host} does not resolve: {reason}", "correct the host name, or have it entered in DNS"
        ) from error
    return Said(f"{endpoint.host} is {', '.join(dict.fromkeys(str(each[4][0]) for each in found))}")


def _connect(endpoint: Endpoint) -> Said:
    _connected(endpoint).close()
    return Said(f"{endpoint.host}:{endpoint.port} accepts connections")


def _connected(endpoint: Endpoint) -> socket.socket:
    where = f"{endpoint.host}:{endpoint.port}"
    try:
        return socket.create_connection((endpoint.host, endpoint.port), endpoint.patience_s)
    except TimeoutError as error:
        raise Ill(f"{where} does not answer within {endpoint.patience_s:g} s", _SILENT) from error
    except OSError as error:
        advice = _ADVICE.get(error.errno or 0, "check the address and the network")
        raise Ill(f"cannot connect to {where}: {error.strerror or error}", advice) from error


def _secure(endpoint: Endpoint, tls: ClientTls) -> Said:
    try:
        context = tls.context()
    except UnusableCertificate as error:
        raise Ill(str(error), "correct the files that tls names") from error
    with _connected(endpoint) as connected:
        try:
            with context.wrap_socket(connected, server_hostname=endpoint.host) as secured:
                version, encoded = secured.version(), secured.getpeercert(binary_form=True)
        except OSError as error:
            raise _insecure(endpoint, error) from error
    if encoded is None:
        raise AssertionError("a server of TLS shows a certificate")
    return _judged(str(version), x509.load_der_x509_certificate(encoded), tls)


def _insecure(endpoint: Endpoint, error: OSError) -> Ill:
    where = f"{endpoint.host}:{endpoint.port}"
    if isinstance(error, ssl.SSLCertVerificationError):
        advice = _CERTIFICATE_ADVICE.get(error.verify_code, _UNKNOWN_AUTHORITY)
        return Ill(f"the certificate of {where} is not trusted: {error.verify_message}", advice)
    if isinstance(error, TimeoutError):
        return Ill(
            f"{where} says nothing to a TLS greeting within {endpoint.patience_s:g} s",
            "it may not speak TLS on this port: correct the port, or leave tls out",
        )
    reason = getattr(error, "reason", None) or error.strerror or "the connection was closed"
    return Ill(
        f"no TLS with {where}: {reason}",
        "see that this port speaks TLS 1.2 or newer; a receiver that asks for our certificate needs tls.certificate",
    )


def _judged(version: str, shown: x509.Certificate, tls: ClientTls) -> Said:
    """How long the receiver's certificate holds, and our own."""
    left = _days_left(shown)
    words = (
        f"{version}, the certificate of {_name(shown.subject)}, issued by {_name(shown.issuer)}, "
        f"is trusted for {left} more days"
    )
    own = min(map(_days_left, _own(tls)), default=left)
    if own < SOON_DAYS and own < left:
        return Said(f"{words}; ours for {own}", Verdict.WARNING, f"renew {tls.certificate} before it ends")
    if left < SOON_DAYS:
        return Said(words, Verdict.WARNING, "have the receiver's certificate renewed before it ends")
    return Said(words)


def _own(tls: ClientTls) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(tls.certificate.read_bytes()) if tls.certificate is not None else []


def _days_left(certificate: x509.Certificate) -> int:
    return (certificate.not_valid_after_utc - datetime.now(UTC)).days


def _name(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string() or "nobody"

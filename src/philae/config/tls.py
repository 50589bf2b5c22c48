"""Keys, certificates and authorities as configured, and the TLS contexts made of them."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from cryptography import x509
from pydantic import model_validator

from philae.config.fields import FilePath, Frozen

if TYPE_CHECKING:
    from collections.abc import Iterable

_CIPHERS: Final = "ECDHE+AESGCM:ECDHE+CHACHA20:DHE+AESGCM"
"""What BCP 195 (RFC 9325, 4.2) leaves of TLS 1.2; TLS 1.3 has no others."""


class UnusableCertificate(Exception):
    """A key, certificate or authority cannot be used; the message says which file and why."""


class ClientTls(Frozen):
    """How a peer proves who it is, and how we do: ``{authority: ca.pem, certificate: own.pem, key: own.key}``."""

    authority: FilePath | None = None
    """Certificates that may vouch for the peer; those of the operating system when not given."""
    certificate: FilePath | None = None
    """Ours, followed by the chain up to its authority."""
    key: FilePath | None = None
    check_hostname: bool = True
    """Whether the peer's certificate must name the host that we call."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together; give both or neither")
        if not self.check_hostname and self.authority is None:
            raise ValueError("without check_hostname, authority must say who may vouch for the peer")
        return self

    def context(self) -> ssl.SSLContext:
        """Raises `UnusableCertificate`."""
        context = _context(ssl.Purpose.SERVER_AUTH, self.authority)
        context.check_hostname = self.check_hostname
        if self.certificate is not None and self.key is not None:
            _own(context, self.certificate, self.key)
        return context


def server_context(certificate: Path, key: Path, authority: Path | None) -> ssl.SSLContext:
    """For those who connect to us; with ``authority`` they must show a certificate of it. Raises `UnusableCertificate`."""
    context = _context(ssl.Purpose.CLIENT_AUTH, authority)
    if authority is not None:
        context.verify_mode = ssl.CERT_REQUIRED
    _own(context, certificate, key)
    return context


def _context(purpose: ssl.Purpose, authority: Path | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(purpose, cafile=authority)
    except OSError as error:
        raise UnusableCertificate(f"cannot use the authority in {authority}: {_words(error)}") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    return context


def _own(context: ssl.SSLContext, certificate: Path, key: Path) -> None:
    try:
        context.load_cert_chain(certificate, key, password=_no_password)
        _check_dates(certificate, x509.load_pem_x509_certificates(certificate.read_bytes()))
    except (OSError, ValueError) as error:
        raise UnusableCertificate(f"cannot use {certificate} with {key}: {_words(error)}") from error


def _check_dates(file: Path, chain: Iterable[x509.Certificate]) -> None:
    now = datetime.now(UTC)
    for each in chain:
        if each.not_valid_after_utc < now:
            raise UnusableCertificate(
                f"cannot use {file}: the certificate expired on {each.not_valid_after_utc:%Y-%m-%d}; renew it"
            )
        if each.not_valid_before_utc > now:
            raise UnusableCertificate(
                f"cannot use {file}: the certificate is valid only from {each.not_valid_before_utc:%Y-%m-%d}"
            )


def _no_password() -> str:
    raise ValueError("the key is encrypted; decrypt it and protect the file by its permissions")


def _words(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return f"no PEM that fits ({error.reason or 'unreadable'})"
    return (error.strerror if isinstance(error, OSError) else "") or str(error)

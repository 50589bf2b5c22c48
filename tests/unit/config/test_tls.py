from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from pydantic import ValidationError

from philae.config.tls import ClientTls, UnusableCertificate, server_context


def leaf(folder: Path, *, ends: timedelta = timedelta(days=1), begins: timedelta | None = None) -> tuple[Path, Path]:
    """Certificate and key."""
    now = datetime.now(UTC)
    issued = trustme.CA().issue_cert(
        "a.example", not_before=now + (begins or ends - timedelta(days=2)), not_after=now + ends
    )
    certificate, key = folder / "own.pem", folder / "own.key"
    issued.cert_chain_pems[0].write_to_path(certificate)
    issued.private_key_pem.write_to_path(key)
    return certificate, key


def test_nothing_older_than_tls_1_2_and_only_authenticated_encryption(tmp_path: Path) -> None:
    for context in (ClientTls().context(), server_context(*leaf(tmp_path), None)):
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2
        assert all(cipher["aead"] for cipher in context.get_ciphers())


def test_a_peer_must_prove_who_it_is_unless_it_calls_and_no_authority_is_given(tmp_path: Path) -> None:
    certificate, key = leaf(tmp_path)

    assert ClientTls().context().verify_mode == ssl.CERT_REQUIRED
    assert ClientTls().context().check_hostname
    assert server_context(certificate, key, certificate).verify_mode == ssl.CERT_REQUIRED
    assert server_context(certificate, key, None).verify_mode == ssl.CERT_NONE


def test_an_expired_certificate_is_named_with_its_day(tmp_path: Path) -> None:
    certificate, key = leaf(tmp_path, ends=timedelta(days=-1))

    with pytest.raises(UnusableCertificate, match=r"own\.pem: the certificate expired on \d{4}-\d\d-\d\d; renew it"):
        ClientTls(certificate=certificate, key=key).context()


def test_a_certificate_that_is_not_valid_yet_is_named(tmp_path: Path) -> None:
    certificate, key = leaf(tmp_path, begins=timedelta(days=1), ends=timedelta(days=2))

    with pytest.raises(UnusableCertificate, match="valid only from"):
        ClientTls(certificate=certificate, key=key).context()


def test_files_that_are_missing_or_no_pem_or_no_pair_are_named(tmp_path: Path) -> None:
    certificate, key = leaf(tmp_path)
    (tmp_path / "other").mkdir()
    _, other_key = leaf(tmp_path / "other")
    (tmp_path / "text").write_text("no certificate")

    for broken in (
        ClientTls(authority=tmp_path / "nowhere"),
        ClientTls(authority=tmp_path / "text"),
        ClientTls(certificate=tmp_path / "nowhere", key=key),
        ClientTls(certificate=tmp_path / "text", key=key),
        ClientTls(certificate=certificate, key=other_key),
    ):
        with pytest.raises(UnusableCertificate, match=r"cannot use .*: \S"):
            broken.context()


def test_half_an_identity_and_a_peer_that_anybody_may_be_are_refused() -> None:
    with pytest.raises(ValidationError, match="belong together"):
        ClientTls(certificate=Path("a"))
    with pytest.raises(ValidationError, match="authority"):
        ClientTls(check_hostname=False)


def test_a_relative_path_starts_at_the_document(tmp_path: Path) -> None:
    tls = ClientTls.model_validate({"authority": "ca.pem"}, context={"base": tmp_path})

    assert tls.authority == tmp_path / "ca.pem"

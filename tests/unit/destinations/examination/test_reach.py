from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from philae.admin.doctor import Endpoint, Finding, Step, Verdict, examine
from philae.config.tls import ClientTls
from philae.destinations.examination.reach import reach
from tests.support.examining import failure, mute, verdicts
from tests.support.gateway import free_port
from tests.support.listening import Certificates, certificates
from tests.support.receivers import Receiver, receiving

LOCAL = "127.0.0.1"


class Reaching:
    """`philae.admin.doctor.Examination` of nothing but the way there."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def steps(self) -> Iterator[Step]:
        return reach(self._endpoint)

    def close(self) -> None:
        """Nothing is open."""


def found(host: str, port: int, tls: ClientTls | None = None) -> dict[str, Finding]:
    examination = Reaching(Endpoint(host, port, tls, patience_s=0.5))
    return {each.step: each for each in examine(examination)}


def over_tls(keys: Certificates, folder: Path, **validity: int) -> dict[str, Finding]:
    """From a server whose certificate is valid for so long from now."""
    authority, now = trustme.CA(), datetime.now(UTC)
    leaf = authority.issue_cert(
        LOCAL, common_name="archive", not_before=now - timedelta(days=3), not_after=now + timedelta(**validity)
    )
    leaf.configure_cert(keys.server)
    authority.cert_pem.write_to_path(folder / "authority.pem")
    tls = ClientTls.model_validate({**keys.settings, "authority": str(folder / "authority.pem")})
    with receiving(Receiver(), tls=keys.server) as port:
        return found(LOCAL, port, tls)


def test_a_name_that_does_not_resolve_is_the_first_to_fail() -> None:
    reached = found("nowhere.invalid", 104)

    assert verdicts(reached) == {"name resolution": "failed", "TCP connection": "skipped"}
    assert "nowhere.invalid does not resolve" in failure(reached).message
    assert "DNS" in failure(reached).advice


@pytest.mark.parametrize("name", ["a..b", "x" * 70 + ".example"])
def test_a_name_that_cannot_be_one_fails_in_words(name: str) -> None:
    assert "does not resolve" in failure(found(name, 104)).message


def test_a_port_that_nobody_listens_on_is_told_from_a_host_that_is_off() -> None:
    reached = found(LOCAL, free_port())

    assert verdicts(reached) == {"name resolution": "ok", "TCP connection": "failed"}
    assert "start the receiver or correct the port" in failure(reached).advice


def test_a_trusted_certificate_is_told_with_its_name_and_its_days(tmp_path: Path) -> None:
    reached = over_tls(certificates(tmp_path), tmp_path, days=200, hours=1)

    assert reached["TLS"].verdict is Verdict.OK
    assert "certificate of archive" in reached["TLS"].message
    assert "200 more days" in reached["TLS"].message


def test_a_certificate_that_ends_soon_is_a_warning(tmp_path: Path) -> None:
    reached = over_tls(certificates(tmp_path), tmp_path, days=29)

    assert reached["TLS"].verdict is Verdict.WARNING
    assert "renewed" in reached["TLS"].advice


def test_an_expired_certificate_fails(tmp_path: Path) -> None:
    reached = over_tls(certificates(tmp_path), tmp_path, days=-1)

    assert "expired" in failure(reached).message
    assert "renewed" in failure(reached).advice


def test_our_own_certificate_that_ends_soon_is_a_warning(tmp_path: Path) -> None:
    keys = certificates(tmp_path)
    ours = trustme.CA().issue_cert(LOCAL, not_after=datetime.now(UTC) + timedelta(days=5))
    ours.private_key_and_cert_chain_pem.write_to_path(tmp_path / "own.pem")
    own = {"certificate": str(tmp_path / "own.pem"), "key": str(tmp_path / "own.pem")}
    tls = ClientTls.model_validate({"authority": keys.authority_file, **own})

    with receiving(Receiver(), tls=keys.server) as port:
        reached = found(LOCAL, port, tls)

    assert reached["TLS"].verdict is Verdict.WARNING
    assert "own.pem" in reached["TLS"].advice


@pytest.mark.parametrize(
    "tls, advice",
    [
        ({}, "tls.authority"),
        ({"authority": "nowhere.pem"}, "correct the files"),
    ],
)
def test_an_authority_that_is_missing_or_wrong_is_told(tmp_path: Path, tls: dict[str, str], advice: str) -> None:
    keys = certificates(tmp_path)

    with receiving(Receiver(), tls=keys.server) as port:
        reached = found(LOCAL, port, ClientTls.model_validate(tls))

    assert advice in failure(reached).advice


def test_a_certificate_of_another_name_says_how_to_go_on(tmp_path: Path) -> None:
    authority, keys = trustme.CA(), certificates(tmp_path)
    authority.issue_cert("archive.example").configure_cert(keys.server)
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")

    with receiving(Receiver(), tls=keys.server) as port:
        reached = found(LOCAL, port, ClientTls(authority=tmp_path / "authority.pem"))

    assert "check_hostname" in failure(reached).advice


def test_a_server_that_says_nothing_to_tls_ends_in_a_clear_timeout() -> None:
    with mute() as port:
        reached = found(LOCAL, port, ClientTls())

    assert verdicts(reached) == {"name resolution": "ok", "TCP connection": "ok", "TLS": "failed"}
    assert "within 0.5 s" in failure(reached).message


def test_a_server_that_does_not_speak_tls_is_told() -> None:
    with receiving(Receiver()) as port:
        reached = found(LOCAL, port, ClientTls())

    assert "no TLS" in failure(reached).message

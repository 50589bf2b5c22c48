"""The doctor before real receivers, from Python, the command line and the API."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from philae.admin.doctor import Finding, Verdict
from philae.destinations.dicom import DicomSettings
from philae.destinations.s3 import S3Settings
from philae.destinations.sftp import SftpSettings
from philae.destinations.stow import StowSettings
from tests.support.archives import DICOM_WEB, Orthanc
from tests.support.buckets import Bucket, bucket
from tests.support.commands import Philae
from tests.support.documents import document, node, to_dicom
from tests.support.examining import failure, findings, mute, verdicts
from tests.support.gateway import Gateway, free_port
from tests.support.http import Client
from tests.support.listening import certificates, instances, storescp
from tests.support.scripted_http import of_type, scripted
from tests.support.senders import send
from tests.support.sshd import Sshd

CT = "1.2.840.10008.5.1.4.1.1.2"
EXPLICIT_LE, JPEG_2000 = "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.90"


def to_archive(port: int, **more: Any) -> DicomSettings:
    return DicomSettings.model_validate({"ae_title": "ARCHIVE", "hostname": "127.0.0.1", "port": port, **more})


def all_well(found: dict[str, Finding]) -> bool:
    return {each.verdict for each in found.values()} == {Verdict.OK}


def test_storescp_over_tls_with_certificates_on_both_sides(tmp_path: Path) -> None:
    keys = certificates(tmp_path)
    options = ("+B", "+tls", *keys.server_files, "-pw", "+cf", keys.authority_file, "-rc")

    with storescp(tmp_path / "received", *options) as port:
        found = findings(to_archive(port, tls=keys.settings), {(CT, EXPLICIT_LE): 1, (CT, JPEG_2000): 1}, store=True)

    assert found.pop("presentation contexts").verdict is Verdict.WARNING
    assert "more days" in found["TLS"].message
    assert all_well(found)
    assert len(list((tmp_path / "received").iterdir())) == 1


def test_storescp_that_asks_for_a_certificate_that_we_have_not(tmp_path: Path) -> None:
    keys = certificates(tmp_path)
    options = ("+tls", *keys.server_files, "-pw", "+cf", keys.authority_file, "-rc")

    with storescp(tmp_path / "received", *options) as port:
        found = findings(to_archive(port, tls={"authority": keys.authority_file}))

    assert "tls.certificate" in failure(found).advice


def test_storescp_that_refuses(tmp_path: Path) -> None:
    with storescp(tmp_path / "received", "--refuse") as port:
        found = findings(to_archive(port))

    assert failure(found).step == "association"
    assert "rejected" in failure(found).message


@pytest.fixture(scope="module")
def orthanc(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    with Orthanc(tmp_path_factory.mktemp("orthanc") / "data", plugins=(DICOM_WEB,)) as running:
        yield running


def test_orthanc_by_dicom_and_by_dicomweb(orthanc: Orthanc) -> None:
    lately = {(CT, EXPLICIT_LE): 1, (CT, JPEG_2000): 1}

    by_dicom = findings(to_archive(orthanc.port), lately, store=True)
    by_web = findings(StowSettings(url=orthanc.dicom_web_url), lately, store=True)

    assert all_well(by_dicom)
    assert all_well(by_web)
    assert orthanc.count() == 1


def test_orthanc_at_an_address_where_it_has_no_dicomweb(orthanc: Orthanc) -> None:
    found = findings(StowSettings(url=f"http://127.0.0.1:{orthanc.http_port}/elsewhere"))

    assert "no DICOMweb service" in failure(found).message


@pytest.fixture(scope="module")
def sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sshd]:
    with Sshd(tmp_path_factory.mktemp("sshd")) as running:
        yield running


def test_an_sftp_server_that_is_well_is_left_as_it_was(sshd: Sshd, tmp_path: Path) -> None:
    found = findings(SftpSettings.model_validate(sshd.settings(tmp_path)))

    assert verdicts(found) == {
        **dict.fromkeys(("name resolution", "TCP connection", "host key", "login", "write", "rename", "delete"), "ok"),
        "trial delivery": "skipped",
    }
    assert list(tmp_path.iterdir()) == []


def test_a_trial_delivery_by_sftp_arrives(sshd: Sshd, tmp_path: Path) -> None:
    found = findings(SftpSettings.model_validate(sshd.settings(tmp_path)), store=True)

    assert all_well(found)
    assert len([each for each in tmp_path.rglob("*.dcm") if each.is_file()]) == 1


@pytest.mark.parametrize(
    "change, step, advice",
    [
        ({"host_key": "stranger.pub"}, "host key", "which key is right"),
        ({"key": "stranger"}, "login", "public half"),
        ({"path": "host.pub"}, "write", "correct path"),
    ],
)
def test_what_ails_an_sftp_destination_is_told_step_by_step(
    sshd: Sshd, change: dict[str, str], step: str, advice: str
) -> None:
    changed = {name: str(sshd.folder / value) for name, value in change.items()}
    if "host_key" in changed:
        changed["host_key"] = Path(changed["host_key"]).read_text()

    found = findings(SftpSettings.model_validate({**sshd.settings(sshd.folder), **changed}))

    assert failure(found).step == step
    assert advice in failure(found).advice


def test_an_sftp_server_that_says_nothing_ends_in_a_clear_timeout(sshd: Sshd) -> None:
    with mute() as port:
        settings = sshd.settings(sshd.folder, port=port, connect_timeout_s=0.3)
        found = findings(SftpSettings.model_validate(settings))

    assert (failure(found).step, verdicts(found)["TCP connection"]) == ("host key", "ok")


@pytest.fixture(scope="module")
def server() -> Iterator[Bucket]:
    with bucket() as running:
        yield running


def test_a_bucket_that_is_well_is_left_as_it_was(server: Bucket) -> None:
    found = findings(S3Settings.model_validate(server.settings(prefix="trial/{Modality}")))

    assert {verdicts(found)[step] for step in ("write", "read", "delete")} == {"ok"}
    assert server.keys() == []


def test_a_bucket_that_is_not_there(server: Bucket) -> None:
    assert (
        "no bucket nowhere" in failure(findings(S3Settings.model_validate(server.settings(bucket="nowhere")))).message
    )


def test_a_bucket_that_denies_put_names_the_right_and_no_secret() -> None:
    with scripted(of_type("application/xml", "<Error><Code>AccessDenied</Code></Error>", 403)) as denying:
        keys = {"access_key_id": "known", "secret_access_key": "hidden"}
        found = findings(
            S3Settings.model_validate({"bucket": "studies", "endpoint": f"http://127.0.0.1:{denying.port}", **keys})
        )

    assert failure(found).step == "write"
    assert "s3:PutObject" in failure(found).advice
    assert "hidden" not in str(found)


@pytest.fixture
def philae(capsys: pytest.CaptureFixture[str]) -> Philae:
    return Philae(capsys)


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """It has received two CT images for a receiver that is well, and has one that is not there."""
    tmp_path = tmp_path_factory.mktemp("gateway")
    with storescp(tmp_path / "received", "--fork") as port:
        well, ill = to_dicom(port, "well"), to_dicom(free_port(), "ill", enabled=False)
        with Gateway(tmp_path / "data", document(node(well, ill)), web_port=free_port()) as running:
            (tmp_path / "sent").mkdir()
            send(running.port, instances(tmp_path / "sent", 2))
            running.settled()
            yield running


def test_the_command_shows_each_step_and_ends_with_1_when_one_failed(gateway: Gateway, philae: Philae) -> None:
    well, ill, unknown = (
        philae("doctor", f"PHILAE/{name}", "--data", gateway.data) for name in ("well", "ill", "nowhere")
    )

    assert (well.code, ill.code, unknown.code) == (0, 1, 2)
    assert "everything that came lately is accepted" in well.out
    assert "start the receiver or correct the port" in ill.out
    assert "PHILAE/well, PHILAE/ill" in unknown.complaint


def without_times(found: dict[str, Any]) -> dict[str, Any]:
    return {**found, "findings": [{**each, "ms": 0} for each in found["findings"]]}


def test_the_api_tells_what_the_command_prints(gateway: Gateway, philae: Philae) -> None:
    token = philae("tokens", "create", "test", "--scope", "status", "--data", gateway.data).out.strip()
    client = Client(gateway.web_port or 0, token)

    by_api = client.request("POST", "/api/v1/destinations/PHILAE/well/doctor").json
    by_command = philae("doctor", "PHILAE/well", "--json", "--data", gateway.data).document

    assert by_api["healthy"] is True
    assert without_times(by_api) == without_times(by_command)


def test_the_api_refuses_what_is_not_there_and_what_the_token_may_not(gateway: Gateway, philae: Philae) -> None:
    token = philae("tokens", "create", "other", "--scope", "status", "--data", gateway.data).out.strip()
    client = Client(gateway.web_port or 0, token)
    asked = ("POST", "/api/v1/destinations/PHILAE/well/doctor", '{"store": true}', {"Content-Type": "application/json"})

    answers = [client.request("POST", "/api/v1/destinations/PHILAE/nowhere/doctor"), client.request(*asked)]

    assert [each.status for each in answers] == [404, 403]

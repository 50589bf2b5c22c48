"""Our upper layer against DCMTK, both ways, plain and over TLS."""

import re
import ssl
from pathlib import Path

import pytest

from philae.dimse import rejection
from philae.dimse.associate import ProposedContext
from philae.dimse.commands import Status
from philae.dimse.errors import AssociationRejected
from philae.dimse.limits import Limits
from philae.dimse.rejection import Rejection
from philae.dimse.requestor import Address, Association
from tests.support.association import CONTEXTS, CT, EXPLICIT_LE, IMPLICIT_LE, Application
from tests.support.listening import certificates, dataset_bytes, instances, listening, run, storescp

HOST = "127.0.0.1"


def send_all(port: int, files: list[Path], tls: ssl.SSLContext | None = None) -> list[int]:
    """Statuses, after sending everything before reading the first response."""
    with Association.connect(Address(HOST, port, "STORESCP", "PHILAE", tls), CONTEXTS) as association:
        context = association.context_for(CT, EXPLICIT_LE)
        assert context is not None
        for at, path in enumerate(files, 1):
            data = dataset_bytes(path)
            association.send_store(context, CT, f"1.2.3.4.{at}", [data[:100], memoryview(data)[100:]], length=len(data))
        return [association.store_response().status for _ in files]


def received(folder: Path) -> set[bytes]:
    return {dataset_bytes(path) for path in folder.iterdir()}


@pytest.mark.parametrize("pdu_length", [4096, 16384, 131072])
def test_what_storescu_sends_arrives_byte_for_byte(tmp_path: Path, pdu_length: int) -> None:
    files = instances(tmp_path, 20, size=128)
    application = Application()

    with listening(application, Limits(max_pdu_length=pdu_length)) as (port, _):
        run("storescu", "-aet", "CT01", "-aec", "PHILAE", HOST, str(port), *map(str, files))

    assert [bytes(instance.data) for instance in application.instances] == [dataset_bytes(path) for path in files]
    assert {instance.request.transfer_syntax_uid for instance in application.instances} == {EXPLICIT_LE}
    assert (application.requests[0].calling_ae_title, application.requests[0].called_ae_title) == ("CT01", "PHILAE")
    assert application.endings == ["released"]


def test_echoscu_is_answered_with_128_contexts_proposed() -> None:
    with listening(Application()) as (port, _):
        output = run("echoscu", "-v", "--propose-pc", "128", "--propose-ts", "4", HOST, str(port))

    assert "Received Echo Response (Success)" in output


def test_storescu_reads_our_rejection() -> None:
    with (
        listening(Application(rejection=rejection.UNKNOWN_CALLED_AE)) as (port, _),
        pytest.raises(AssertionError) as told,
    ):
        run("echoscu", "-v", HOST, str(port))

    assert "Called AE Title Not Recognized" in str(told.value)


def test_storescu_reads_our_status_and_comment(tmp_path: Path) -> None:
    files = instances(tmp_path, 2)
    application = Application(refusal=Status(0xA700, "Disk is full"))

    with listening(application) as (port, _):
        output = run("storescu", "-d", "--no-halt", HOST, str(port), *map(str, files))

    assert output.count("Disk is full") == 2
    assert application.endings == ["released"]


def test_storescu_aborting_is_recorded_as_such(tmp_path: Path) -> None:
    files = instances(tmp_path, 1)
    application = Application()

    with listening(application) as (port, _):
        run("storescu", "--abort", HOST, str(port), *map(str, files))

    assert application.endings == ["the peer ended the association: aborted by the application"]


@pytest.mark.parametrize("pdu_length", ["4096", "131072"])
def test_what_we_send_storescp_writes_byte_for_byte(tmp_path: Path, pdu_length: str) -> None:
    files = list(instances(tmp_path, 20, size=128))

    with storescp(tmp_path / "out", "+B", "--max-pdu", pdu_length) as port:
        statuses = send_all(port, files)

    assert statuses == [0] * 20
    assert received(tmp_path / "out") == {dataset_bytes(path) for path in files}


def test_storescp_answers_our_echo(tmp_path: Path) -> None:
    with (
        storescp(tmp_path / "out") as port,
        Association.connect(Address(HOST, port, "STORESCP", "PHILAE"), CONTEXTS) as association,
    ):
        assert association.echo() == Status(0)
        assert association.is_open
        assert association.contexts[1].transfer_syntax == EXPLICIT_LE


def test_128_contexts_of_several_transfer_syntaxes_are_negotiated_with_storescp(tmp_path: Path) -> None:
    contexts = [ProposedContext(CT, (EXPLICIT_LE, IMPLICIT_LE))] * 127 + [ProposedContext("1.2.3.4", (IMPLICIT_LE,))]

    with (
        storescp(tmp_path / "out") as port,
        Association.connect(Address(HOST, port, "STORESCP", "PHILAE"), contexts) as association,
    ):
        assert len(association.contexts) == 127
        assert association.context_for("1.2.3.4", IMPLICIT_LE) is None


def test_storescps_rejection_is_told_in_words(tmp_path: Path) -> None:
    with storescp(tmp_path / "out", "--refuse") as port, pytest.raises(AssociationRejected) as told:
        Association.connect(Address(HOST, port, "STORESCP", "PHILAE"), CONTEXTS)

    assert Rejection(told.value.result, told.value.source, told.value.reason) == rejection.NO_REASON
    assert re.search("rejected permanently: no reason given", str(told.value))


def test_storescu_sends_to_us_over_tls(tmp_path: Path) -> None:
    files = instances(tmp_path, 5, size=256)
    keys = certificates(tmp_path)
    application = Application()

    with listening(application, tls=keys.server) as (port, _):
        run(
            "storescu",
            "+tls",
            *keys.client_files,
            "-pw",
            "+cf",
            keys.authority_file,
            "-rc",
            HOST,
            str(port),
            *map(str, files),
        )

    assert [bytes(instance.data) for instance in application.instances] == [dataset_bytes(path) for path in files]
    assert application.peers[0].tls_subject == "modality"
    assert application.endings == ["released"]


def test_we_send_to_storescp_over_tls(tmp_path: Path) -> None:
    files = list(instances(tmp_path, 5, size=256))
    keys = certificates(tmp_path)
    options = ("+B", "+tls", *keys.server_files, "-pw", "+cf", keys.authority_file, "-rc")

    with storescp(tmp_path / "out", *options) as port:
        statuses = send_all(port, files, tls=keys.client)

    assert statuses == [0] * 5
    assert received(tmp_path / "out") == {dataset_bytes(path) for path in files}


def test_a_plain_peer_of_a_tls_port_harms_nobody(tmp_path: Path) -> None:
    keys = certificates(tmp_path)
    application = Application()

    with listening(application, tls=keys.server) as (port, _):
        with pytest.raises(AssertionError):
            run("echoscu", HOST, str(port))
        run("echoscu", "+tls", *keys.client_files, "-pw", "+cf", keys.authority_file, "-rc", HOST, str(port))

    assert application.endings == ["released"]

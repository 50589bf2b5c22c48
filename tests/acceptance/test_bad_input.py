"""Bad input over the wire: each has a defined answer, nothing is accepted by halves, the gateway goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pynetdicom import AE

from philae.dimse import pdu
from philae.dimse.commands import decode_command, encode_store_request
from philae.dimse.errors import AbortReason
from philae.pipeline.outcome import State
from tests.support.archives import until
from tests.support.association import CT_CONTEXT, data_pdu, echo_bytes, pdv, request_bytes, store_bytes
from tests.support.datasets import CT, encode, make_dataset, nested, new_uid
from tests.support.deliveries import Delivered, deliveries, spool_files
from tests.support.documents import document, node, to_folder
from tests.support.gateway import Gateway
from tests.support.scans import assert_silent
from tests.support.senders import store
from tests.support.wire import Wire

ARTIM_S = "1"
IDLE_S = "3"
DEPTH = 200
IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2"
DEFLATED_LE = "1.2.840.10008.1.2.1.99"
ABORT_OUTSIDE = pdu.Abort(pdu.SOURCE_USER, 0)
"""What PS3.8 table 9-10 has an acceptor say to bad bytes before there is an association (AA-1)."""
PRIVATE_CLASS, PRIVATE_SYNTAX = "1.3.6.1.4.1.99999.1", "1.3.6.1.4.1.99999.2"


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    root = tmp_path_factory.mktemp("bad")
    both = (to_folder(root / "clean", "clean"), to_folder(root / "plain", "plain", deidentify=None))
    one_scanner = [{"ae_title": "MR01", "hostname": "10.9.8.7", "check_hostname": True}]
    nodes = (
        node(*both),
        node(*both, ae_title="GUARDED", sources=one_scanner),
        node(ae_title="EMPTY"),
    )
    environment = {"PHILAE_ARTIM_S": ARTIM_S, "PHILAE_IDLE_S": IDLE_S}
    with Gateway(root / "data", document(*nodes), environment=environment) as running:
        yield running
        assert len(running.children()) == 2
        assert "process.died" not in running.log
        until(lambda: {each.name for each in spool_files(running.data)} == kept(running), "nothing else is kept")


def kept(gateway: Gateway) -> set[str]:
    """Names of the spool files of what is held."""
    return {f"{each.instance_id:016x}" for each in deliveries(gateway.data) if each.state is State.HELD}


def ended(gateway: Gateway, uid: str) -> dict[str, Delivered]:
    """The deliveries of an instance by destination, once none waits."""

    def found() -> list[Delivered]:
        return [each for each in deliveries(gateway.data) if each.sop_instance_uid == uid]

    until(lambda: all(each.state not in (State.QUEUED, State.SENDING) for each in found()), "nothing waits")
    return {each.destination: each for each in found()}


def written(gateway: Gateway, delivered: Delivered) -> Path:
    return gateway.data.parent / delivered.destination / delivered.detail


def assert_goes_on(gateway: Gateway) -> None:
    """It takes and delivers a good instance."""
    uid = new_uid()
    assert store(gateway.port, encode(make_dataset(uid)), uid).status == 0x0000
    assert {each.state for each in ended(gateway, uid).values()} == {State.SENT}


def aborted(gateway: Gateway, *messages: bytes) -> pdu.Abort | None:
    """The gateway's last words to these bytes on an association."""
    with Wire(gateway.port, request_bytes()) as wire:
        assert wire.receive() is not None
        wire.send(b"".join(messages))
        return wire.last_words()


def test_a_pdu_longer_than_allowed_is_answered_by_an_abort(gateway: Gateway) -> None:
    abort = aborted(gateway, pdu.PDU_HEADER.pack(pdu.P_DATA, 0x7FFFFFFF))

    assert abort == pdu.Abort(pdu.SOURCE_PROVIDER, AbortReason.INVALID_PARAMETER)
    assert_goes_on(gateway)


def test_an_association_request_longer_than_allowed_is_answered_by_an_abort(gateway: Gateway) -> None:
    with Wire(gateway.port, pdu.PDU_HEADER.pack(pdu.ASSOCIATE_RQ, 0xFFFFFFFF)) as wire:
        assert wire.last_words() == ABORT_OUTSIDE
    assert_goes_on(gateway)


@pytest.mark.parametrize("first", [data_pdu(pdv(1, 3, b"x")), pdu.encode(pdu.RELEASE_RQ, bytes(4))])
def test_a_peer_that_does_not_begin_with_a_request_is_aborted(gateway: Gateway, first: bytes) -> None:
    with Wire(gateway.port, first) as wire:
        assert wire.last_words() == ABORT_OUTSIDE


def test_a_second_request_on_an_association_is_answered_by_an_abort(gateway: Gateway) -> None:
    abort = aborted(gateway, request_bytes())

    assert abort == pdu.Abort(pdu.SOURCE_PROVIDER, AbortReason.UNEXPECTED_PDU)


def test_bytes_that_are_no_dicom_at_all_are_answered_by_an_abort(gateway: Gateway) -> None:
    with Wire(gateway.port, b"GET / HTTP/1.1\r\nHost: philae\r\n\r\n") as wire:
        assert wire.last_words() == ABORT_OUTSIDE
    assert_goes_on(gateway)


@pytest.mark.parametrize("cut", [3, 70, 5000])
def test_an_instance_whose_sender_breaks_off_is_not_accepted(gateway: Gateway, cut: int) -> None:
    uid = new_uid()
    message = store_bytes(encode(make_dataset(uid)) + bytes(20_000), uid=uid)
    with Wire(gateway.port, request_bytes()) as wire:
        wire.receive()
        wire.send(message[:cut])

    assert_goes_on(gateway)
    assert not ended(gateway, uid)


def status_of(gateway: Gateway, message: bytes) -> int:
    with Wire(gateway.port, request_bytes()) as wire:
        wire.receive()
        wire.send(message)
        received = wire.receive()
        wire.send(pdu.encode(pdu.RELEASE_RQ, bytes(4)))
        assert received is not None
        return decode_command(received[1][6:]).number(0x0900)


@pytest.mark.parametrize(
    "uids, status",
    [((CT, ""), 0x0117), (("", "1.2.3"), 0x0122), (("", ""), 0x0122), ((CT, "no UID"), 0x0117)],
)
def test_a_command_set_without_proper_uids_is_refused(gateway: Gateway, uids: tuple[str, str], status: int) -> None:

    command = pdv(CT_CONTEXT, pdu.COMMAND | pdu.LAST, encode_store_request(1, *uids))
    data = pdv(CT_CONTEXT, pdu.LAST, encode(make_dataset(new_uid())))

    assert status_of(gateway, data_pdu(command) + data_pdu(data)) == status
    assert_goes_on(gateway)


def test_a_command_set_without_a_command_is_answered_by_an_abort(gateway: Gateway) -> None:
    assert aborted(gateway, data_pdu(pdv(CT_CONTEXT, pdu.COMMAND | pdu.LAST, b""))) is not None
    assert_goes_on(gateway)


@pytest.mark.parametrize("garbage", [b"\xff" * 500, bytes(500), b"<html></html>" * 50, b"\x08\x00\x05"])
def test_garbage_instead_of_a_dataset_is_not_understood(gateway: Gateway, garbage: bytes) -> None:
    uid = new_uid()

    assert store(gateway.port, garbage, uid).status == 0xC000
    assert not ended(gateway, uid)


@pytest.mark.parametrize("inside", [None, "1.2.3.4.5.6"])
def test_a_dataset_that_is_not_the_instance_announced_does_not_match(gateway: Gateway, inside: str | None) -> None:
    uid = new_uid()

    answer = store(gateway.port, encode(make_dataset(uid, SOPInstanceUID=inside)), uid)

    assert answer.status == 0xA900
    assert answer.comment
    assert not ended(gateway, uid)


def test_without_patient_id_an_instance_is_held_where_it_would_be_deidentified_and_delivered_elsewhere(
    gateway: Gateway,
) -> None:
    uid = new_uid()

    assert store(gateway.port, encode(make_dataset(uid, PatientID=None)), uid).status == 0x0000
    found = ended(gateway, uid)

    assert found["clean"].state is State.HELD
    assert "(0010,0020)" in found["clean"].detail
    assert found["plain"].state is State.SENT


def test_a_dataset_whose_last_element_is_cut_off_is_held_where_it_would_be_deidentified(gateway: Gateway) -> None:
    uid = new_uid()
    cut_off = encode(make_dataset(uid))[:-100]

    assert store(gateway.port, cut_off, uid).status == 0x0000
    found = ended(gateway, uid)

    assert found["clean"].state is State.HELD
    assert "7FE0,0010" in found["clean"].detail
    assert found["plain"].state is State.SENT
    assert written(gateway, found["plain"]).read_bytes().endswith(cut_off)


def test_sequences_nested_very_deep_are_deidentified(gateway: Gateway) -> None:
    uid, marker = new_uid(), "Deep^Down"
    dataset = make_dataset(uid, ContentSequence=nested(DEPTH, marker))

    assert store(gateway.port, encode(dataset), uid).status == 0x0000
    found = ended(gateway, uid)

    assert {each.state for each in found.values()} == {State.SENT}
    assert marker.encode() in written(gateway, found["plain"]).read_bytes()
    assert_silent([written(gateway, found["clean"])], [marker.encode()])


def test_a_silent_connection_is_closed_when_artim_ends(gateway: Gateway) -> None:
    with Wire(gateway.port) as wire:
        assert wire.last_words() is None
    assert_goes_on(gateway)


def test_a_silent_association_is_aborted_when_its_time_is_over(gateway: Gateway) -> None:
    abort = aborted(gateway)

    assert abort is not None
    assert abort.source == pdu.SOURCE_USER
    assert f"the peer was silent for {IDLE_S} s" in gateway.log


def test_an_association_that_goes_silent_in_a_dataset_leaves_nothing(gateway: Gateway) -> None:
    uid = new_uid()
    abort = aborted(gateway, store_bytes(encode(make_dataset(uid)), uid=uid)[:400])

    assert abort is not None
    assert not ended(gateway, uid)


@pytest.mark.parametrize(
    "called, calling, result, source, reason",
    [
        ("NOBODY", "CT01", 1, 1, 7),
        ("philae", "CT01", 1, 1, 7),
        ("GUARDED", "CT01", 1, 1, 3),
        ("GUARDED", "MR01", 1, 1, 3),
        ("EMPTY", "CT01", 1, 1, 1),
    ],
)
def test_pynetdicom_hears_why_its_association_is_rejected(
    gateway: Gateway, called: str, calling: str, result: int, source: int, reason: int
) -> None:
    entity = AE(ae_title=calling)
    entity.add_requested_context(CT)

    answers: list[Any] = []

    def is_rejected() -> bool:
        """Now and then it sees the end of the connection before the answer that came first."""
        association = entity.associate("127.0.0.1", gateway.port, ae_title=called)
        answers.append(association.acceptor.primitive)
        return association.is_rejected

    until(is_rejected, "pynetdicom sees the rejection")
    answer = answers[-1]
    assert (answer.result, answer.result_source, answer.diagnostic) == (result, source, reason)


@pytest.mark.parametrize("syntax", [IMPLICIT_LE, EXPLICIT_LE, EXPLICIT_BE, DEFLATED_LE])
def test_every_native_transfer_syntax_is_taken_and_deidentified(gateway: Gateway, syntax: str) -> None:
    uid = new_uid()

    assert store(gateway.port, encode(make_dataset(uid), syntax), uid, transfer_syntax_uid=syntax).status == 0x0000
    found = ended(gateway, uid)
    clean, plain = (pydicom.dcmread(written(gateway, found[name])) for name in ("clean", "plain"))

    assert clean.file_meta.TransferSyntaxUID == plain.file_meta.TransferSyntaxUID == syntax
    assert (clean.PatientIdentityRemoved, plain.PatientID) == ("YES", "HOSP-4711")
    assert "HOSP-4711" not in str(clean)
    assert (clean.Rows, len(clean.PixelData)) == (16, 512)


@pytest.mark.parametrize(
    "sop_class, syntax", [(PRIVATE_CLASS, EXPLICIT_LE), (CT, PRIVATE_SYNTAX), (PRIVATE_CLASS, PRIVATE_SYNTAX)]
)
def test_private_sop_classes_and_transfer_syntaxes_are_taken(gateway: Gateway, sop_class: str, syntax: str) -> None:
    uid = new_uid()
    encoded = encode(make_dataset(uid, SOPClassUID=sop_class))

    answer = store(gateway.port, encoded, uid, sop_class_uid=sop_class, transfer_syntax_uid=syntax)
    found = ended(gateway, uid)

    assert answer.status == 0x0000
    assert {each.state for each in found.values()} == {State.SENT}
    assert written(gateway, found["plain"]).read_bytes().endswith(encoded)
    assert_silent([written(gateway, found["clean"])], [b"HOSP-4711", b"Muster", uid.encode() + b"\0"])


def test_an_echo_is_answered(gateway: Gateway) -> None:
    assert status_of(gateway, echo_bytes()) == 0x0000

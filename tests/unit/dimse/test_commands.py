import struct
from io import BytesIO

import pytest
from pydicom import Dataset, dcmread

from philae.dimse import commands
from philae.dimse.commands import (
    Status,
    decode_command,
    encode_action_request,
    encode_echo_request,
    encode_response,
    encode_store_request,
)
from philae.dimse.errors import ProtocolError
from philae.dimse.sop_classes import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
from tests.support.association import CT, report_bytes


def read(encoded: bytes) -> Dataset:
    return dcmread(BytesIO(encoded), force=True)


def test_a_store_request_reads_the_same_with_pydicom() -> None:
    encoded = encode_store_request(513, CT, "1.2.3", priority=2)

    dataset = read(encoded)

    assert dataset.CommandGroupLength == len(encoded) - 12
    assert (dataset.AffectedSOPClassUID, dataset.AffectedSOPInstanceUID) == (CT, "1.2.3")
    assert (dataset.CommandField, dataset.MessageID, dataset.Priority, dataset.CommandDataSetType) == (1, 513, 2, 0)


def test_what_we_encode_we_decode() -> None:
    command = decode_command(encode_store_request(513, CT, "1.2.3"))

    assert (command.field, command.message_id, command.has_dataset) == (commands.C_STORE_RQ, 513, True)
    assert (command.text(commands.SOP_CLASS_UID), command.text(commands.SOP_INSTANCE_UID)) == (CT, "1.2.3")


def test_a_response_carries_the_uids_the_status_and_64_characters_of_comment() -> None:
    request = decode_command(encode_store_request(9, CT, "1.2.3"))

    dataset = read(encode_response(request, Status(0xA700, "x" * 70)))

    assert (dataset.CommandField, dataset.MessageIDBeingRespondedTo, dataset.Status) == (0x8001, 9, 0xA700)
    assert (dataset.AffectedSOPClassUID, dataset.AffectedSOPInstanceUID) == (CT, "1.2.3")
    assert dataset.ErrorComment == "x" * 64
    assert dataset.CommandDataSetType == 0x0101


def test_an_action_request_reads_the_same_with_pydicom() -> None:
    encoded = encode_action_request(513, STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, 1)

    dataset = read(encoded)

    assert dataset.CommandGroupLength == len(encoded) - 12
    assert dataset.RequestedSOPClassUID == STORAGE_COMMITMENT
    assert dataset.RequestedSOPInstanceUID == STORAGE_COMMITMENT_INSTANCE
    assert (dataset.CommandField, dataset.MessageID, dataset.CommandDataSetType) == (0x0130, 513, 0)
    assert dataset.ActionTypeID == 1


def test_the_answer_to_an_event_report_names_the_event_and_its_instance() -> None:
    request = decode_command(report_bytes(b"", 1, event_type=2, has_dataset=False)[12:])

    dataset = read(encode_response(request, Status(0x0110)))

    assert (dataset.CommandField, dataset.MessageIDBeingRespondedTo, dataset.Status) == (0x8100, 5, 0x0110)
    assert dataset.AffectedSOPInstanceUID == STORAGE_COMMITMENT_INSTANCE
    assert dataset.EventTypeID == 2


def test_a_response_without_comment_has_no_comment_element() -> None:
    dataset = read(encode_response(decode_command(encode_echo_request(1)), Status(0)))

    assert "ErrorComment" not in dataset
    assert "AffectedSOPInstanceUID" not in dataset


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\0\0",
        encode_echo_request(1)[:-1],
        struct.pack("<HHI", 0, 0x0100, 0xFFFFFFFF),
        struct.pack("<HHIH", 8, 0x0018, 2, 1),
        struct.pack("<HHI", 0, 0x0100, 0),
        struct.pack("<HHIH", 0, 0x0110, 2, 1),
    ],
    ids=["empty", "cut", "short", "endless", "other group", "no value", "no command field"],
)
def test_malformed_command_sets_are_protocol_errors(encoded: bytes) -> None:
    with pytest.raises(ProtocolError):
        decode_command(encoded)

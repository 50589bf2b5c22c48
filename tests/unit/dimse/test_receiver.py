import tracemalloc
from typing import Self

import pytest

from philae.dimse import pdu
from philae.dimse.commands import encode_store_request
from philae.dimse.errors import AbortReason
from philae.dimse.limits import Limits
from tests.support.association import (
    CT,
    CT_CONTEXT,
    ECHO_CONTEXT,
    Conversation,
    data_pdu,
    echo_bytes,
    established,
    pdv,
    request_bytes,
    store_bytes,
)

COMMAND = encode_store_request(1, CT, "1.2.3.4")
WHOLE_COMMAND = data_pdu(pdv(CT_CONTEXT, 3, COMMAND))


def test_several_pdvs_of_one_pdu_are_taken_apart() -> None:
    conversation = established()

    conversation.receive(data_pdu(pdv(1, 1, COMMAND[:30]), pdv(1, 3, COMMAND[30:]), pdv(1, 0, b"ab"), pdv(1, 2, b"cd")))

    assert conversation.application.instances[0].data == b"abcd"
    assert [response.message_id for response in conversation.responses] == [1]


def test_reads_of_one_byte_give_the_same_as_one_read() -> None:
    stream = request_bytes() + echo_bytes() + store_bytes(bytes(range(256)) * 8, payload=100) + pdu.RELEASE_RQ_BYTES
    at_once = Conversation().receive(stream)

    bytewise = Conversation().receive(stream, range(len(stream)))

    assert bytewise.sent == at_once.sent
    assert bytewise.application == at_once.application


def test_a_pdu_larger_than_the_buffer_passes() -> None:
    data = bytes(3 * 1024 * 1024)
    conversation = established()

    conversation.receive(store_bytes(data, payload=len(data)))

    assert conversation.application.instances[0].data == data


def test_an_empty_last_fragment_ends_the_dataset() -> None:
    conversation = established()

    conversation.receive(WHOLE_COMMAND + data_pdu(pdv(1, 0, b"abcd")) + data_pdu(pdv(1, 2, b"")))

    assert conversation.application.instances[0].ending == "finished"


def test_messages_sent_ahead_are_answered_in_order() -> None:
    conversation = established()

    conversation.receive(b"".join(store_bytes(b"data", message_id=at) for at in range(1, 6)) + echo_bytes(6))

    assert [response.message_id for response in conversation.responses] == [1, 2, 3, 4, 5, 6]


MALFORMED = {
    "unknown pdu": (b"\x0a\0\0\0\0\4abcd", AbortReason.UNRECOGNIZED_PDU),
    "pdu type 0": (bytes(16), AbortReason.UNRECOGNIZED_PDU),
    "second request": (request_bytes(), AbortReason.UNEXPECTED_PDU),
    "release response": (pdu.RELEASE_RP_BYTES, AbortReason.UNEXPECTED_PDU),
    "acceptance": (b"\2\0\0\0\0\0", AbortReason.UNEXPECTED_PDU),
    "rejection": (pdu.encode_reject(1, 1, 1), AbortReason.UNEXPECTED_PDU),
    "empty data pdu": (b"\4\0\0\0\0\0", AbortReason.INVALID_PARAMETER),
    "oversize data pdu": (b"\4\0\x7f\0\0\0", AbortReason.INVALID_PARAMETER),
    "oversize release": (b"\5\0\0\0\0\5", AbortReason.INVALID_PARAMETER),
    "oversize request": (b"\1\0\x7f\0\0\0", AbortReason.INVALID_PARAMETER),
    "pdv beyond its pdu": (pdu.encode(4, pdu.PDV_HEADER.pack(100, 1, 3) + b"ab"), AbortReason.INVALID_PARAMETER),
    "pdv of one byte": (pdu.encode(4, pdu.PDV_HEADER.pack(1, 1, 3)), AbortReason.INVALID_PARAMETER),
    "two bytes after the pdv": (data_pdu(pdv(3, 3, echo_bytes()[12:]), b"ab"), AbortReason.INVALID_PARAMETER),
    "context not accepted": (data_pdu(pdv(9, 3, COMMAND)), AbortReason.INVALID_PARAMETER),
    "dataset without command": (data_pdu(pdv(1, 2, b"ab")), AbortReason.UNEXPECTED_PARAMETER),
    "dataset in another context": (
        WHOLE_COMMAND + data_pdu(pdv(ECHO_CONTEXT, 2, b"ab")),
        AbortReason.UNEXPECTED_PARAMETER,
    ),
    "command inside a dataset": (WHOLE_COMMAND + WHOLE_COMMAND, AbortReason.UNEXPECTED_PARAMETER),
    "command in two contexts": (data_pdu(pdv(1, 1, b"ab"), pdv(3, 3, b"cd")), AbortReason.INVALID_PARAMETER),
    "command set of nonsense": (data_pdu(pdv(1, 3, b"nonsense!")), AbortReason.INVALID_PARAMETER),
}


@pytest.mark.parametrize("stream, reason", MALFORMED.values(), ids=MALFORMED)
def test_malformed_bytes_are_answered_by_a_provider_abort_with_the_reason(stream: bytes, reason: AbortReason) -> None:
    conversation = established()

    conversation.receive(stream + b"\xff" * 10)

    assert conversation.last_abort == pdu.Abort(pdu.SOURCE_PROVIDER, reason)
    assert not conversation.layer.established
    assert len(conversation.application.endings) == 1
    assert {instance.ending for instance in conversation.application.instances} <= {"finished", "abandoned"}


def test_a_command_set_without_end_is_cut_off_at_its_limit() -> None:
    conversation = established(limits=Limits(max_command_length=1000))

    conversation.receive(data_pdu(pdv(1, 1, bytes(600))) * 2)

    assert conversation.last_abort == pdu.Abort(pdu.SOURCE_PROVIDER, AbortReason.INVALID_PARAMETER)


def test_a_large_dataset_is_never_held() -> None:
    conversation = established()
    conversation.receive(WHOLE_COMMAND)
    conversation.application.instances[0].data = _Forgetful()
    block = data_pdu(pdv(1, 0, bytes(131_066)))
    for _ in range(10):
        conversation.receive(block)
    tracemalloc.start()

    for _ in range(200):
        conversation.receive(block)

    assert tracemalloc.get_traced_memory()[1] < 4 * 1024 * 1024
    tracemalloc.stop()


class _Forgetful(bytearray):
    def __iadd__(self, other: object) -> Self:
        return self

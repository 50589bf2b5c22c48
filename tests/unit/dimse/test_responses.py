"""What a peer may say on an association that we opened, and what breaks it off."""

from __future__ import annotations

import pytest

from philae.dimse.associate import (
    AnsweredContext,
    AssociateAccept,
    OfferedContext,
)
from philae.dimse.commands import (
    Status,
    decode_command,
    encode_action_request,
    encode_response,
)
from philae.dimse.errors import ProtocolError
from philae.dimse.items import UserInformation
from philae.dimse.limits import MAX_REPORT_BYTES
from philae.dimse.responses import Responses
from philae.dimse.sop_classes import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
from tests.support.association import CT, IMPLICIT_LE, report_bytes

COMMITMENT_CONTEXT, CT_CONTEXT = 1, 3
REPORT = report_bytes(b"", COMMITMENT_CONTEXT, has_dataset=True)[12:-12]
"""The command alone."""


def responses() -> Responses:
    offered = [
        OfferedContext(COMMITMENT_CONTEXT, STORAGE_COMMITMENT, (IMPLICIT_LE,)),
        OfferedContext(CT_CONTEXT, CT, (IMPLICIT_LE,)),
    ]
    found = Responses(offered)
    answered = tuple(AnsweredContext(each.context_id, 0, IMPLICIT_LE) for each in offered)
    found.accepted(AssociateAccept("ARCHIVE", "PHILAE", answered, UserInformation()))
    return found


def answer_to_request(status: Status) -> bytes:
    request = decode_command(encode_action_request(1, STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, 1))
    return encode_response(request, status)


def test_the_answer_to_a_request_is_kept_in_order() -> None:
    found = responses()

    found.command(COMMITMENT_CONTEXT, answer_to_request(Status(0x0110, "no room")))

    assert list(found.acted) == [Status(0x0110, "no room")]


def test_a_report_is_kept_whole_with_what_is_needed_to_answer_it() -> None:
    found = responses()

    has_dataset = found.command(COMMITMENT_CONTEXT, REPORT)
    found.dataset([memoryview(b"rep"), memoryview(b"or")])
    found.dataset([memoryview(b"t")])
    found.dataset_end()

    (report,) = found.reports
    assert has_dataset
    assert (report.context_id, report.command.message_id, report.dataset) == (COMMITMENT_CONTEXT, 5, b"report")


@pytest.mark.parametrize("command", [REPORT, answer_to_request(Status(0))])
def test_what_belongs_to_storage_commitment_is_not_taken_elsewhere(command: bytes) -> None:
    with pytest.raises(ProtocolError):
        responses().command(CT_CONTEXT, command)


def test_a_report_without_end_breaks_the_association_off() -> None:
    found = responses()
    found.command(COMMITMENT_CONTEXT, REPORT)
    part = memoryview(bytes(MAX_REPORT_BYTES))

    found.dataset([part])

    with pytest.raises(ProtocolError):
        found.dataset([part[:1]])

import struct
from dataclasses import dataclass, field

import pytest

from philae.dimse import commands, pdu
from philae.dimse.associate import ABSTRACT_SYNTAX_NOT_SUPPORTED, ACCEPTED, ProposedContext, decode_accept
from philae.dimse.commands import Status, encode_echo_request, encode_response, encode_store_request
from philae.dimse.errors import AbortReason
from philae.dimse.handler import ReportRequest, StoreRequest, StoreSink
from philae.dimse.items import UserInformation
from philae.dimse.limits import Limits
from philae.dimse.sop_classes import STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE
from tests.support.association import (
    CT,
    CT_CONTEXT,
    ECHO_CONTEXT,
    EXPLICIT_LE,
    IMPLICIT_LE,
    Application,
    Conversation,
    data_pdu,
    echo_bytes,
    established,
    pdv,
    report_bytes,
    request_bytes,
    store_bytes,
)

US = struct.Struct("<HHIH")


def command_pdu(*elements: tuple[int, int], context: int = CT_CONTEXT) -> bytes:
    """A command set of US elements, without group length."""
    return data_pdu(pdv(context, 3, b"".join(US.pack(0, element, 2, value) for element, value in elements)))


def status_of(conversation: Conversation) -> list[int]:
    return [response.number(commands.STATUS) for response in conversation.responses]


def test_an_instance_reaches_its_sink_and_the_sinks_status_the_peer() -> None:
    conversation = established(Application(status=Status(0xB000, "coerced")))

    conversation.receive(store_bytes(b"dataset", message_id=77, uid="1.2.9"))

    instance = conversation.application.instances[0]
    assert (bytes(instance.data), instance.ending) == (b"dataset", "finished")
    assert instance.request.sop_instance_uid == "1.2.9"
    assert instance.request.transfer_syntax_uid == EXPLICIT_LE
    response = conversation.responses[0]
    assert (response.message_id, response.field) == (77, commands.C_STORE_RSP)
    assert response.text(commands.SOP_INSTANCE_UID) == "1.2.9"
    assert response.text(commands.ERROR_COMMENT) == "coerced"
    assert status_of(conversation) == [0xB000]


def test_an_instance_put_off_is_answered_when_it_is_finished_and_what_came_behind_it_waits() -> None:
    conversation = established()

    def postpone() -> bool:
        conversation.layer.pause()
        return True

    conversation.provider.postpone = postpone
    conversation.receive(store_bytes(b"dataset", message_id=7) + echo_bytes())
    before = [instance.ending for instance in conversation.application.instances], len(conversation.responses)
    conversation.provider.finish()
    conversation.layer.resume()

    assert before == (["open"], 0)
    assert conversation.application.instances[0].ending == "finished"
    assert [response.field for response in conversation.responses] == [commands.C_STORE_RSP, commands.C_ECHO_RSP]


def test_an_instance_put_off_is_abandoned_when_the_association_ends_first() -> None:
    conversation = established()
    conversation.provider.postpone = lambda: True

    conversation.receive(store_bytes(b"dataset")).layer.closed()

    assert [instance.ending for instance in conversation.application.instances] == ["abandoned"]


def test_a_refusal_drains_the_dataset_and_keeps_the_association() -> None:
    conversation = established(Application(refusal=Status(0xA700, "disk is full")))

    conversation.receive(store_bytes(bytes(100_000), payload=1000)).receive(echo_bytes())

    assert status_of(conversation) == [0xA700, 0]
    assert conversation.layer.established


def test_an_oversize_dataset_is_abandoned_drained_and_refused() -> None:
    conversation = established(limits=Limits(max_dataset_bytes=1000))

    conversation.receive(store_bytes(bytes(1500), payload=100), range(0, 3000, 64)).receive(store_bytes(bytes(1000)))

    assert [instance.ending for instance in conversation.application.instances] == ["abandoned", "finished"]
    assert status_of(conversation) == [0xA700, 0]


def test_a_dataset_without_end_is_aborted() -> None:
    conversation = established(limits=Limits(max_dataset_bytes=1000))

    conversation.receive(store_bytes(bytes(5000), payload=100), range(0, 6000, 64))

    assert conversation.last_abort == pdu.Abort(pdu.SOURCE_PROVIDER, AbortReason.INVALID_PARAMETER)
    assert conversation.application.instances[0].ending == "abandoned"


@pytest.mark.parametrize(
    "sop_class, sop_instance, status",
    [
        ("", "1.2.3", commands.SOP_CLASS_NOT_SUPPORTED),
        ("1.2.840.10008.5.1.4.31", "1.2.3", commands.SOP_CLASS_NOT_SUPPORTED),
        (CT, "", commands.INVALID_SOP_INSTANCE),
        (CT, "../../etc/passwd", commands.INVALID_SOP_INSTANCE),
    ],
)
def test_a_store_without_proper_uids_gets_an_error_and_the_association_goes_on(
    sop_class: str, sop_instance: str, status: int
) -> None:
    conversation = established()
    command = data_pdu(pdv(CT_CONTEXT, 3, encode_store_request(1, sop_class, sop_instance)))

    conversation.receive(command + data_pdu(pdv(CT_CONTEXT, 2, b"dataset")) + store_bytes(b"next"))

    assert status_of(conversation) == [status, 0]
    assert [instance.data for instance in conversation.application.instances] == [b"next"]


def test_a_store_without_dataset_gets_an_error() -> None:
    conversation = established()

    conversation.receive(
        command_pdu((commands.COMMAND_FIELD, 1), (commands.MESSAGE_ID, 5), (commands.DATASET_TYPE, 0x0101))
    )

    assert status_of(conversation) == [commands.CANNOT_UNDERSTAND]
    assert conversation.application.instances == []


def test_an_echo_is_answered() -> None:
    conversation = established().receive(echo_bytes(12))

    assert [(r.field, r.message_id) for r in conversation.responses] == [(commands.C_ECHO_RSP, 12)]


@pytest.mark.parametrize("dataset_type", [0x0101, 0x0000])
def test_an_unknown_operation_is_answered_as_unrecognized_with_or_without_dataset(dataset_type: int) -> None:
    conversation = established()
    c_find = command_pdu(
        (commands.COMMAND_FIELD, 0x20), (commands.MESSAGE_ID, 5), (commands.DATASET_TYPE, dataset_type)
    )
    dataset = b"" if dataset_type == commands.NO_DATASET else data_pdu(pdv(CT_CONTEXT, 2, b"identifier"))

    conversation.receive(c_find + dataset).receive(echo_bytes())

    assert status_of(conversation) == [0x0211, 0]
    assert conversation.responses[0].field == 0x8020


def test_a_cancel_is_ignored() -> None:
    conversation = established()

    conversation.receive(
        command_pdu((commands.COMMAND_FIELD, 0x0FFF), (commands.RESPONDED_MESSAGE_ID, 1)) + echo_bytes()
    )

    assert status_of(conversation) == [0]


def test_a_response_to_nothing_is_aborted() -> None:
    request = commands.decode_command(encode_echo_request(1))

    conversation = established().receive(data_pdu(pdv(ECHO_CONTEXT, 3, encode_response(request, Status(0)))))

    assert conversation.last_abort == pdu.Abort(pdu.SOURCE_PROVIDER, AbortReason.UNEXPECTED_PARAMETER)


def test_responses_fit_the_smallest_pdus_a_peer_takes() -> None:
    conversation = Conversation().receive(request_bytes(user=UserInformation(max_pdu_length=8)))

    conversation.receive(echo_bytes())

    stream = conversation.sent[-1]
    assert {stream[at + 5] for at in range(0, len(stream), 14)} == {8}


def test_each_context_keeps_the_transfer_syntax_it_was_accepted_with() -> None:
    contexts = (ProposedContext(CT, (IMPLICIT_LE, EXPLICIT_LE)),)
    conversation = Conversation().receive(request_bytes(contexts))

    conversation.receive(store_bytes(b"dataset"))

    assert conversation.application.instances[0].request.transfer_syntax_uid == IMPLICIT_LE


REPORTING = (ProposedContext(STORAGE_COMMITMENT, (EXPLICIT_LE,)),)


@dataclass
class Hearing(Application):
    """Takes reports, and the datasets of reports as instances."""

    takes_reports: bool = True
    reports: list[ReportRequest] = field(default_factory=list)

    def report(self, request: ReportRequest) -> StoreSink | Status:
        self.reports.append(request)
        self.instances.append(self.instance(StoreRequest(CT, "", "", 0), self.status))
        return self.instances[-1]


def reporting(application: Application) -> Conversation:
    return Conversation(application).receive(request_bytes(REPORTING))


def test_a_report_reaches_its_sink_and_the_sinks_status_the_archive() -> None:
    application = Hearing(status=Status(0x0115, "not ours"))

    conversation = reporting(application).receive(report_bytes(b"report", CT_CONTEXT, event_type=2))

    assert application.reports == [ReportRequest(STORAGE_COMMITMENT, STORAGE_COMMITMENT_INSTANCE, 2, EXPLICIT_LE)]
    assert (bytes(application.instances[0].data), application.instances[0].ending) == (b"report", "finished")
    response = conversation.responses[0]
    assert (response.field, response.message_id, status_of(conversation)) == (0x8100, 5, [0x0115])


def test_a_report_without_dataset_is_answered_so() -> None:
    conversation = reporting(Hearing()).receive(report_bytes(b"", CT_CONTEXT, has_dataset=False))

    assert status_of(conversation) == [commands.MISSING_ATTRIBUTE]


@pytest.mark.parametrize("application", [Application(), Hearing(takes_reports=False)])
def test_who_may_not_report_is_not_offered_it_and_its_report_is_drained(application: Application) -> None:
    contexts = [*REPORTING, ProposedContext(CT, (EXPLICIT_LE,))]
    conversation = Conversation(application).receive(request_bytes(contexts))
    accepted = decode_accept(conversation.sent[0][6:]).contexts

    conversation.receive(report_bytes(b"report", 3))

    assert [context.result for context in accepted] == [ABSTRACT_SYNTAX_NOT_SUPPORTED, ACCEPTED]
    assert status_of(conversation) == [commands.UNRECOGNIZED_OPERATION]
    assert application.instances == []

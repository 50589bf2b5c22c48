import pytest

from philae.dimse import pdu, rejection
from philae.dimse.associate import (
    ACCEPTED,
    AnsweredContext,
    AssociateAccept,
    AssociateRequest,
    encode_accept,
    number_contexts,
)
from philae.dimse.association import UpperLayer
from philae.dimse.commands import Status, decode_command, encode_echo_request, encode_response, encode_store_request
from philae.dimse.errors import AbortReason, AssociationAborted, AssociationRejected, ProtocolError
from philae.dimse.fragments import command_fragments
from philae.dimse.items import UserInformation
from philae.dimse.limits import Limits
from philae.dimse.responses import Responses, StoreResponse
from philae.dimse.states import State
from tests.support.association import (
    CONTEXTS,
    CT,
    CT_CONTEXT,
    EXPLICIT_LE,
    Application,
    Conversation,
    established,
    request_bytes,
    store_bytes,
)


class Requesting:
    """A requestor's upper layer without sockets."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        request = AssociateRequest("PEER", "PHILAE", number_contexts(CONTEXTS))
        self.user = Responses(request.contexts)
        self.layer = UpperLayer(self.user, self.sent.append, Limits())
        self.layer.connected(request)

    def receive(self, data: bytes) -> None:
        self.layer.get_buffer()[: len(data)] = data
        self.layer.updated(len(data))

    def accepted(self, contexts: tuple[AnsweredContext, ...] | None = None, max_pdu: int = 16384) -> "Requesting":
        contexts = contexts or (AnsweredContext(1, ACCEPTED, EXPLICIT_LE), AnsweredContext(3, 3, ""))
        self.receive(encode_accept(AssociateAccept("PEER", "PHILAE", contexts, UserInformation(max_pdu))))
        return self


def response(message_id: int, status: Status, context: int = CT_CONTEXT) -> bytes:
    request = decode_command(encode_store_request(message_id, CT, "1.2.3"))
    return command_fragments(context, encode_response(request, status), 16378)


def test_an_acceptor_goes_from_request_to_release_to_close() -> None:
    conversation = Conversation()
    states = [conversation.layer.state]

    for stream in (request_bytes(), pdu.RELEASE_RQ_BYTES):
        conversation.receive(stream)
        states.append(conversation.layer.state)
    conversation.layer.closed()

    assert states == [State.AWAITING_REQUEST, State.ESTABLISHED, State.AWAITING_CLOSE]
    assert [sent[0] for sent in conversation.sent] == [pdu.ASSOCIATE_AC, pdu.RELEASE_RP]
    assert conversation.layer.state is State.IDLE
    assert conversation.application.endings == ["released"]


@pytest.mark.parametrize("refusal", [rejection.UNKNOWN_CALLED_AE, rejection.UNKNOWN_CALLING_AE])
def test_the_applications_rejection_reaches_the_peer_with_its_reason(refusal: rejection.Rejection) -> None:
    conversation = Conversation(Application(rejection=refusal)).receive(request_bytes())

    assert conversation.sent == [pdu.encode_reject(refusal.result, refusal.source, refusal.reason)]
    assert conversation.application.endings == []


def test_a_full_acceptor_rejects_for_now_without_asking_the_application() -> None:
    conversation = Conversation(full=True).receive(request_bytes())

    assert conversation.sent == [pdu.encode_reject(2, 3, 2)]
    assert conversation.application.requests == []


def test_data_before_a_request_is_aborted() -> None:
    conversation = Conversation().receive(store_bytes(b"data"))

    assert conversation.last_abort == pdu.Abort(pdu.SOURCE_USER, 0)
    assert conversation.layer.state is State.AWAITING_CLOSE


def test_a_request_that_cannot_be_decoded_is_aborted() -> None:
    conversation = Conversation().receive(pdu.encode(pdu.ASSOCIATE_RQ, b"short"))

    assert conversation.last_abort == pdu.Abort(pdu.SOURCE_PROVIDER, AbortReason.INVALID_PARAMETER)


def test_a_silent_peer_is_dropped_when_artim_expires() -> None:
    conversation = Conversation()

    conversation.layer.expired()

    assert conversation.layer.state is State.IDLE
    assert conversation.sent == []


def test_after_our_abort_nothing_that_arrives_is_listened_to() -> None:
    conversation = established()
    conversation.layer.abort()
    sent = len(conversation.sent)

    conversation.receive(store_bytes(b"data") + request_bytes())

    assert len(conversation.sent) == sent
    assert conversation.application.instances == []


@pytest.mark.parametrize("ending", ["abort", "release", "closed"])
def test_an_instance_cut_short_is_abandoned(ending: str) -> None:
    conversation = established().receive(store_bytes(bytes(100), payload=50)[:-20])

    if ending == "closed":
        conversation.layer.closed()
    else:
        conversation.layer.control(pdu.ABORT if ending == "abort" else pdu.RELEASE_RQ, bytes(4))

    assert conversation.application.instances[0].ending == "abandoned"
    assert conversation.responses == []
    assert len(conversation.application.endings) == 1


def test_a_requestor_learns_what_was_accepted() -> None:
    requesting = Requesting().accepted()

    assert requesting.layer.established
    assert list(requesting.user.contexts) == [1]
    assert requesting.user.context_for(CT, EXPLICIT_LE) == 1
    assert requesting.user.context_for(CT, "1.2.840.10008.1.2") is None
    assert requesting.user.peer.max_pdu_length == 16384


def test_a_rejection_is_told_in_words_with_a_remedy() -> None:
    requesting = Requesting()

    requesting.receive(pdu.encode_reject(1, 1, 7))

    assert isinstance(requesting.user.error, AssociationRejected)
    assert "called AE title not recognized" in str(requesting.user.error)
    assert "check the AE title" in str(requesting.user.error)
    assert not requesting.user.error.transient


@pytest.mark.parametrize(
    "answered",
    [AnsweredContext(1, ACCEPTED, "1.2.3"), AnsweredContext(7, ACCEPTED, EXPLICIT_LE)],
    ids=["transfer syntax", "context"],
)
def test_an_acceptance_of_what_was_never_offered_is_aborted(answered: AnsweredContext) -> None:
    requesting = Requesting().accepted((answered,))

    assert isinstance(requesting.user.error, ProtocolError)
    assert requesting.sent[-1][0] == pdu.ABORT


def test_a_peer_whose_pdus_carry_nothing_is_aborted() -> None:
    assert isinstance(Requesting().accepted(max_pdu=4).user.error, ProtocolError)


def test_responses_are_kept_in_the_order_of_the_peer() -> None:
    requesting = Requesting().accepted()

    requesting.receive(response(2, Status(0xB000, "coerced")) + response(1, Status(0)))

    assert list(requesting.user.stored) == [StoreResponse(2, 0xB000, "coerced"), StoreResponse(1, 0)]


def test_a_release_collision_is_resolved_by_answering_the_peer_first() -> None:
    requesting = Requesting().accepted()
    requesting.layer.release()

    requesting.receive(pdu.RELEASE_RQ_BYTES)
    collided = requesting.layer.state
    requesting.receive(pdu.RELEASE_RP_BYTES)

    assert requesting.sent[-1] == pdu.RELEASE_RP_BYTES
    assert (collided, requesting.layer.state) == (State.COLLISION_AWAITING_RELEASE, State.IDLE)


def test_responses_that_arrive_after_our_release_request_still_count() -> None:
    requesting = Requesting().accepted()
    requesting.layer.release()

    requesting.receive(response(1, Status(0)) + pdu.RELEASE_RP_BYTES)

    assert [stored.message_id for stored in requesting.user.stored] == [1]
    assert requesting.layer.state is State.IDLE


def test_a_peer_that_releases_is_answered_and_reported() -> None:
    requesting = Requesting().accepted()

    requesting.receive(pdu.RELEASE_RQ_BYTES)

    assert requesting.sent[-1] == pdu.RELEASE_RP_BYTES
    assert isinstance(requesting.user.error, AssociationAborted)


@pytest.mark.parametrize(
    "abort, words",
    [
        (pdu.Abort(0, 0), "aborted by the application"),
        (pdu.Abort(2, 6), "invalid parameter"),
        (pdu.Abort(2, 77), "reason 77"),
    ],
)
def test_an_abort_is_told_in_words(abort: pdu.Abort, words: str) -> None:
    requesting = Requesting().accepted()

    requesting.receive(pdu.encode_abort(abort))

    assert isinstance(requesting.user.error, AssociationAborted)
    assert words in str(requesting.user.error)


def test_a_request_to_a_requestor_is_aborted() -> None:
    requesting = Requesting().accepted()

    requesting.receive(command_fragments(1, encode_echo_request(1), 16378))

    assert requesting.sent[-1] == pdu.encode_abort(pdu.Abort(2, AbortReason.UNEXPECTED_PARAMETER))

"""Whatever bytes come in whatever pieces: same result, a defined answer, bounded memory."""

from hypothesis import given
from hypothesis import strategies as st

from philae.dimse import pdu
from philae.dimse.limits import Limits
from philae.dimse.states import State
from tests.support.association import (
    Application,
    Conversation,
    Instance,
    data_pdu,
    echo_bytes,
    established,
    pdv,
    request_bytes,
    store_bytes,
)

LIMITS = Limits(max_command_length=2000, max_dataset_bytes=50_000, max_pdu_accepted=60_000, max_negotiation_length=5000)

messages = st.one_of(
    st.builds(echo_bytes, st.integers(1, 65535)),
    st.builds(
        store_bytes,
        st.binary(min_size=1, max_size=3000),
        message_id=st.integers(1, 65535),
        payload=st.sampled_from([2, 30, 128, 16378]),
    ),
)
conversations = st.lists(messages, max_size=6).map(lambda m: request_bytes() + b"".join(m) + pdu.RELEASE_RQ_BYTES)
cuts = st.lists(st.integers(1, 20_000), max_size=60)
pdvs = st.builds(pdv, st.sampled_from([1, 3, 5]), st.integers(0, 4), st.binary(max_size=200))
pdus = st.one_of(
    messages,
    st.lists(pdvs, min_size=1, max_size=4).map(lambda parts: data_pdu(*parts)),
    st.builds(pdu.encode, st.integers(0, 9), st.binary(max_size=300)),
    st.builds(pdu.PDU_HEADER.pack, st.integers(0, 8), st.integers(0, 2**32 - 1)),
    st.binary(max_size=60),
)


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A valid conversation with a few bytes changed, then cut off."""
    stream = bytearray(draw(conversations))
    for at in draw(st.lists(st.integers(0, len(stream) - 1), max_size=5)):
        stream[at] = draw(st.integers(0, 255))
    return bytes(stream[: draw(st.integers(0, len(stream)))])


def check_defined_answer(conversation: Conversation) -> None:
    """What holds after any bytes whatever, once the peer has gone."""
    layer, application = conversation.layer, conversation.application
    assert len(layer.get_buffer()) > 0
    assert layer.state in {State.AWAITING_REQUEST, State.ESTABLISHED, State.AWAITING_CLOSE, State.IDLE}
    if layer.fault is not None:
        assert conversation.last_abort is not None
        assert layer.state is State.AWAITING_CLOSE
    layer.closed()
    assert layer.state is State.IDLE
    assert len(application.endings) == len(application.requests)
    assert all(ended(instance) for instance in application.instances)


def ended(instance: Instance) -> bool:
    return instance.ending in {"finished", "abandoned"} and len(instance.data) <= LIMITS.max_dataset_bytes


@given(conversations, cuts)
def test_however_a_stream_is_cut_the_result_is_the_same(stream: bytes, cuts: list[int]) -> None:
    whole = Conversation().receive(stream)

    pieces = Conversation().receive(stream, cuts)

    assert pieces.sent == whole.sent
    assert pieces.application == whole.application
    assert whole.sent[-1] == pdu.RELEASE_RP_BYTES


@given(st.lists(pdus, max_size=12).map(b"".join), cuts)
def test_any_pdus_on_an_established_association_get_a_defined_answer(stream: bytes, cuts: list[int]) -> None:
    whole = established(Application(), LIMITS).receive(stream)
    pieces = established(Application(), LIMITS).receive(stream, cuts)

    assert pieces.sent == whole.sent
    check_defined_answer(whole)
    check_defined_answer(pieces)


@given(damaged(), cuts)
def test_a_damaged_conversation_gets_a_defined_answer(stream: bytes, cuts: list[int]) -> None:
    check_defined_answer(Conversation(limits=LIMITS).receive(stream, cuts))


@given(st.binary(max_size=2000), cuts)
def test_random_bytes_instead_of_a_request_get_a_defined_answer(stream: bytes, cuts: list[int]) -> None:
    check_defined_answer(Conversation(limits=LIMITS).receive(stream, cuts))


@given(st.binary(max_size=2000))
def test_a_request_of_random_items_gets_a_defined_answer(items: bytes) -> None:
    body = request_bytes()[6 : 6 + 68] + items

    conversation = Conversation(limits=LIMITS).receive(pdu.encode(pdu.ASSOCIATE_RQ, body))

    assert conversation.sent[0][0] in {pdu.ASSOCIATE_AC, pdu.ASSOCIATE_RJ, pdu.ABORT}
    check_defined_answer(conversation)

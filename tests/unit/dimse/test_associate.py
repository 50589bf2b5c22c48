import pytest

from philae.dimse import pdu
from philae.dimse.associate import (
    ACCEPTED,
    AnsweredContext,
    AssociateAccept,
    AssociateRequest,
    OfferedContext,
    ProposedContext,
    decode_accept,
    decode_request,
    encode_accept,
    encode_request,
    number_contexts,
)
from philae.dimse.errors import ProtocolError
from philae.dimse.items import (
    CommonExtendedNegotiation,
    ExtendedNegotiation,
    OperationsWindow,
    RoleSelection,
    UserIdentity,
    UserInformation,
)
from tests.support.association import CT, EXPLICIT_LE, IMPLICIT_LE, request_bytes

EVERYTHING = UserInformation(
    max_pdu_length=131072,
    implementation_class_uid="1.2.3",
    implementation_version_name="PEER_1",
    window=OperationsWindow(5, 1),
    roles=(RoleSelection(CT, scu=True, scp=False),),
    extended=(ExtendedNegotiation(CT, b"\2\0\0\0\1\0"),),
    common_extended=(CommonExtendedNegotiation(CT, "1.2.840.10008.4.2", ("1.2.3", "1.2.4")),),
    identity=UserIdentity(2, response_requested=True, primary=b"name", secondary=b"passcode"),
)


def test_a_request_with_every_sub_item_comes_back_as_it_was() -> None:
    contexts = (OfferedContext(1, CT, (EXPLICIT_LE, IMPLICIT_LE)), OfferedContext(255, "1.2.3", (IMPLICIT_LE,)))
    request = AssociateRequest("PHILAE", "CT01", contexts, EVERYTHING)

    decoded = decode_request(encode_request(request)[6:])

    assert decoded == request


def test_an_acceptance_comes_back_as_it_was() -> None:
    user = UserInformation(16384, "1.2.3", "PEER", OperationsWindow(1, 1), identity_response=b"ticket")
    accept = AssociateAccept("PHILAE", "CT01", (AnsweredContext(1, ACCEPTED, EXPLICIT_LE),), user)

    assert decode_accept(encode_accept(accept)[6:]) == accept


def test_128_contexts_get_the_odd_ids_to_255() -> None:
    contexts = number_contexts([ProposedContext(CT, (EXPLICIT_LE,))] * 128)

    assert [context.context_id for context in contexts] == list(range(1, 256, 2))


@pytest.mark.parametrize("count", [0, 129])
def test_no_context_and_a_129th_are_refused_before_anything_is_sent(count: int) -> None:
    with pytest.raises(ValueError, match="presentation contexts"):
        number_contexts([ProposedContext(CT, (EXPLICIT_LE,))] * count)


@pytest.mark.parametrize("ids", [(2,), (1, 1), ()])
def test_even_repeated_and_missing_context_ids_are_malformed(ids: tuple[int, ...]) -> None:
    contexts = tuple(OfferedContext(context_id, CT, (EXPLICIT_LE,)) for context_id in ids)

    with pytest.raises(ProtocolError, match="context"):
        decode_request(encode_request(AssociateRequest("A", "B", contexts))[6:])


def test_every_truncation_of_a_request_is_malformed_or_lacks_whole_items() -> None:
    contexts = (OfferedContext(1, CT, (EXPLICIT_LE,)),)
    body = encode_request(AssociateRequest("PHILAE", "CT01", contexts, EVERYTHING))[6:]

    for length in range(len(body)):
        try:
            decoded = decode_request(body[:length])
        except ProtocolError:
            continue
        assert decoded.user == UserInformation()


def test_unknown_items_are_passed_over() -> None:
    body = request_bytes()[6:] + b"\x77\x00\x00\x02ab"

    assert decode_request(body).called_ae_title == "PHILAE"


def test_an_ae_title_of_17_characters_is_refused() -> None:
    with pytest.raises(ValueError, match="16"):
        request_bytes(called="A" * 17)


def test_secrets_of_a_user_identity_do_not_show_in_its_repr() -> None:
    assert "passcode" not in repr(EVERYTHING)


def test_an_abort_without_its_reason_is_still_an_abort() -> None:
    assert pdu.decode_abort(b"") == pdu.Abort(pdu.SOURCE_PROVIDER, 0)

from dataclasses import replace

import pytest

from philae.dimse import rejection
from philae.dimse.associate import (
    ABSTRACT_SYNTAX_NOT_SUPPORTED,
    ACCEPTED,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    USER_REJECTED,
    AssociateAccept,
    AssociateRequest,
    OfferedContext,
)
from philae.dimse.items import (
    CommonExtendedNegotiation,
    ExtendedNegotiation,
    OperationsWindow,
    RoleSelection,
    UserIdentity,
    UserInformation,
)
from philae.dimse.limits import Limits
from philae.dimse.negotiation import answer, fault_of
from philae.dimse.sop_classes import STORAGE_COMMITMENT, VERIFICATION, is_storage
from tests.support.association import CT, EXPLICIT_LE, IMPLICIT_LE

STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"
OTHERS = {
    "worklist": "1.2.840.10008.5.1.4.31",
    "find": STUDY_ROOT_FIND,
    "commitment": "1.2.840.10008.1.20.1",
    "mpps": "1.2.840.10008.3.1.2.3.3",
    "print": "1.2.840.10008.5.1.1.9",
    "ups": "1.2.840.10008.5.1.4.34.6.1",
    "inventory find": "1.2.840.10008.5.1.4.1.1.201.2",
    "dicomdir": "1.2.840.10008.1.3.10",
    "hanging protocol find": "1.2.840.10008.5.1.4.38.2",
    "no uid": "CT Image Storage",
    "empty": "",
    "too long": "1." + "2" * 64,
}
STORAGE = {
    "ct": CT,
    "unknown in the storage tree": "1.2.840.10008.5.1.4.1.1.9999.1",
    "private": "1.3.12.2.1107.5.9.1",
    "hanging protocol": "1.2.840.10008.5.1.4.38.1",
    "hardcopy": "1.2.840.10008.5.1.1.29",
    "rt delivery instruction": "1.2.840.10008.5.1.4.34.7",
    "protocol approval storage": "1.2.840.10008.5.1.4.1.1.200.3",
}


def request(*abstract: str, user: UserInformation | None = None) -> AssociateRequest:
    contexts = tuple(OfferedContext(2 * at + 1, uid, (IMPLICIT_LE, EXPLICIT_LE)) for at, uid in enumerate(abstract))
    return AssociateRequest("PHILAE", "CT01", contexts, user or UserInformation())


def results(accept: AssociateAccept) -> list[int]:
    return [context.result for context in accept.contexts]


@pytest.mark.parametrize("uid", STORAGE.values(), ids=STORAGE)
def test_storage_is_accepted_private_and_unknown_classes_included(uid: str) -> None:
    assert is_storage(uid)
    assert results(answer(request(uid), Limits())) == [ACCEPTED]


@pytest.mark.parametrize("uid", OTHERS.values(), ids=OTHERS)
def test_other_services_are_answered_as_not_supported(uid: str) -> None:
    assert results(answer(request(VERIFICATION, uid), Limits())) == [ACCEPTED, ABSTRACT_SYNTAX_NOT_SUPPORTED]


def test_the_proposers_first_transfer_syntax_is_taken_whatever_it_is() -> None:
    contexts = (OfferedContext(1, CT, ("1.2.3.private", "1.2.840.113619.5.2", EXPLICIT_LE)),)

    accept = answer(AssociateRequest("A", "B", contexts), Limits())

    assert accept.contexts[0].transfer_syntax == "1.2.840.113619.5.2"


def test_a_context_without_transfer_syntax_is_refused_for_that() -> None:
    accept = answer(AssociateRequest("A", "B", (OfferedContext(1, CT, ()),)), Limits())

    assert results(accept) == [TRANSFER_SYNTAXES_NOT_SUPPORTED]


def test_a_requestor_that_wants_to_be_provider_only_is_refused_for_that_class() -> None:
    user = UserInformation(roles=(RoleSelection(CT, scu=False, scp=True),))

    accept = answer(request(CT, user=user), Limits())

    assert results(accept) == [USER_REJECTED]
    assert accept.user.roles == ()


def test_a_requestor_that_offers_both_roles_is_told_that_we_only_provide() -> None:
    user = UserInformation(roles=(RoleSelection(CT, scu=True, scp=True), RoleSelection(STUDY_ROOT_FIND, True, True)))

    accept = answer(request(CT, STUDY_ROOT_FIND, user=user), Limits())

    assert accept.user.roles == (RoleSelection(CT, scu=True, scp=False),)


@pytest.mark.parametrize(
    "asked, answered",
    [((0, 0), (64, 1)), ((3, 3), (3, 1)), ((500, 0), (64, 1))],
)
def test_the_operations_window_never_exceeds_what_was_asked(asked: tuple[int, int], answered: tuple[int, int]) -> None:
    user = UserInformation(window=OperationsWindow(*asked))

    assert answer(request(CT, user=user), Limits()).user.window == OperationsWindow(*answered)


def test_nothing_optional_is_answered_unasked() -> None:
    user = answer(request(CT), Limits()).user

    assert (user.window, user.roles, user.extended, user.identity_response) == (None, (), (), None)


@pytest.mark.parametrize(
    "kind, requested, response",
    [(1, True, b""), (2, True, b""), (1, False, None), (3, True, None), (4, True, None), (5, True, None)],
)
def test_an_identity_is_confirmed_only_when_asked_and_only_for_names(
    kind: int, requested: bool, response: bytes | None
) -> None:
    user = UserInformation(identity=UserIdentity(kind, requested, b"name"))

    assert answer(request(CT, user=user), Limits()).user.identity_response == response


def test_extended_negotiation_of_accepted_storage_is_answered_with_full_storage() -> None:
    user = UserInformation(extended=(ExtendedNegotiation(CT, b"\1"), ExtendedNegotiation(STUDY_ROOT_FIND, b"\1")))

    extended = answer(request(CT, STUDY_ROOT_FIND, user=user), Limits()).user.extended

    assert [(entry.sop_class_uid, entry.information[0]) for entry in extended] == [(CT, 2)]


def test_a_private_class_declared_to_be_another_service_is_not_taken_for_storage() -> None:
    private = "1.2.3.4.5"
    user = UserInformation(common_extended=(CommonExtendedNegotiation(private, "1.2.840.10008.4.9"),))

    assert results(answer(request(private, user=user), Limits())) == [ABSTRACT_SYNTAX_NOT_SUPPORTED]


def test_other_protocol_versions_and_application_contexts_are_rejected_for_that() -> None:
    assert fault_of(replace(request(CT), protocol_version=2)) == rejection.PROTOCOL_VERSION
    assert fault_of(replace(request(CT), application_context="1.2.3")) == rejection.APPLICATION_CONTEXT
    assert fault_of(replace(request(CT), protocol_version=3)) is None


def test_every_rejection_has_words_and_a_remedy() -> None:
    assert "called AE title" in rejection.UNKNOWN_CALLED_AE.words
    assert "permanently" in rejection.UNKNOWN_CALLED_AE.words
    assert "for now" in rejection.LIMIT_EXCEEDED.words
    assert "later" in rejection.LIMIT_EXCEEDED.remedy
    assert "source 9, reason 9" in rejection.Rejection(9, 9, 9).words


def of_commitment(*roles: RoleSelection, syntaxes: tuple[str, ...] = (IMPLICIT_LE,)) -> AssociateRequest:
    contexts = (OfferedContext(1, STORAGE_COMMITMENT, syntaxes),)
    return AssociateRequest("PHILAE", "ARCHIVE", contexts, UserInformation(roles=roles))


def test_an_archive_may_report_in_the_role_that_it_selects() -> None:
    accept = answer(of_commitment(RoleSelection(STORAGE_COMMITMENT, False, True)), Limits(), takes_reports=True)

    assert results(accept) == [ACCEPTED]
    assert accept.user.roles == (RoleSelection(STORAGE_COMMITMENT, False, True),)


def test_an_archive_that_leaves_its_role_unsaid_may_report_all_the_same() -> None:
    accept = answer(of_commitment(), Limits(), takes_reports=True)

    assert (results(accept), accept.user.roles) == ([ACCEPTED], ())


def test_who_wants_to_ask_us_for_commitment_is_refused() -> None:
    accept = answer(of_commitment(RoleSelection(STORAGE_COMMITMENT, True, False)), Limits(), takes_reports=True)

    assert results(accept) == [USER_REJECTED]


def test_a_report_is_taken_in_a_plain_transfer_syntax_only() -> None:
    deflated, jpeg = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.4.50"

    chosen = answer(of_commitment(syntaxes=(deflated, EXPLICIT_LE)), Limits(), takes_reports=True)
    refused = answer(of_commitment(syntaxes=(deflated, jpeg)), Limits(), takes_reports=True)

    assert chosen.contexts[0].transfer_syntax == EXPLICIT_LE
    assert results(refused) == [TRANSFER_SYNTAXES_NOT_SUPPORTED]

"""What an acceptor answers to an A-ASSOCIATE-RQ that its handler admits."""

from typing import Final

from philae.dicom.implementation import IMPLEMENTATION_CLASS_UID, IMPLEMENTATION_VERSION_NAME
from philae.dicom.syntax import transfer_syntax
from philae.dimse import rejection
from philae.dimse.associate import (
    ABSTRACT_SYNTAX_NOT_SUPPORTED,
    ACCEPTED,
    APPLICATION_CONTEXT_NAME,
    TRANSFER_SYNTAXES_NOT_SUPPORTED,
    USER_REJECTED,
    AnsweredContext,
    AssociateAccept,
    AssociateRequest,
    OfferedContext,
)
from philae.dimse.items import (
    ExtendedNegotiation,
    OperationsWindow,
    RoleSelection,
    UserIdentity,
    UserInformation,
)
from philae.dimse.limits import Limits
from philae.dimse.rejection import Rejection
from philae.dimse.sop_classes import (
    STORAGE_COMMITMENT,
    STORAGE_SERVICE_CLASS,
    VERIFICATION,
    is_storage,
    is_uid,
)

_VERSION_1: Final = 0x0001
_LEVEL_2_MAY_COERCE: Final = bytes((2, 0, 0, 0, 1, 0))  # PS3.4 B.3.1.4: everything is kept, delivery may change it
_NAMES: Final = (1, 2)  # identity kinds whose positive response carries nothing


def fault_of(request: AssociateRequest) -> Rejection | None:
    """Why nobody could accept ``request``, whatever the AE titles."""
    if not request.protocol_version & _VERSION_1:
        return rejection.PROTOCOL_VERSION
    if request.application_context != APPLICATION_CONTEXT_NAME:
        return rejection.APPLICATION_CONTEXT
    return None


def answer(request: AssociateRequest, limits: Limits, *, takes_reports: bool = False) -> AssociateAccept:
    """Verification and all storage, in the first transfer syntax proposed; we are SCP only.

    Except of storage commitment: where ``takes_reports``, the requestor is the SCP, as it selects or leaves unsaid.
    """
    roles = {role.sop_class_uid: role for role in request.user.roles}
    services = {common.sop_class_uid: common.service_class_uid for common in request.user.common_extended}
    contexts = tuple(
        _answer_commitment(context, roles.get(STORAGE_COMMITMENT))
        if takes_reports and context.abstract_syntax == STORAGE_COMMITMENT
        else _answer_context(context, roles, services)
        for context in request.contexts
    )
    accepted = {
        offered.abstract_syntax
        for offered, answered in zip(request.contexts, contexts, strict=True)
        if answered.result == ACCEPTED
    }
    user = UserInformation(
        max_pdu_length=limits.max_pdu_length,
        implementation_class_uid=IMPLEMENTATION_CLASS_UID,
        implementation_version_name=IMPLEMENTATION_VERSION_NAME,
        window=_answer_window(request.user.window, limits),
        roles=tuple(_answer_role(role) for uid, role in roles.items() if uid in accepted),
        extended=tuple(
            ExtendedNegotiation(extended.sop_class_uid, _LEVEL_2_MAY_COERCE)
            for extended in request.user.extended
            if extended.sop_class_uid in accepted and is_storage(extended.sop_class_uid)
        ),
        identity_response=_answer_identity(request.user.identity),
    )
    return AssociateAccept(request.called_ae_title, request.calling_ae_title, contexts, user)


def _answer_context(
    context: OfferedContext, roles: dict[str, RoleSelection], services: dict[str, str]
) -> AnsweredContext:
    uid = context.abstract_syntax
    syntax = next((uid for uid in context.transfer_syntaxes if is_uid(uid)), "")
    service = services.get(uid, STORAGE_SERVICE_CLASS)
    if uid != VERIFICATION and not (is_storage(uid) and service == STORAGE_SERVICE_CLASS):
        result = ABSTRACT_SYNTAX_NOT_SUPPORTED
    elif not syntax:
        result = TRANSFER_SYNTAXES_NOT_SUPPORTED
    elif uid in roles and not roles[uid].scu:
        result = USER_REJECTED
    else:
        result = ACCEPTED
    return AnsweredContext(context.context_id, result, syntax)


def _answer_commitment(context: OfferedContext, role: RoleSelection | None) -> AnsweredContext:
    """In the first transfer syntax proposed that is plain."""
    syntaxes = map(transfer_syntax, context.transfer_syntaxes)
    syntax = next((each.uid for each in syntaxes if not (each.encapsulated or each.deflated)), "")
    if not syntax:
        return AnsweredContext(context.context_id, TRANSFER_SYNTAXES_NOT_SUPPORTED, "")
    result = ACCEPTED if role is None or role.scp else USER_REJECTED
    return AnsweredContext(context.context_id, result, syntax)


def _answer_role(role: RoleSelection) -> RoleSelection:
    is_scp = role.sop_class_uid == STORAGE_COMMITMENT
    return RoleSelection(role.sop_class_uid, role.scu and not is_scp, is_scp)


def _answer_window(window: OperationsWindow | None, limits: Limits) -> OperationsWindow | None:
    """Requests may be sent ahead and are performed in order; we invoke none (PS3.7 D.3.3.3)."""
    if window is None:
        return None
    invoked = min(window.invoked, limits.max_operations) if window.invoked else limits.max_operations
    return OperationsWindow(invoked, 1)


def _answer_identity(identity: UserIdentity | None) -> bytes | None:
    """A positive response for names only: tickets and tokens need one that we cannot make (PS3.7 D.3.3.7)."""
    if identity is None or not identity.response_requested or identity.kind not in _NAMES:
        return None
    return b""

"""Our upper layer against pynetdicom, both ways."""

from pathlib import Path
from typing import Any

import pytest
from pydicom import dcmread
from pynetdicom import AE, evt
from pynetdicom.pdu_primitives import (
    AsynchronousOperationsWindowNegotiation,
    SCP_SCU_RoleSelectionNegotiation,
    SOPClassExtendedNegotiation,
    UserIdentityNegotiation,
)

from philae.dimse.commands import Status
from philae.dimse.items import OperationsWindow, UserIdentity
from philae.dimse.requestor import Address, Association
from tests.support.association import CONTEXTS, CT, EXPLICIT_LE, Application
from tests.support.listening import dataset_bytes, instances, listening

STUDY_ROOT_FIND = "1.2.840.10008.5.1.4.1.2.2.1"


def sender() -> Any:
    entity = AE(ae_title="MODALITY")
    entity.add_requested_context(CT, EXPLICIT_LE)
    entity.add_requested_context(STUDY_ROOT_FIND)
    return entity


def test_what_pynetdicom_sends_arrives_and_is_answered(tmp_path: Path) -> None:
    files = instances(tmp_path, 3)
    application = Application(status=Status(0xB000, "Coerced"))

    with listening(application) as (port, _):
        association = sender().associate("127.0.0.1", port, ae_title="PHILAE")
        statuses = [association.send_c_store(dcmread(path)) for path in files]
        association.release()

    assert [bytes(instance.data) for instance in application.instances] == [dataset_bytes(path) for path in files]
    assert [(status.Status, status.ErrorComment) for status in statuses] == [(0xB000, "Coerced")] * 3
    assert [context.abstract_syntax for context in association.accepted_contexts] == [CT]
    assert [context.abstract_syntax for context in association.rejected_contexts] == [STUDY_ROOT_FIND]


def test_pynetdicom_understands_every_negotiation_item_we_answer() -> None:
    window = AsynchronousOperationsWindowNegotiation()
    window.maximum_number_operations_invoked, window.maximum_number_operations_performed = 4, 4
    role = SCP_SCU_RoleSelectionNegotiation()
    role.sop_class_uid, role.scu_role, role.scp_role = CT, True, True
    extended = SOPClassExtendedNegotiation()
    extended.sop_class_uid, extended.service_class_application_information = CT, b"\2\0\0\0\0\0"
    identity = UserIdentityNegotiation()
    identity.user_identity_type, identity.positive_response_requested, identity.primary_field = 1, True, b"name"
    application = Application()

    with listening(application) as (port, _):
        association = sender().associate(
            "127.0.0.1", port, ext_neg=[window, role, extended, identity], ae_title="PHILAE"
        )
        answered: Any = association.acceptor
        association.release()

    assert answered.asynchronous_operations == (4, 1)
    assert answered.role_selection[CT].scp_role is False
    assert answered.sop_class_extended[CT][0] == 2
    assert answered.user_identity.server_response == b""
    identity_received = application.requests[0].user.identity
    assert identity_received is not None
    assert identity_received.primary == b"name"


@pytest.mark.parametrize("status", [0x0000, 0xA700, 0xB000, 0xC123])
def test_pynetdicom_receives_what_we_send_and_its_status_comes_back(tmp_path: Path, status: int) -> None:
    files = instances(tmp_path, 3)
    arrived: list[bytes] = []

    def store(event: Any) -> int:
        arrived.append(event.request.DataSet.getvalue())
        return status

    entity = AE(ae_title="ARCHIVE")
    entity.add_supported_context(CT, EXPLICIT_LE)
    entity.add_supported_context("1.2.840.10008.1.1")
    server: Any = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=[(evt.EVT_C_STORE, store)])
    try:
        address = Address("127.0.0.1", server.socket.getsockname()[1], "ARCHIVE", "PHILAE")
        identity = UserIdentity(1, response_requested=False, primary=b"philae")
        with Association.connect(address, CONTEXTS, window=OperationsWindow(1, 1), identity=identity) as association:
            context = association.context_for(CT, EXPLICIT_LE)
            assert context is not None
            assert association.echo() == Status(0)
            for path in files:
                data = dataset_bytes(path)
                association.send_store(context, CT, "1.2.3", [data], length=len(data))
                assert association.store_response().status == status
    finally:
        server.shutdown()

    assert arrived == [dataset_bytes(path) for path in files]

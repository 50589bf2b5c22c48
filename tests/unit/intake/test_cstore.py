from __future__ import annotations

from collections.abc import Sequence

import pytest
from typing_extensions import override

from philae.config.configuration import Configuration
from philae.dimse.associate import AssociateRequest
from philae.dimse.commands import Status
from philae.dimse.handler import Peer, StoreRequest
from philae.dimse.items import UserInformation
from philae.dimse.rejection import UNKNOWN_CALLED_AE
from philae.intake.cstore import Arriving, Intake, StoringAssociation
from philae.pipeline.model import Incoming, Instance
from philae.pipeline.ports import LedgerUnavailable, NotRecorded, SpoolFull
from tests.support.fakes import FakeBell, FakeDraft, FakeLedger, FakeSpool
from tests.support.instances import CT, EXPLICIT_LE
from tests.support.lanes import ct_dataset, make_destination, make_node

CONFIGURATION = Configuration(version=3, forward_nodes=(make_node(make_destination(1), make_destination(2)),))


class Configurations:
    """One version that a test may replace."""

    configuration = CONFIGURATION

    def current(self) -> Configuration:
        return self.configuration

    def version(self, number: int) -> Configuration:
        raise NotImplementedError

    def apply(self, configuration: Configuration) -> Configuration:
        raise NotImplementedError


class Draft(FakeDraft):
    """Can be full when it is kept, and notes what happens to it."""

    spool: Spool

    @override
    def keep(self) -> tuple[int, bytes]:
        self.spool.happened.append("keep")
        if self.spool.full_at == "keep":
            raise SpoolFull("the disk refused a write")
        return super().keep()

    @override
    def write(self, parts: Sequence[memoryview]) -> None:
        self.spool.full = self.spool.full_at == "write"
        super().write(parts)


class Spool(FakeSpool):
    full_at = ""

    def __init__(self) -> None:
        super().__init__()
        self.happened: list[str] = []

    @override
    def draft(self, incoming: Incoming) -> Draft:
        self.full = self.full_at == "draft"
        if self.full:
            raise SpoolFull("the watermark is reached")
        draft = Draft(self, self._ids.next(), incoming)
        draft.spool = self
        return draft


class Ledger(FakeLedger):
    fault: LedgerUnavailable | None = None

    def __init__(self, happened: list[str]) -> None:
        super().__init__()
        self._happened = happened

    @override
    def open(self, instance: Instance, destination_ids: Sequence[int], config_version: int) -> None:
        self._happened.append("open")
        if self.fault is not None:
            raise self.fault
        super().open(instance, destination_ids, config_version)


class Bell(FakeBell):
    def __init__(self, happened: list[str]) -> None:
        super().__init__()
        self._happened = happened

    @override
    def ring(self) -> None:
        self._happened.append("ring")
        super().ring()


class World:
    """An intake on fakes."""

    def __init__(self) -> None:
        self.configurations = Configurations()
        self.spool = Spool()
        self.ledger = Ledger(self.spool.happened)
        self.bell = Bell(self.spool.happened)
        self.intake = Intake(self.configurations, self.spool, self.ledger, self.bell)

    def association(self) -> StoringAssociation:
        association = self.intake.association()
        assert association.admit(request(), Peer("10.0.0.1", 1)) is None
        return association

    def send(self, dataset: bytes | None = None, uid: str = "1.2.3.4") -> Status:
        arriving = self.association().store(store_request(uid))
        if isinstance(arriving, Status):
            return arriving
        data = ct_dataset(uid) if dataset is None else dataset
        for start in range(0, len(data), 100):
            arriving.write([memoryview(data)[start : start + 100]])
        return arriving.finish()

    @property
    def is_untouched(self) -> bool:
        return not self.spool.files and self.ledger.counts().accepted == 0 and self.bell.rings == 0


def request(called: str = "PHILAE") -> AssociateRequest:
    return AssociateRequest(called, "CT01", (), UserInformation(max_pdu_length=0, implementation_class_uid="1.2.3"))


def store_request(uid: str = "1.2.3.4", syntax_uid: str = EXPLICIT_LE) -> StoreRequest:
    return StoreRequest(CT, uid, syntax_uid, message_id=1)


def test_success_means_spool_then_ledger_and_then_the_bell() -> None:
    world = World()

    status = world.send()

    assert status == Status(0)
    assert world.spool.happened == ["keep", "open", "ring"]
    assert world.ledger.counts().opened_by_destination == {1: 1, 2: 1}
    assert len(world.spool.files) == 1


def test_the_record_says_who_sent_it() -> None:
    world = World()

    world.send()

    (instance,) = world.ledger._instances.values()
    assert (instance.node, instance.calling_ae_title, instance.peer_host) == ("PHILAE", "CT01", "10.0.0.1")
    assert instance.received_at.tzinfo is not None


@pytest.mark.parametrize("step", ["draft", "write", "keep"])
def test_a_full_spool_answers_a700_at_any_step_and_keeps_nothing(step: str) -> None:
    world = World()
    world.spool.full_at = step

    status = world.send()

    assert status.code == 0xA700
    assert status.comment
    assert world.is_untouched


@pytest.mark.parametrize("fault", [NotRecorded("disk full"), LedgerUnavailable("the database is gone")])
def test_a_ledger_that_cannot_record_answers_a700_and_leaves_the_file_to_the_sweep(fault: LedgerUnavailable) -> None:
    world = World()
    world.ledger.fault = fault

    status = world.send()

    assert status.code == 0xA700
    assert len(world.spool.files) == 1
    assert world.bell.rings == 0


@pytest.mark.parametrize(
    "dataset, code",
    [
        (ct_dataset("9.9.9"), 0xA900),
        (ct_dataset(""), 0xA900),
        (ct_dataset("1.2.3.4", sop_class="1.2.9"), 0xA900),
        (b"", 0xC000),
        (b"\x08\0\x05\0garbage", 0xC000),
        (ct_dataset("1.2.3.4")[:45], 0xC000),
    ],
)
def test_what_is_not_the_announced_instance_is_refused_and_nothing_half_kept(dataset: bytes, code: int) -> None:
    world = World()

    status = world.send(dataset)

    assert status.code == code
    assert 0 < len(status.comment) <= 64
    assert world.is_untouched


def test_a_refusal_tells_no_value() -> None:
    world = World()

    status = world.send(ct_dataset("1.2.3.4", patient_id="SECRET")[:110])

    assert "SECRET" not in status.comment


def test_an_association_that_breaks_off_leaves_nothing() -> None:
    world = World()
    arriving = world.association().store(store_request())
    assert isinstance(arriving, Arriving)
    arriving.write([memoryview(ct_dataset())])

    arriving.abandon()

    assert world.is_untouched


def test_abandoning_after_the_spool_was_full_is_no_fault() -> None:
    world = World()
    arriving = world.association().store(store_request())
    assert isinstance(arriving, Arriving)
    world.spool.full_at = "write"
    arriving.write([memoryview(b"some")])
    arriving.write([memoryview(b"more")])

    arriving.abandon()

    assert world.is_untouched


def test_after_a_failed_instance_the_next_one_is_taken() -> None:
    world = World()
    world.spool.full_at = "write"
    assert world.send().code == 0xA700
    world.spool.full_at = ""

    assert world.send(uid="1.2.3.5").code == 0


def test_an_unknown_node_is_refused() -> None:
    association = World().intake.association()

    assert association.admit(request("NOBODY"), Peer("10.0.0.1", 1)) == UNKNOWN_CALLED_AE


def test_an_association_keeps_the_configuration_that_it_began_with() -> None:
    world = World()
    association = world.association()
    world.configurations.configuration = Configuration(version=4, forward_nodes=(make_node(make_destination(9)),))

    arriving = association.store(store_request())
    assert isinstance(arriving, Arriving)
    arriving.write([memoryview(ct_dataset())])
    arriving.finish()

    assert world.ledger.counts().opened_by_destination == {1: 1, 2: 1}
    assert {each.config_version for each in world.ledger._deliveries.values()} == {3}


def test_the_end_of_an_association_is_logged_without_anything_of_a_patient(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    association = World().association()

    association.closed("released")

    (record,) = caplog.records
    assert (record.message, record.__dict__["accepted"]) == ("association.closed", 0)


def test_a_sender_that_waits_for_confirmations_hears_at_once_of_a_destination_that_is_paused() -> None:
    world = World()
    node = CONFIGURATION.forward_nodes[0].model_copy(update={"answer": "pass-through"})
    world.configurations.configuration = CONFIGURATION.model_copy(update={"forward_nodes": (node,)})
    association = world.association()
    paused = node.model_copy(update={"paused": True})
    world.configurations.configuration = CONFIGURATION.model_copy(update={"forward_nodes": (paused,)})

    answer = association.store(store_request())

    assert isinstance(answer, Status)
    assert answer.code == 0xA700
    assert answer.comment.endswith("is paused; try again later")
    assert world.is_untouched

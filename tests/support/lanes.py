"""A lane between a ledger and a spool in memory, and a receiver that answers what the test says."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from typing_extensions import override

from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.config.forward_node import ForwardNode
from philae.destinations.folder import FolderSettings
from philae.dicom.splice import Span
from philae.dicom.syntax import EXPLICIT_LE, TransferSyntax, transfer_syntax
from philae.pipeline.body import Body
from philae.pipeline.circuit import Circuit
from philae.pipeline.lane import LaneRunner
from philae.pipeline.model import Delivery, Excluded, Instance, Lane, Outgoing, Receipt, Settlement
from philae.pipeline.outcome import Refused, State, TryAgain
from philae.pipeline.path import accept
from philae.pipeline.ports import LedgerUnavailable, SpoolFile
from philae.pipeline.record import Patience
from philae.pipeline.retry import RetryCurve
from philae.pipeline.wake import Wake
from tests.support.fakes import FakeFile, FakeLedger, FakeSpool
from tests.support.instances import CT, make_incoming
from tests.support.trees import Element, encode, text

LANE = Lane(destination_id=1, index=0, count=1)
WORKER = "w1"
AT_ONCE = RetryCurve(base_s=1e-6, cap_s=1e-6, jitter=0.0)
ANSWER = Receipt | TryAgain | Refused
STORED = Receipt(State.SENT, "0000H success")


def ct_dataset(
    uid: str = "1.2.3.4",
    syntax: TransferSyntax = EXPLICIT_LE,
    *,
    sop_class: str = CT,
    series: str = "1.2.3",
    patient_id: str = "P1",
    pixels: bytes = bytes(64),
) -> bytes:
    """A small encoded dataset with the attributes that the path looks at."""
    tree = [
        text(0x00080016, "UI", sop_class),
        text(0x00080018, "UI", uid),
        text(0x00080060, "CS", "CT"),
        text(0x00100020, "LO", patient_id),
        text(0x0020000D, "UI", "1.2"),
        text(0x0020000E, "UI", series),
        Element(0x00280103, "US", b"\0\0"),
        Element(0x7FE00010, "OW", pixels),
    ]
    return encode([each for each in tree if each.value], syntax)


def make_node(*destinations: Destination, ae_title: str = "PHILAE") -> ForwardNode:
    return ForwardNode(ae_title=ae_title, destinations=destinations or (make_destination(),))


def make_destination(number: int = 1, *, enabled: bool = True, name: str = "out") -> Destination:
    return Destination(id=number, name=name, enabled=enabled, settings=FolderSettings(path=Path("out")))


class TrackedFile(FakeFile):
    """Knows whether it was closed, and complains when it is closed twice."""

    is_open = True

    @override
    def close(self) -> None:
        assert self.is_open
        self.is_open = False


class TrackingSpool(FakeSpool):
    """Remembers every file that it opened."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[TrackedFile] = []

    @override
    def open(self, instance: Instance) -> TrackedFile:
        plain = super().open(instance)
        file = TrackedFile(bytes(plain.encoded.source), instance.transfer_syntax_uid)
        self.opened.append(file)
        return file


class RecordingLedger(FakeLedger):
    """Keeps every settlement; ``refuse_settling`` answers that many times that it is not available."""

    def __init__(self) -> None:
        super().__init__()
        self.settled: list[Settlement] = []
        self.refuse_settling = 0
        self.refuse_claiming = False

    @override
    def claim(self, lane: Lane, worker: str, limit: int, now: datetime) -> list[Delivery]:
        if self.refuse_claiming:
            raise LedgerUnavailable("the database is gone")
        return super().claim(lane, worker, limit, now)

    @override
    def settle(self, settlements: Sequence[Settlement], worker: str) -> None:
        if self.refuse_settling:
            self.refuse_settling -= 1
            raise LedgerUnavailable("the database is gone")
        super().settle(settlements, worker)
        self.settled += settlements

    def states(self) -> dict[State, int]:
        return {state: count for state, count in self.counts().by_destination[1].items() if count}


def as_it_is(delivery: Delivery, file: SpoolFile) -> Outgoing:
    """A transform that changes nothing."""
    identifiers, encoded = delivery.instance.identifiers, file.encoded
    return Outgoing(
        delivery,
        identifiers.sop_class_uid,
        identifiers.sop_instance_uid,
        identifiers.study_instance_uid,
        delivery.instance.transfer_syntax_uid,
        Body(file, (Span(encoded.start, encoded.end),)),
    )


class ScriptedSender:
    """Sends one instance at a time and prepares the next meanwhile, as C-STORE does; ``answer`` is the receiver."""

    def __init__(self, answer: Callable[[str], ANSWER | Exception], log: list[str]) -> None:
        self._answer = answer
        self._log = log

    def deliver(
        self, wanted: Collection[tuple[str, str]], outgoings: Iterator[Outgoing]
    ) -> Iterator[tuple[Outgoing, ANSWER]]:
        under_way: Outgoing | None = None
        for outgoing in outgoings:
            if under_way is not None:
                yield self._answered(under_way)
            self._log.append(f"send {outgoing.sop_instance_uid}")
            assert len(b"".join(outgoing.body.buffers())) == outgoing.body.length
            under_way = outgoing
        if under_way is not None:
            yield self._answered(under_way)

    def close(self) -> None:
        self._log.append("close")

    def _answered(self, outgoing: Outgoing) -> tuple[Outgoing, ANSWER]:
        answer = self._answer(outgoing.sop_instance_uid)
        self._log.append(f"answer {outgoing.sop_instance_uid}")
        if isinstance(answer, Exception) and not isinstance(answer, TryAgain | Refused):
            raise answer
        return outgoing, answer


class Bench:
    """One lane on fakes. Instances are named by their number: "1", "2" ..."""

    def __init__(self) -> None:
        self.ledger = RecordingLedger()
        self.spool = TrackingSpool()
        self.wake = Wake()
        self.circuit = Circuit(AT_ONCE)
        self.closed_s = 0.0
        self.log: list[str] = []
        self.answers: dict[str, ANSWER | Exception] = {}
        self.faults: dict[str, Exception | Excluded] = {}
        self.on_prepare: dict[str, Callable[[], object]] = {}
        self.patience = Patience(AT_ONCE)
        self.unreachable: list[TryAgain] = []
        self.ledger.acquire([LANE], WORKER, timedelta(minutes=1))

    def accept(self, count: int) -> list[str]:
        """Take ``count`` instances in; their names."""
        names = [str(number) for number in range(1, count + 1)]
        for name in names:
            self.accept_one(name)
        return names

    def accept_one(self, name: str) -> Instance:
        incoming = make_incoming(name)
        draft = self.spool.draft(incoming)
        draft.write([memoryview(ct_dataset(name))])
        return accept(incoming, draft, make_node(), Configuration(), self.ledger, datetime.now(UTC))

    def runner(self, sender: Callable[[], object] | None = None) -> LaneRunner:
        return LaneRunner(
            lane=LANE,
            worker=WORKER,
            ledger=self.ledger,
            spool=self.spool,
            transform=self._transform,
            connect=sender or self._connect,  # type: ignore[arg-type]
            circuit=self.circuit,
            patience=self.patience,
            wake=self.wake,
            closed_s=lambda: self.closed_s,
        )

    def work_off(self, batches: int = 1) -> Bench:
        runner = self.runner()
        for _ in range(batches):
            runner.work_off_a_batch()
        return self

    def ends(self) -> list[tuple[str, State]]:
        """Name and state of every settlement, in the order of the ledger."""
        return [(each.delivery.instance.identifiers.sop_instance_uid, each.state) for each in self.ledger.settled]

    def detail(self, name: str) -> str:
        return next(
            each.detail
            for each in reversed(self.ledger.settled)
            if each.delivery.instance.identifiers.sop_instance_uid == name
        )

    def _connect(self) -> ScriptedSender:
        if self.unreachable:
            raise self.unreachable.pop(0)
        return ScriptedSender(lambda name: self.answers.get(name, STORED), self.log)

    def _transform(self, delivery: Delivery, file: SpoolFile) -> Outgoing | Excluded:
        name = delivery.instance.identifiers.sop_instance_uid
        self.log.append(f"prepare {name}")
        self.on_prepare.get(name, bool)()
        fault = self.faults.get(name)
        if isinstance(fault, Exception):
            raise fault
        return fault or as_it_is(delivery, file)


def outgoing_of(number: int, dataset: bytes, syntax_uid: str = EXPLICIT_LE.uid, destination_id: int = 1) -> Outgoing:
    """An instance ready to go out, outside any lane."""
    syntax = transfer_syntax(syntax_uid)
    incoming = make_incoming(transfer_syntax_uid=syntax_uid)
    spool = FakeSpool()
    draft = spool.draft(incoming)
    draft.write([memoryview(dataset)])
    size, digest = draft.keep()
    from philae.pipeline.body import identify_head

    identifiers = identify_head(dataset[:4096] if len(dataset) > 4096 else dataset, syntax)
    instance = Instance(number, "PHILAE", "CT01", "10.0.0.1", identifiers, syntax_uid, size, digest, datetime.now(UTC))
    file = TrackedFile(spool.files[draft.id].data, syntax_uid)
    return as_it_is(Delivery(instance, destination_id, 1, 0), file)

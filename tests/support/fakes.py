"""The ledger and the spool in memory, held to the same contract as the real ones."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile

from xxhash import xxh3_128_digest

from philae.dicom.part10 import read_meta, write_meta
from philae.dicom.scan import Encoded
from philae.dicom.syntax import transfer_syntax
from philae.pipeline.body import HEAD_BYTES
from philae.pipeline.circuit import Trouble
from philae.pipeline.model import Delivery, Incoming, Instance, Lane, Settlement
from philae.pipeline.outcome import FINISHED, State, check_transition
from philae.pipeline.ports import NotRecorded, SpoolFileMissing, SpoolFull
from philae.pipeline.retention import Retention
from philae.store.instance_ids import InstanceIds
from philae.store.reading import LedgerCounts
from philae.store.rows import slot_of

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class _Delivery:
    instance: Instance
    destination_id: int
    config_version: int
    state: State = State.QUEUED
    attempts: int = 0
    not_before: datetime = BEGINNING
    worker: str = ""

    def runs_on(self, lane: Lane) -> bool:
        return lane.destination_id == self.destination_id and slot_of(self.instance) % lane.count == lane.index

    def requeue(self) -> None:
        self.state, self.worker = State.QUEUED, ""


class FakeLedger:
    """`philae.pipeline.ports.Ledger` in memory, for one thread."""

    def __init__(self) -> None:
        self._instances: dict[int, Instance] = {}
        self._deliveries: dict[tuple[int, int], _Delivery] = {}
        self._spooled: set[int] = set()
        self.troubles: dict[int, Trouble | None] = {}
        self._leases: dict[Lane, tuple[str, datetime]] = {}

    def open(self, instance: Instance, destination_ids: Sequence[int], config_version: int) -> None:
        if instance.id in self._instances:
            raise NotRecorded("there is one already")
        self._instances[instance.id] = instance
        self._spooled.add(instance.id)
        for number in destination_ids:
            self._deliveries[instance.id, number] = _Delivery(instance, number, config_version)

    def acquire(self, lanes: Collection[Lane], worker: str, lease: timedelta) -> set[Lane]:
        now = datetime.now(UTC)
        for lane, (holder, until) in list(self._leases.items()):
            given_up = holder == worker and lane not in lanes and not any(self._sending(worker, lane))
            if given_up or (holder != worker and until <= now):
                del self._leases[lane]
        held = {lane for lane in lanes if not any(self._excludes(other, lane, worker) for other in self._leases)}
        for lane in held:
            self._leases[lane] = worker, now + lease
        for each in self._deliveries.values():
            if each.state is State.SENDING and each.worker != worker and any(map(each.runs_on, held)):
                each.requeue()
        return held

    def release(self, worker: str) -> None:
        self._leases = {lane: held for lane, held in self._leases.items() if held[0] != worker}
        for each in self._deliveries.values():
            if each.state is State.SENDING and each.worker == worker:
                each.requeue()

    def claim(self, lane: Lane, worker: str, limit: int, now: datetime) -> list[Delivery]:
        holder, until = self._leases.get(lane, ("", BEGINNING))
        if holder != worker or until <= datetime.now(UTC):
            return []
        queued = sorted(
            (each for each in self._deliveries.values() if each.state is State.QUEUED and each.runs_on(lane)),
            key=lambda each: each.instance.id,
        )
        due = list(takewhile(lambda each: each.not_before <= now, queued[:limit]))
        for each in due:
            each.state, each.worker = State.SENDING, worker
        return [Delivery(each.instance, each.destination_id, each.config_version, each.attempts) for each in due]

    def queued(self) -> set[int]:
        return {each.destination_id for each in self._deliveries.values() if each.state is State.QUEUED}

    def settle(self, settlements: Sequence[Settlement], worker: str) -> None:
        for settlement in settlements:
            check_transition(State.SENDING, settlement.state)
        for settlement in settlements:
            each = self._deliveries[settlement.delivery.instance.id, settlement.delivery.destination_id]
            if each.state is not State.SENDING or each.worker != worker:
                continue
            each.state, each.worker = settlement.state, ""
            each.not_before = settlement.not_before or BEGINNING
            each.attempts += settlement.not_before is not None or settlement.state is State.FAILED

    def states_of(self, instance_id: int) -> Collection[State]:
        return [each.state for each in self._deliveries.values() if each.instance.id == instance_id]

    def finished(self, limit: int) -> list[int]:
        busy = {each.instance.id for each in self._deliveries.values() if each.state not in FINISHED}
        return sorted(self._spooled - busy)[:limit]

    def dropped(self, instance_ids: Collection[int]) -> None:
        self._spooled -= set(instance_ids)

    def known(self, instance_ids: Collection[int]) -> set[int]:
        return set(instance_ids) & self._spooled

    def reconcile(self, now: datetime) -> int:
        live = {lane: holder for lane, (holder, until) in self._leases.items() if until > now}
        lost = [
            each
            for each in self._deliveries.values()
            if each.state is State.SENDING
            and not any(holder == each.worker and each.runs_on(lane) for lane, holder in live.items())
        ]
        for each in lost:
            each.requeue()
        return len(lost)

    def forget(self, retention: Retention, now: datetime, limit: int) -> bool:
        """Remembers everything."""
        return False

    def note_contact(self, destination_id: int, trouble: Trouble | None) -> None:
        self.troubles[destination_id] = trouble

    def down_since(self, destination_id: int) -> datetime | None:
        trouble = self.troubles.get(destination_id)
        return trouble.since if trouble is not None else None

    def counts(self) -> LedgerCounts:
        by_destination: dict[int, dict[State, int]] = defaultdict(lambda: dict.fromkeys(State, 0))
        for each in self._deliveries.values():
            by_destination[each.destination_id][each.state] += 1
        return LedgerCounts(
            by_node=dict(Counter(instance.node for instance in self._instances.values())),
            opened_by_destination={key: sum(states.values()) for key, states in by_destination.items()},
            by_destination=dict(by_destination),
        )

    def _sending(self, worker: str, lane: Lane) -> Iterator[_Delivery]:
        for each in self._deliveries.values():
            if each.state is State.SENDING and each.worker == worker and each.runs_on(lane):
                yield each

    def _excludes(self, other: Lane, lane: Lane, worker: str) -> bool:
        other_holder = other == lane and self._leases[other][0] != worker
        return other.destination_id == lane.destination_id and (other.count != lane.count or other_holder)


@dataclass
class _Bytes:
    data: bytes
    written_at: float


class FakeSpool:
    """`philae.pipeline.ports.Spool` in memory; ``full`` makes it refuse everything."""

    def __init__(self) -> None:
        self.files: dict[int, _Bytes] = {}
        self.full = False
        self._ids = InstanceIds()

    def draft(self, incoming: Incoming) -> FakeDraft:
        if self.full:
            raise SpoolFull("the fake is full")
        return FakeDraft(self, self._ids.next(), incoming)

    def open(self, instance: Instance) -> FakeFile:
        if instance.id not in self.files:
            raise SpoolFileMissing(f"{instance.id:x}")
        return FakeFile(self.files[instance.id].data, instance.transfer_syntax_uid)

    def drop(self, instance_ids: Iterable[int]) -> None:
        for number in instance_ids:
            self.files.pop(number, None)

    def ids(self, older_than: timedelta) -> Iterator[int]:
        before = time.time() - older_than.total_seconds()
        return iter([number for number, file in self.files.items() if file.written_at < before])


class FakeDraft:
    def __init__(self, spool: FakeSpool, number: int, incoming: Incoming) -> None:
        self.id = number
        self._spool = spool
        meta = write_meta(
            incoming.sop_class_uid,
            incoming.sop_instance_uid,
            incoming.transfer_syntax_uid,
            incoming.calling_ae_title,
        )
        self._offset = len(meta)
        spool.files[number] = _Bytes(meta, time.time())

    @property
    def head(self) -> bytes:
        return self._spool.files[self.id].data[self._offset : self._offset + HEAD_BYTES]

    def write(self, parts: Sequence[memoryview]) -> None:
        if self._spool.full:
            self.discard()
            raise SpoolFull("the fake is full")
        file = self._spool.files[self.id]
        self._spool.files[self.id] = replace(file, data=b"".join([file.data, *parts]))

    def keep(self) -> tuple[int, bytes]:
        if self.id not in self._spool.files:
            raise SpoolFull("the file is gone")
        data = self._spool.files[self.id].data
        return len(data), xxh3_128_digest(data[self._offset :])

    def discard(self) -> None:
        self._spool.files.pop(self.id, None)


class FakeFile:
    def __init__(self, data: bytes, transfer_syntax_uid: str) -> None:
        self._data = data
        self.encoded = Encoded(data, read_meta(data).dataset_offset, len(data), transfer_syntax(transfer_syntax_uid))

    def blocks(self, start: int, end: int) -> Iterator[memoryview]:
        yield memoryview(self._data)[start:end]

    def close(self) -> None:
        """Nothing is open."""


class FakeBell:
    """`philae.pipeline.ports.Bell` that only counts."""

    def __init__(self) -> None:
        self.rings = 0

    def ring(self) -> None:
        self.rings += 1

    def wait(self, timeout_s: float) -> bool:
        """Returns at once."""
        return False

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import RLock, Thread
from time import sleep
from typing import Any, ClassVar

import pytest
from typing_extensions import override

from philae.app import housekeeping
from philae.app.worker import Worker, World
from philae.config.configuration import Configuration
from philae.config.destination import Destination
from philae.config.kinds import DestinationSettings
from philae.destinations.folder import FolderSettings
from philae.pipeline.model import Delivery, Instance, Lane, Settlement
from philae.pipeline.outcome import State
from philae.pipeline.path import accept
from philae.pipeline.ports import LedgerUnavailable
from tests.support.album_shares import FakeShares
from tests.support.commitments import FakeCommitments
from tests.support.fakes import FakeLedger, FakeSpool
from tests.support.instances import make_incoming
from tests.support.lanes import ct_dataset, make_node
from tests.support.pseudonyms import FakeTable

MINUTE = timedelta(minutes=1)


class Many(DestinationSettings):
    """A destination with as many lanes as a test wants."""

    kind_name: ClassVar[str] = "many"
    kind: str = "many"
    count: int = 2

    @property
    @override
    def lanes(self) -> int:
        return self.count


class Configurations:
    """The versions that a test applied."""

    def __init__(self) -> None:
        self.versions: list[Configuration] = [Configuration()]

    def current(self) -> Configuration:
        return self.versions[-1]

    def version(self, number: int) -> Configuration:
        return self.versions[number]

    def apply(self, configuration: Configuration) -> Configuration:
        self.versions.append(configuration.model_copy(update={"version": len(self.versions)}))
        return self.versions[-1]


class Ledger(FakeLedger):
    """For many threads; notes the order of what is dropped."""

    def __init__(self, happened: list[str]) -> None:
        super().__init__()
        self._lock = RLock()
        self._happened = happened
        self.fault: LedgerUnavailable | None = None
        self.known_asked: list[int] = []

    @override
    def claim(self, lane: Lane, worker: str, limit: int, now: datetime) -> list[Delivery]:
        with self._lock:
            return super().claim(lane, worker, limit, now)

    @override
    def queued(self) -> set[int]:
        if self.fault is not None:
            raise self.fault
        with self._lock:
            return super().queued()

    @override
    def settle(self, settlements: Sequence[Settlement], worker: str) -> None:
        with self._lock:
            super().settle(settlements, worker)

    @override
    def acquire(self, lanes: Collection[Lane], worker: str, lease: timedelta) -> set[Lane]:
        if self.fault is not None:
            raise self.fault
        with self._lock:
            return super().acquire(lanes, worker, lease)

    @override
    def finished(self, limit: int) -> list[int]:
        with self._lock:
            return super().finished(limit)

    @override
    def dropped(self, instance_ids: Collection[int]) -> None:
        if self.fault is not None:
            raise self.fault
        self._happened.append("dropped")
        super().dropped(instance_ids)

    @override
    def release(self, worker: str) -> None:
        if self.fault is not None:
            raise self.fault
        self._happened.append("release")
        super().release(worker)

    @override
    def known(self, instance_ids: Collection[int]) -> set[int]:
        self.known_asked.append(len(instance_ids))
        return super().known(instance_ids)

    def states(self, destination_id: int = 1) -> dict[State, int]:
        with self._lock:
            return {state: count for state, count in self.counts().by_destination[destination_id].items() if count}


class Spool(FakeSpool):
    def __init__(self, happened: list[str]) -> None:
        super().__init__()
        self._happened = happened

    @override
    def drop(self, instance_ids: Any) -> None:
        self._happened.append("drop")
        super().drop(instance_ids)


class Bell:
    """Rings whenever it is asked."""

    def ring(self) -> None:
        raise NotImplementedError

    def wait(self, timeout_s: float) -> bool:
        sleep(0.001)
        return True


class Site:
    """A worker, what it works with, and a folder as destination."""

    def __init__(self, root: Path) -> None:
        self.happened: list[str] = []
        self.configurations = Configurations()
        self.ledger = Ledger(self.happened)
        self.spool = Spool(self.happened)
        self.root = root
        self.worker = Worker(
            "w1",
            World(
                self.configurations,
                self.spool,
                self.ledger,
                Bell(),
                FakeTable(),
                FakeShares(),
                self,
                FakeCommitments(),
            ),
            lease=MINUTE,
            orphan_age=timedelta(0),
        )

    def open(self, destination_id: int, *_: object) -> int:
        """As `Fallbacks`."""
        self.happened.append(f"fall back from {destination_id}")
        return 0

    def apply(self, *destinations: Destination) -> None:
        self.configurations.apply(Configuration(forward_nodes=(make_node(*destinations),) if destinations else ()))

    def accept(self, uid: str = "1.2.3.4") -> Instance:
        configuration = self.configurations.current()
        incoming = make_incoming(uid)
        draft = self.spool.draft(incoming)
        draft.write([memoryview(ct_dataset(uid))])
        return accept(incoming, draft, configuration.forward_nodes[0], configuration, self.ledger, datetime.now(UTC))

    def tend(self) -> set[Lane]:
        """Tend until nothing is stopping any more; the lanes that run."""
        while True:
            self.worker._tend(self.configurations.current())
            if not any(running.wake.stopped for running in self.worker._running.values()):
                return set(self.worker._running)
            sleep(0.001)

    def until(self, states: dict[State, int]) -> None:
        while self.ledger.states() != states:
            for running in list(self.worker._running.values()):
                running.wake.ring()
            sleep(0.001)

    def close(self) -> None:
        for running in self.worker._running.values():
            running.wake.stop()
            running.thread.join()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path / "out")
    yield site
    site.close()


def folder(root: Path, number: int = 1, *, enabled: bool = True) -> Destination:
    return Destination(id=number, name=f"d{number}", enabled=enabled, settings=FolderSettings(path=root))


def many(number: int, count: int) -> Destination:
    return Destination(id=number, name=f"d{number}", settings=Many(count=count))


def lanes(number: int, count: int) -> set[Lane]:
    return {Lane(number, index, count) for index in range(count)}


def test_every_lane_of_every_enabled_destination_runs(site: Site) -> None:
    site.apply(many(1, 3), many(2, 1), many(3, 2).model_copy(update={"enabled": False}))

    assert site.tend() == lanes(1, 3) | lanes(2, 1)


def test_a_ring_wakes_only_lanes_of_destinations_that_something_is_queued_for(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.apply(many(1, 2), many(2, 1))
    site.tend()
    monkeypatch.setattr(site.ledger, "queued", lambda: {1})

    site.worker._wake_lanes()

    assert {lane for lane, running in site.worker._running.items() if running.wake.count} == lanes(1, 2)


def test_a_ring_while_the_ledger_is_silent_wakes_nobody_and_ends_nothing(site: Site) -> None:
    site.apply(many(1, 1))
    site.tend()
    site.ledger.fault = LedgerUnavailable("no answer")

    site.worker._wake_lanes()

    assert [running.wake.count for running in site.worker._running.values()] == [0]


def test_a_lane_that_another_worker_holds_does_not_run_here(site: Site) -> None:
    site.apply(many(1, 2))
    site.ledger.acquire([Lane(1, 0, 2)], "w2", MINUTE)

    assert site.tend() == {Lane(1, 1, 2)}


def test_a_lane_that_another_worker_gave_up_is_taken(site: Site) -> None:
    site.apply(many(1, 2))
    site.ledger.acquire(lanes(1, 2), "w2", MINUTE)
    assert site.tend() == set()

    site.ledger.release("w2")

    assert site.tend() == lanes(1, 2)


def test_a_lane_that_was_lost_stops(site: Site) -> None:
    site.apply(many(1, 2))
    site.tend()
    site.ledger._leases[Lane(1, 0, 2)] = "w2", datetime.now(UTC) + MINUTE

    assert site.tend() == {Lane(1, 1, 2)}


def test_a_destination_that_was_disabled_stops_and_its_deliveries_wait(site: Site) -> None:
    site.apply(folder(site.root))
    site.tend()
    site.apply(folder(site.root, enabled=False))

    assert site.tend() == set()

    site.configurations.apply(site.configurations.versions[1])
    site.accept()
    site.apply(folder(site.root, enabled=False))
    assert site.tend() == set()
    assert site.ledger.states() == {State.QUEUED: 1}


@pytest.mark.parametrize("is_node", [False, True])
def test_what_is_paused_keeps_what_arrives_and_goes_on_when_it_ends(site: Site, is_node: bool) -> None:
    destination = folder(site.root).model_copy(update={"paused": not is_node})
    paused = make_node(destination).model_copy(update={"paused": is_node})
    site.configurations.apply(Configuration(forward_nodes=(paused,)))
    site.accept()

    assert site.tend() == set()
    assert site.ledger.states() == {State.QUEUED: 1}

    site.apply(folder(site.root))
    assert site.tend() == {Lane(1, 0, 1)}


def test_a_destination_with_another_number_of_lanes_gets_them(site: Site) -> None:
    site.apply(many(1, 3))
    site.tend()
    site.apply(many(1, 2))

    site.tend()

    assert site.tend() == lanes(1, 2)


def test_a_destination_with_other_settings_is_delivered_to_where_it_is_now(site: Site, tmp_path: Path) -> None:
    site.apply(folder(site.root))
    site.tend()
    before = site.worker._circuits._known[1][1]
    site.accept("1.2.3.1")
    site.until({State.SENT: 1})

    site.apply(folder(tmp_path / "elsewhere"))
    site.tend()
    site.accept("1.2.3.2")
    site.until({State.SENT: 2})

    assert [path.name for path in site.root.rglob("*.dcm")] == ["1.2.3.1.dcm"]
    assert [path.name for path in (tmp_path / "elsewhere").rglob("*.dcm")] == ["1.2.3.2.dcm"]
    assert site.worker._circuits._known[1][1] is not before


def test_what_waits_for_a_removed_destination_is_failed_in_words_and_not_forgotten(site: Site) -> None:
    site.apply(folder(site.root))
    instance = site.accept()
    site.apply()

    assert site.tend() == {Lane(1, 0, 1)}
    site.until({State.FAILED: 1})

    assert site.tend() == set()
    assert instance.id in site.spool.files


def test_the_worker_that_holds_the_first_lane_sees_to_the_fallback(site: Site) -> None:
    spare = many(3, 1)
    site.apply(*(many(number, 2).model_copy(update={"fallback": spare.name}) for number in (1, 2)), spare)
    site.ledger.acquire([Lane(2, 0, 2)], "w2", MINUTE)
    site.tend()

    site.worker._fall_back()

    assert site.happened == ["fall back from 1"]


def test_a_file_is_dropped_only_after_the_ledger_has_recorded_it(site: Site) -> None:
    site.apply(folder(site.root))
    site.accept()
    site.tend()
    site.until({State.SENT: 1})

    site.worker.housekeeping.drop_finished()

    assert site.happened == ["dropped", "drop"]
    assert not site.spool.files


def test_a_file_stays_when_the_ledger_cannot_record_its_end(site: Site) -> None:
    site.apply(folder(site.root))
    site.accept()
    site.tend()
    site.until({State.SENT: 1})
    site.ledger.fault = LedgerUnavailable("the database is gone")

    with pytest.raises(LedgerUnavailable):
        site.worker.housekeeping.drop_finished()

    assert len(site.spool.files) == 1


def test_a_file_stays_while_a_delivery_waits(site: Site) -> None:
    site.apply(folder(site.root), folder(site.root, 2, enabled=False).model_copy(update={"enabled": True}))
    site.accept()

    site.worker.housekeeping.drop_finished()

    assert len(site.spool.files) == 1


def test_more_files_than_are_dropped_at_once_are_all_dropped(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(housekeeping, "DROP_AT_ONCE", 2)
    site.configurations.apply(
        Configuration(forward_nodes=(make_node(many(1, 1).model_copy(update={"enabled": False})),))
    )
    for number in range(5):
        site.accept(f"1.2.3.{number}")

    site.worker.housekeeping.drop_finished()

    assert not site.spool.files
    assert site.happened == ["dropped", "drop"] * 3


def test_orphans_are_swept_a_few_at_a_time_and_accepted_instances_stay(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "DROP_AT_ONCE", 3)
    site.apply(folder(site.root))
    kept = [site.accept(f"1.2.3.{number}").id for number in range(4)]
    for number in range(4):
        site.spool.draft(make_incoming(f"9.{number}"))
    for file in site.spool.files.values():
        file.written_at -= 1

    site.worker.housekeeping.reconcile()

    assert sorted(site.spool.files) == sorted(kept)
    assert site.ledger.known_asked == [3, 3, 2]


def test_what_was_left_sending_without_a_lease_is_queued_again(site: Site) -> None:
    site.apply(folder(site.root))
    site.accept()
    lane = Lane(1, 0, 1)
    site.ledger.acquire([lane], "w0", MINUTE)
    site.ledger.claim(lane, "w0", 32, datetime.now(UTC))
    site.ledger._leases.clear()

    site.worker.housekeeping.reconcile()

    assert site.ledger.states() == {State.QUEUED: 1}


def test_a_worker_delivers_drops_and_gives_its_lanes_back_when_stopped(site: Site) -> None:
    site.apply(folder(site.root))
    for number in range(5):
        site.accept(f"1.2.3.{number}")
    thread = Thread(target=site.worker.run)
    thread.start()

    site.until({State.SENT: 5})
    site.worker.stop()
    thread.join(60)

    assert not thread.is_alive()
    assert len(list(site.root.rglob("*.dcm"))) == 5
    assert not site.spool.files
    assert site.happened[-1] == "release"
    assert not site.ledger._leases


def test_a_ledger_that_is_gone_stops_no_worker_and_a_worker_stops_without_it(site: Site) -> None:
    site.ledger.fault = LedgerUnavailable("the database is gone")
    site.apply(folder(site.root))
    thread = Thread(target=site.worker.run)
    thread.start()
    site.accept()

    site.ledger.fault = None
    site.until({State.SENT: 1})
    site.ledger.fault = LedgerUnavailable("the database is gone")
    site.worker.stop()
    thread.join(60)

    assert not thread.is_alive()

"""A worker process: holds lanes, keeps their runners going and does the ledger's housekeeping."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from philae.app.removed import RemovedSender
from philae.destinations import sender_for
from philae.pipeline.circuit import Circuit
from philae.pipeline.lane import LaneRunner
from philae.pipeline.model import Lane
from philae.pipeline.outcome import WAITING
from philae.pipeline.ports import LedgerUnavailable
from philae.pipeline.record import Patience
from philae.pipeline.retry import RetryCurve
from philae.pipeline.transform import Transform
from philae.pipeline.wake import Wake
from philae.pseudonyms import pseudonym_source

if TYPE_CHECKING:
    from philae.config.model import Configuration, Destination
    from philae.pipeline.ports import Bell, ConfigStore, Ledger, Sender, Spool

log = logging.getLogger(__name__)

TICK_S = 0.5
GATHER_S = 0.01
"""After a ring, further rings are gathered for this long: idle lanes need not look for each instance of a stream."""
RECONCILE_EVERY_S = 60.0
DROP_AT_ONCE = 512


@dataclass(frozen=True, slots=True)
class World:
    """What a worker works with."""

    configurations: ConfigStore
    spool: Spool
    ledger: Ledger
    bell: Bell


@dataclass(slots=True)
class _Running:
    """A lane's thread, what tells it to stop, and the destination it was started with."""

    thread: Thread
    wake: Wake
    destination: Destination | None


class Worker:
    """Runs the lanes that it can get a lease of, until told to stop."""

    def __init__(self, name: str, world: World, *, lease: timedelta, orphan_age: timedelta) -> None:
        self._name = name
        self._world = world
        self._lease = lease
        self._orphan_age = orphan_age
        self._transform = Transform(world.configurations, pseudonym_source)
        self._running: dict[Lane, _Running] = {}
        self._circuits: dict[int, tuple[Destination | None, Circuit]] = {}
        self._wake = Wake()
        self._tended_version = -1
        self._tend_at = 0.0

    def stop(self) -> None:
        """Finish what is in hand and return from `run`. Safe in a signal handler's thread."""
        self._wake.stop()

    def run(self) -> None:
        """Tend lanes and ledger until stopped, then give the lanes back."""
        Thread(target=self._listen, name="bell", daemon=True).start()
        reconcile_at = monotonic()
        while not self._wake.stopped:
            try:
                self._tend_when_due()
                self._drop_finished()
                if monotonic() >= reconcile_at:
                    self._reconcile()
                    reconcile_at = monotonic() + RECONCILE_EVERY_S
            except LedgerUnavailable as error:
                log.error("ledger.unavailable", extra={"reason": str(error)})
            self._wake.wait(self._wake.count, TICK_S)
        for running in self._running.values():
            running.wake.stop()
        for running in self._running.values():
            running.thread.join()
        try:
            self._drop_finished()
            self._world.ledger.release(self._name)
        except LedgerUnavailable as error:  # the leases end by themselves
            log.error("ledger.unavailable", extra={"reason": str(error)})

    def _listen(self) -> None:
        while not self._wake.stopped:
            if self._world.bell.wait(TICK_S):
                for running in list(self._running.values()):
                    running.wake.ring()
                sleep(GATHER_S)

    def _tend_when_due(self) -> None:
        configuration = self._world.configurations.current()
        is_changing = any(running.wake.stopped for running in self._running.values())
        if is_changing or configuration.version != self._tended_version or monotonic() >= self._tend_at:
            self._tend(configuration)
            self._tended_version = configuration.version
            self._tend_at = monotonic() + self._lease.total_seconds() / 5

    def _tend(self, configuration: Configuration) -> None:
        """Renew leases, start runners of lanes gained, stop those lost or configured anew."""
        wanted = self._wanted(configuration)
        held = self._world.ledger.acquire(wanted.keys(), self._name, self._lease)
        for lane, running in list(self._running.items()):
            if lane not in held or running.destination != wanted[lane]:
                running.wake.stop()
            if not running.thread.is_alive():
                del self._running[lane]
        for lane in held - self._running.keys():
            self._start(lane, wanted[lane])

    def _wanted(self, configuration: Configuration) -> dict[Lane, Destination | None]:
        """The lanes of enabled destinations, and one lane for each removed destination that things still wait for."""
        wanted: dict[Lane, Destination | None] = {}
        configured: set[int] = set()
        for node in configuration.forward_nodes:
            for destination in node.destinations:
                configured.add(destination.id)
                count = destination.settings.lanes
                if destination.enabled:
                    wanted |= {Lane(destination.id, index, count): destination for index in range(count)}
        for destination_id, states in self._world.ledger.counts().by_destination.items():
            if destination_id not in configured and any(states.get(state, 0) for state in WAITING):
                wanted[Lane(destination_id, 0, 1)] = None
        return wanted

    def _start(self, lane: Lane, destination: Destination | None) -> None:
        curve = RetryCurve()
        if destination is not None:
            curve = RetryCurve(base_s=destination.retry.base_s, cap_s=destination.retry.cap_s)
        wake = Wake()
        runner = LaneRunner(
            lane=lane,
            worker=self._name,
            ledger=self._world.ledger,
            spool=self._world.spool,
            transform=self._transform,
            connect=lambda: self._sender(lane.destination_id),
            circuit=self._circuit(lane.destination_id, destination, curve),
            patience=Patience(curve),
            wake=wake,
        )
        thread = Thread(target=runner.run, name=f"lane-{lane.destination_id}-{lane.index}", daemon=True)
        self._running[lane] = _Running(thread, wake, destination)
        thread.start()

    def _circuit(self, destination_id: int, destination: Destination | None, curve: RetryCurve) -> Circuit:
        """One circuit for all lanes of a destination, as long as it stays configured as it is."""
        known = self._circuits.get(destination_id)
        if known is None or known[0] != destination:
            known = self._circuits[destination_id] = destination, Circuit(curve)
        return known[1]

    def _sender(self, destination_id: int) -> Sender:
        found = self._world.configurations.current().destination(destination_id)
        if found is None:
            return RemovedSender()
        node, destination = found
        return sender_for(destination.settings, node)

    def _drop_finished(self) -> None:
        while finished := self._world.ledger.finished(DROP_AT_ONCE):
            self._world.ledger.dropped(finished)
            self._world.spool.drop(finished)
            if len(finished) < DROP_AT_ONCE:
                return

    def _reconcile(self) -> None:
        requeued = self._world.ledger.reconcile(datetime.now(UTC))
        if requeued:
            log.warning("ledger.requeued", extra={"deliveries": requeued})
        old = self._world.spool.ids(older_than=self._orphan_age)
        while some := list(islice(old, DROP_AT_ONCE)):
            orphans = set(some) - self._world.ledger.known(some)
            if orphans:
                self._world.spool.drop(orphans)
                log.warning("spool.orphans_dropped", extra={"files": len(orphans)})

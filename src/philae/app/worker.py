"""A worker process: holds lanes, keeps their runners going and does the ledger's housekeeping."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from threading import Thread
from time import monotonic, sleep
from typing import TYPE_CHECKING

from philae.app.circuits import Circuits
from philae.app.housekeeping import Housekeeping
from philae.app.removed import RemovedSender
from philae.destinations import sender_for
from philae.destinations.dicom import Committing
from philae.destinations.stow import Sharing
from philae.pipeline.albums import AlbumChoice
from philae.pipeline.condition import ConditionFilter
from philae.pipeline.description import Describing
from philae.pipeline.fallback import fall_back
from philae.pipeline.hours import ClosedFor
from philae.pipeline.lane import LaneRunner
from philae.pipeline.model import Lane
from philae.pipeline.outcome import WAITING
from philae.pipeline.ports import LedgerUnavailable
from philae.pipeline.record import Patience
from philae.pipeline.retention import DEFAULT_RETENTION
from philae.pipeline.retry import RetryCurve
from philae.pipeline.sop_class_filter import SopClassFilter
from philae.pipeline.transform import Transform
from philae.pipeline.wake import Wake
from philae.pseudonyms import PseudonymSources
from philae.pseudonyms.web_services import answer, ask

if TYPE_CHECKING:
    from collections.abc import Callable

    from philae.app.rounds import Rounds
    from philae.app.telling import Telling
    from philae.config.configuration import Configuration
    from philae.config.destination import Destination
    from philae.deid.requests import Request
    from philae.pipeline.album_shares import AlbumShares
    from philae.pipeline.commitments import Commitments
    from philae.pipeline.path import Transforming
    from philae.pipeline.ports import Bell, ConfigStore, Fallbacks, Ledger, PseudonymTable, Sender, Spool
    from philae.pipeline.retention import Retention

log = logging.getLogger(__name__)

TICK_S = 0.5
GATHER_S = 0.01
"""After a ring, further rings are gathered for this long: idle lanes need not look for each instance of a stream."""
GATHER_MOST_S = 0.04
"""The same while rings keep coming."""
RECONCILE_EVERY_S = 60.0
FALL_BACK_EVERY_S = 2.0


@dataclass(frozen=True, slots=True)
class World:
    """What a worker works with."""

    configurations: ConfigStore
    spool: Spool
    ledger: Ledger
    bell: Bell
    pseudonyms: PseudonymTable
    shares: AlbumShares
    fallbacks: Fallbacks
    commitments: Commitments


@dataclass(slots=True)
class _Running:
    """A lane's thread, what tells it to stop, and the destination it was started with."""

    thread: Thread
    wake: Wake
    destination: Destination | None


class Worker:
    """Runs the lanes that it can get a lease of, until told to stop."""

    def __init__(
        self,
        name: str,
        world: World,
        *,
        lease: timedelta,
        orphan_age: timedelta,
        telling: Telling | None = None,
        rounds: Rounds | None = None,
        retention: Retention = DEFAULT_RETENTION,
    ) -> None:
        self._name = name
        self._world = world
        self._lease = lease
        self.housekeeping = Housekeeping(world.spool, world.ledger, world.pseudonyms, retention, orphan_age)
        sources = PseudonymSources(world.pseudonyms, self._answer)
        wanted = ConditionFilter(world.configurations, Transform(world.configurations, sources, ask))
        self._transform: Transforming = AlbumChoice(world.configurations, SopClassFilter(world.configurations, wanted))
        self._errands: dict[str, Callable[[Wake], None]] = {
            "albums": Sharing(world.shares, world.configurations).run,
            "commitment": Committing(world.commitments, world.configurations).run,
        }
        self._telling = telling
        if telling is not None:
            self._transform = Describing(self._transform, telling.notified)
            self._errands["post"] = telling.post.run
        if rounds is not None:
            self._errands["doctor"] = partial(rounds.run, held=self._first_lanes)
        self._runners: dict[str, Thread] = {}
        self._running: dict[Lane, _Running] = {}
        self._circuits = Circuits(world.ledger)
        self._wake = Wake()
        self._tended_version = -1
        self._tend_at = 0.0

    def stop(self) -> None:
        """Finish what is in hand and return from `run`. Safe in a signal handler's thread."""
        self._wake.stop()

    def run(self) -> None:
        """Tend lanes and ledger until stopped, then give the lanes back."""
        Thread(target=self._listen, name="bell", daemon=True).start()
        reconcile_at = fall_back_at = monotonic()
        while not self._wake.stopped:
            try:
                self._tend_when_due()
                self.housekeeping.drop_finished()
                self.housekeeping.forget_some()
                self._circuits.note()
                if monotonic() >= fall_back_at:
                    self._fall_back()
                    fall_back_at = monotonic() + FALL_BACK_EVERY_S
                if monotonic() >= reconcile_at:
                    self._keep_running()
                    self.housekeeping.reconcile()
                    reconcile_at = monotonic() + RECONCILE_EVERY_S
            except LedgerUnavailable as error:
                log.error("ledger.unavailable", extra={"reason": str(error)})
            self._wake.wait(self._wake.count, TICK_S)
        for running in self._running.values():
            running.wake.stop()
        for running in self._running.values():
            running.thread.join()
        try:
            self.housekeeping.drop_finished()
            self._world.ledger.release(self._name)
        except LedgerUnavailable as error:  # the leases end by themselves
            log.error("ledger.unavailable", extra={"reason": str(error)})

    def _answer(self, request: Request) -> str | None:
        return answer(self._world.configurations.current().web_services, request)

    def _keep_running(self) -> None:
        """Mail, albums and storage commitment have a thread each: a server that hangs holds up nothing else."""
        for name, run in self._errands.items():
            if name not in self._runners or not self._runners[name].is_alive():
                self._runners[name] = Thread(target=run, args=(self._wake,), name=name, daemon=True)
                self._runners[name].start()

    def _listen(self) -> None:
        gather_s = GATHER_S
        while not self._wake.stopped:
            began = monotonic()
            if self._world.bell.wait(TICK_S):
                is_stream = monotonic() - began < GATHER_S / 10
                gather_s = min(2 * gather_s, GATHER_MOST_S) if is_stream else GATHER_S
                self._wake_lanes()
                sleep(gather_s)

    def _wake_lanes(self) -> None:
        """Those of destinations that something is queued for: hundreds of idle ones need not look."""
        try:
            queued = self._world.ledger.queued()
        except LedgerUnavailable as error:  # lanes look by themselves, too, if not at once
            log.error("ledger.unavailable", extra={"reason": str(error)})
            return
        for lane, running in list(self._running.items()):
            if lane.destination_id in queued:
                running.wake.ring()

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
        """The lanes of enabled destinations that nobody paused; one for each removed one that things still wait for."""
        wanted: dict[Lane, Destination | None] = {}
        configured: set[int] = set()
        for node in configuration.forward_nodes:
            for destination in node.destinations:
                configured.add(destination.id)
                count = destination.settings.lanes
                if node.sends_to(destination):
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
            circuit=self._circuits.of(lane.destination_id, destination, curve),
            patience=Patience(curve),
            wake=wake,
            journal=self._telling.clinical.note if self._telling is not None else len,
            closed_s=ClosedFor(destination.hours) if destination is not None else float,
        )
        thread = Thread(target=runner.run, name=f"lane-{lane.destination_id}-{lane.index}", daemon=True)
        self._running[lane] = _Running(thread, wake, destination)
        thread.start()

    def _sender(self, destination_id: int) -> Sender:
        configuration = self._world.configurations.current()
        found = configuration.destination(destination_id)
        if found is None:
            return RemovedSender()
        node, destination = found
        return sender_for(destination, node, configuration.web_services)

    def _first_lanes(self) -> frozenset[int]:
        """The destinations whose first lane is here: what is done once for each is done by this worker."""
        return frozenset(lane.destination_id for lane in list(self._running) if lane.index == 0)

    def _fall_back(self) -> None:
        """For each destination, the worker that holds its first lane sees to its fallback."""
        configuration, now = self._world.configurations.current(), datetime.now(UTC)
        for number in self._first_lanes():
            trouble = self._circuits.trouble_of(number)
            opened = fall_back(number, trouble, configuration, self._world.fallbacks, now)
            if opened:
                log.warning("delivery.fallback", extra={"destination": number, "deliveries": opened})
                self._world.bell.ring()

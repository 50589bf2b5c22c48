"""Works off one destination's deliveries in order, batch by batch."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from time import monotonic, sleep
from typing import TYPE_CHECKING

from philae.pipeline import record
from philae.pipeline.outcome import DELIVERED, State, TryAgain
from philae.pipeline.path import Preparation, forward
from philae.pipeline.ports import LedgerUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from philae.pipeline.circuit import Circuit
    from philae.pipeline.model import Delivery, Lane, Settlement
    from philae.pipeline.path import Transforming
    from philae.pipeline.ports import Ledger, Sender, Spool
    from philae.pipeline.wake import Wake

log = logging.getLogger(__name__)

ANSWERED = DELIVERED | {State.FAILED}
BATCH = 32
SETTLE_EVERY_S = 0.5
IDLE_CLOSE_S = 15.0
"""An idle connection is given up after this long."""
LOOK_EVERY_S = 1.0
"""A lane looks for work this often even when nobody wakes it: a delayed retry becomes due without a bell."""
SELDOM_LOOK_S = 5.0
"""The same for a lane that has been idle for long: fifty of them must cost nothing."""


@dataclass(slots=True, kw_only=True)
class LaneRunner:
    """One lane: claims a batch, forwards it, settles it, until told to stop."""

    lane: Lane
    worker: str
    ledger: Ledger
    spool: Spool
    transform: Transforming
    connect: Callable[[], Sender]
    circuit: Circuit
    patience: record.Patience
    wake: Wake
    journal: Callable[[Sequence[Settlement]], object] = len
    """Is told how attempts ended before the ledger is: after a crash in between it is told again, not never."""
    closed_s: Callable[[], float] = float
    """Seconds until the destination may be sent to; 0 while it may."""
    _sender: Sender | None = field(default=None, init=False)

    def run(self) -> None:
        """Work until told to stop; then take leave of the destination."""
        idle_s = 2 * IDLE_CLOSE_S
        while not self.wake.stopped:
            seen = self.wake.count
            pause_s = self.closed_s() or self.circuit.wait_s()
            if pause_s == 0.0:
                if self.work_off_a_batch():
                    idle_s = 0.0
                    continue
                self.circuit.not_tried()
            look_s = LOOK_EVERY_S if idle_s <= IDLE_CLOSE_S else SELDOM_LOOK_S
            idle_s += self.wake.wait(seen, min(pause_s or look_s, look_s))
            if idle_s > IDLE_CLOSE_S:
                self._hang_up()
        self._hang_up()

    def work_off_a_batch(self) -> bool:
        """Claim, forward and settle one batch; whether it is worth while to ask for another at once."""
        try:
            deliveries = self.ledger.claim(self.lane, self.worker, BATCH, datetime.now(UTC))
        except LedgerUnavailable as error:
            _log_unavailable(error)
            return False
        return bool(deliveries) and self._work_off(_Batch(deliveries))

    def _work_off(self, batch: _Batch) -> bool:
        preparation = Preparation(
            batch.deliveries,
            self.spool,
            self.transform,
            self.patience,
            lambda: self.wake.stopped or self.closed_s() > 0.0,
        )
        broken: Exception | None = None
        try:
            self._forward(batch, preparation)
        except Exception as error:  # noqa: BLE001 - the lane's edge: whatever it is, the instance is held, not lost
            broken = error
            self._broke_off(batch, preparation, error)
        self._settle([*batch.ended(), *batch.rest()])
        if broken is not None:
            self._hang_up()
        return not isinstance(broken, LedgerUnavailable)

    def _forward(self, batch: _Batch, preparation: Preparation) -> None:
        settle_at = monotonic() + SETTLE_EVERY_S
        for settlement in forward(preparation, self._connected(), self.patience, datetime.now(UTC)):
            batch.note(settlement)
            if settlement.state in ANSWERED:
                self.circuit.succeeded()
            if monotonic() > settle_at:
                self._settle(batch.ended())
                settle_at = monotonic() + SETTLE_EVERY_S

    def _broke_off(self, batch: _Batch, preparation: Preparation, error: Exception) -> None:
        """Decide by what broke a batch off who is to blame: the destination, the ledger or one instance."""
        for settlement in preparation.ended():
            batch.note(settlement)
        if isinstance(error, TryAgain):
            self._unreachable(error)
        elif isinstance(error, LedgerUnavailable):
            _log_unavailable(error)
        else:
            culprit = preparation.in_hand or batch.first_open()
            log.error("delivery.unexpected", exc_info=error, extra={"instance": culprit and culprit.instance.id})
            if culprit is not None:
                reason = f"unexpected {type(error).__name__} in the gateway; its log says more"
                batch.note(record.ended(culprit, State.HELD, reason, "Unexpected"))

    def _settle(self, settlements: Sequence[Settlement]) -> None:
        """Record what happened, however long the ledger takes to listen: it is all that is known of it."""
        untold = settlements
        while True:
            try:
                self.journal(untold)
                untold = ()
                self.ledger.settle(settlements, self.worker)
            except LedgerUnavailable as error:
                _log_unavailable(error)
                sleep(LOOK_EVERY_S)
            else:
                return

    def _connected(self) -> Sender:
        if self._sender is None:
            self._sender = self.connect()
        return self._sender

    def _unreachable(self, error: TryAgain) -> None:
        delay_s = self.circuit.failed(str(error))
        log.warning(
            "destination.unreachable",
            extra={"destination": self.lane.destination_id, "reason": str(error), "again_in_s": round(delay_s, 1)},
        )

    def _hang_up(self) -> None:
        if self._sender is not None:
            self._sender.close()
            self._sender = None


class _Batch:
    """The deliveries that a lane has claimed, and how far it got with them."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.deliveries = deliveries
        self._open = {delivery.instance.id: delivery for delivery in deliveries}
        self._ended: list[Settlement] = []

    def note(self, settlement: Settlement) -> None:
        del self._open[settlement.delivery.instance.id]
        self._ended.append(settlement)

    def ended(self) -> list[Settlement]:
        """What was noted since the last call."""
        ended, self._ended = self._ended, []
        return ended

    def first_open(self) -> Delivery | None:
        return next(iter(self._open.values()), None)

    def rest(self) -> list[Settlement]:
        """What the batch did not come to."""
        return [record.not_tried(delivery) for delivery in self._open.values()]


def _log_unavailable(error: LedgerUnavailable) -> None:
    log.error("ledger.unavailable", extra={"reason": str(error)})

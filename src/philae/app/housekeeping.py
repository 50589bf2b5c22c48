"""What a worker does for spool and ledger besides delivering: nothing stays behind, nothing is forgotten too early."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

    from philae.pipeline.ports import Ledger, PseudonymTable, Spool
    from philae.pipeline.retention import Retention

log = logging.getLogger(__name__)

DROP_AT_ONCE = 512
FORGET_AT_ONCE = 128
FORGET_STEPS = 8


@dataclass(slots=True)
class Housekeeping:
    """Each call is short. Raises `LedgerUnavailable`."""

    spool: Spool
    ledger: Ledger
    pseudonyms: PseudonymTable
    retention: Retention
    orphan_age: timedelta
    _may_forget: bool = False

    def drop_finished(self) -> None:
        """Remove the files of instances whose every delivery is finished."""
        while finished := self.ledger.finished(DROP_AT_ONCE):
            self.ledger.dropped(finished)
            self.spool.drop(finished)
            if len(finished) < DROP_AT_ONCE:
                return

    def forget_some(self) -> None:
        """Remove records beyond their retention, a few at a time: the lanes and intakes write in between."""
        if self._may_forget:
            forget, now = self.ledger.forget, datetime.now(UTC)
            self._may_forget = all(forget(self.retention, now, FORGET_AT_ONCE) for _ in range(FORGET_STEPS))

    def reconcile(self) -> None:
        """Queue again what no live lease covers, release what has its pseudonym now, sweep files that no row names."""
        self._may_forget = True
        requeued = self.ledger.reconcile(datetime.now(UTC))
        if requeued:
            log.warning("ledger.requeued", extra={"deliveries": requeued})
        released = self.pseudonyms.tend()
        if released:
            log.info("pseudonyms.released", extra={"deliveries": released})
        self._sweep()

    def _sweep(self) -> None:
        old = self.spool.ids(older_than=self.orphan_age)
        while some := list(islice(old, DROP_AT_ONCE)):
            orphans = set(some) - self.ledger.known(some)
            if orphans:
                self.spool.drop(orphans)
                log.warning("spool.orphans_dropped", extra={"files": len(orphans)})
